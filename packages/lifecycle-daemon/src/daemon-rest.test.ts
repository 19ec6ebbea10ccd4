import { expect, test } from 'vitest';
import { restMs, type Rest } from './daemon-rest.ts';

const thresholds = { drowsyMs: 300_000, sleepMs: 1_800_000, hibernateMs: 7_200_000 };
const still = { isRunning: false, isComplete: false, retryInMs: null };

test.each<[what: string, rest: Partial<Rest>, ms: number]>([
  ['awake', { idleMs: 0 }, 30_000],
  ['awake, shortly before it grows drowsy', { idleMs: 290_000 }, 10_000],
  ['awake, a moment before', { idleMs: 299_999 }, 50],
  ['awake, past it for want of a disk', { idleMs: 400_000 }, 30_000],
  ['drowsy, shortly before it sleeps', { state: 'DROWSY', idleMs: 1_799_000 }, 1000],
  ['drowsy while something runs', { state: 'DROWSY', idleMs: 9_000_000 }, 30_000],
  ['asleep while a step runs', { state: 'SLEEP', cycle: { ...still, isRunning: true } }, 1000],
  ['asleep until a step is tried again', { state: 'SLEEP', cycle: { ...still, retryInMs: 7000 } }, 7000],
  ['asleep with a step that is due', { state: 'SLEEP', cycle: { ...still, retryInMs: -5 } }, 50],
  ['asleep with a step that is far from due', { state: 'SLEEP', cycle: { ...still, retryInMs: 600_000 } }, 30_000],
  ['asleep, all done', { state: 'SLEEP', idleMs: 7_190_000, cycle: { ...still, isComplete: true } }, 10_000],
  ['hibernating', { state: 'HIBERNATION' }, 300_000],
])('%s', (_, rest, ms) => {
  expect(restMs({ state: 'WAKE', idleMs: 0, thresholds, cycle: still, ...rest })).toBe(ms);
});
