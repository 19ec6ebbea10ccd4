import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('acts run in the order they were asked for, and never two at once', async () => {
  const inTurn = oneAtATime();
  const seen: string[] = [];
  const act = (name: string, ms: number) => () =>
    setTimeout(ms).then(() => {
      seen.push(name);
      return name;
    });
  expect(await Promise.all([inTurn(act('a', 5)), inTurn(act('b', 0)), inTurn(act('c', 1))])).toEqual(['a', 'b', 'c']);
  expect(seen).toEqual(['a', 'b', 'c']);
});

test('an act that fails does so for its caller, and keeps nobody from the next', async () => {
  const inTurn = oneAtATime();
  const failed = inTurn(() => Promise.reject(new Error('no')));
  const next = inTurn(() => Promise.resolve(2));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe(2);
});
