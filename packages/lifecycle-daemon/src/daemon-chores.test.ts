import { TerokError } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { choresOf } from './daemon-chores.ts';

test('a failure is told until that chore goes well again, and another chore changes nothing about it', async () => {
  const chores = choresOf({ onMistake: () => undefined });
  chores.begin('a', () => Promise.reject(new TerokError({ code: 'X', message: 'no room' })));
  await chores.settled();
  expect(chores.troubles()).toEqual(['no room']);
  chores.begin('b', () => Promise.resolve());
  await chores.settled();
  expect(chores.troubles()).toEqual(['no room']);
  chores.begin('a', () => Promise.resolve());
  await chores.settled();
  expect(chores.troubles()).toEqual([]);
  chores.rethrowMistake();
});

test('a mistake of ours is no trouble but is thrown again, the first of them', async () => {
  let told = 0;
  const chores = choresOf({ onMistake: () => told++ });
  chores.begin('a', () => Promise.reject(new RangeError('first')));
  chores.begin('b', () => Promise.reject(new RangeError('second')));
  await chores.settled();
  expect([chores.troubles(), told]).toEqual([[], 2]);
  expect(() => chores.rethrowMistake()).toThrow('first');
});
