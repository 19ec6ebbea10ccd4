import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { bagOf } from './daemon-bag.ts';
import { digestMaker } from './daemon-digest.ts';
import { dispatcher } from './dispatch.ts';
import { defaultLifecycleState } from './lifecycle-state.ts';
import { lifecycleContext } from './testing/lifecycle-context.ts';

test('of a hundred tasks that end at once one digest is being made, and one after it that knows of all', async () => {
  const ctx = lifecycleContext(memoryFiles());
  const looks: (() => void)[] = [];
  const make = digestMaker(ctx, {
    bag: bagOf(ctx, {}),
    dispatcher: dispatcher(ctx, { record: defaultLifecycleState(ctx.clock.now()), shadowRun: false }),
    collect: () => new Promise((resolve) => looks.push(() => resolve({ tasks: [], unmerged: [] }))),
  });
  const first = make();
  await expect.poll(() => looks.length).toBe(1);
  const others = Array.from({ length: 100 }, () => make());
  looks[0]?.();
  await first;
  await expect.poll(() => looks.length).toBe(2);
  looks[1]?.();
  await Promise.all(others);
  expect(looks).toHaveLength(2);
});
