/** A clock that runs many times as fast as the real one while nothing happens, and as fast while something works that cannot be hurried. */
import { systemClock, type Clock } from '@terok/sandbox';

export interface QuickClock extends Clock {
  /** Time goes as it does outside until the act has ended: podman is not a hundred times as fast. */
  atRealPace<T>(act: () => Promise<T>): Promise<T>;
}

/** How often, by the real clock, a sleeper looks whether its time has come. */
const lookMs = 10;

export function quickClock(times: number): QuickClock {
  const wallAheadMs = systemClock.now().getTime() - systemClock.monotonicMs();
  let realPaced = 0;
  let since = { realMs: systemClock.monotonicMs(), ownMs: systemClock.monotonicMs() };
  const monotonicMs = (): number => since.ownMs + (systemClock.monotonicMs() - since.realMs) * (realPaced > 0 ? 1 : times);
  const changePace = (by: 1 | -1): void => {
    since = { ownMs: monotonicMs(), realMs: systemClock.monotonicMs() };
    realPaced += by;
  };
  return {
    now: () => new Date(wallAheadMs + monotonicMs()),
    monotonicMs,
    async sleep(ms, signal) {
      const dueMs = monotonicMs() + ms;
      signal?.throwIfAborted();
      for (let leftMs = ms; leftMs > 0; leftMs = dueMs - monotonicMs()) await systemClock.sleep(Math.min(lookMs, leftMs), signal);
    },
    async atRealPace(act) {
      changePace(1);
      try {
        return await act();
      } finally {
        changePace(-1);
      }
    },
  };
}
