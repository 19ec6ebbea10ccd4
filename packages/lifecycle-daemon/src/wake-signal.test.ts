import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { lifecycleContext } from './testing/lifecycle-context.ts';
import { consumeWakeMark, isWakeMarked, markWake } from './wake-signal.ts';

test('E-74: a mark is there until it is consumed, once; looking does not take it', async () => {
  const ctx = lifecycleContext(memoryFiles());
  expect(await consumeWakeMark(ctx)).toBe(false);
  await markWake(ctx);
  await markWake(ctx);
  expect([await isWakeMarked(ctx), await isWakeMarked(ctx)]).toEqual([true, true]);
  expect([await consumeWakeMark(ctx), await consumeWakeMark(ctx)]).toEqual([true, false]);
});

test('E-75: many who mark and one who consumes never disturb each other', async () => {
  const ctx = lifecycleContext(memoryFiles());
  const marks = Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let n = 0; n < 200; n++) await markWake(ctx);
    }),
  );
  let consumed = 0;
  for (let n = 0; n < 400; n++) if (await consumeWakeMark(ctx)) consumed++;
  await marks;
  if (await consumeWakeMark(ctx)) consumed++;
  expect(consumed).toBeGreaterThanOrEqual(1);
  expect(await isWakeMarked(ctx)).toBe(false);
});

test('a directory or a link in its place is no mark', async () => {
  const ctx = lifecycleContext(memoryFiles({ '/state/lifecycle/wake.signal/x': '' }));
  expect(await consumeWakeMark(ctx)).toBe(false);
  const linked = memoryFiles({ '/elsewhere': 'x' });
  linked.link('/elsewhere', '/state/lifecycle/wake.signal');
  expect(await consumeWakeMark(lifecycleContext(linked))).toBe(false);
});
