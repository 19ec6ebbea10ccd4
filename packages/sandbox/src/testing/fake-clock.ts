import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../host.ts';

export interface FakeClock extends Clock {
  /** Both kinds of time go on. */
  advance(ms: number): void;
  /** Only the wall clock jumps, forwards or back, as when somebody sets it. */
  setWall(now: Date | string): void;
}

/** A clock that stands still until it is told otherwise; a sleep moves it on by what was slept, at once. */
export function fakeClock(start: Date | string = '2026-01-01T00:00:00.000Z'): FakeClock {
  let wallMs = new Date(start).getTime();
  let monotonicMs = 0;
  const advance = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };
  return {
    now: () => new Date(wallMs),
    monotonicMs: () => monotonicMs,
    advance,
    setWall: (now) => {
      wallMs = new Date(now).getTime();
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      advance(ms);
      await setImmediate(undefined, signal ? { signal } : {});
    },
  };
}
