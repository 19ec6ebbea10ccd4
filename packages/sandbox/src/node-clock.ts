import { setTimeout } from 'node:timers/promises';
import process from 'node:process';
import type { Clock } from './host.ts';

/** Monotonic time counts from the boot of the system, so it can be compared between processes. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  sleep: async (ms, signal) => {
    await setTimeout(ms, undefined, signal ? { signal } : {});
  },
};
