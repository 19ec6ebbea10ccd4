import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@terok/sandbox';

export interface WaitingClock extends Clock {
  /** Time goes on; sleeps that end meanwhile end in their order, each with a moment for what follows from it. */
  advance(ms: number): Promise<void>;
  /** Only the wall clock jumps, forwards or back, as when somebody sets it. */
  setWall(now: Date | string): void;
}

type Sleeper = { readonly dueMs: number; readonly wake: () => void };

/** A clock whose sleeps wait until a test lets the time go on. */
export function waitingClock(start: Date | string = '2026-05-02T12:00:00.000Z'): WaitingClock {
  let wallMs = new Date(start).getTime();
  let monotonicMs = 0;
  const sleepers = new Set<Sleeper>();
  const goOn = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };
  return {
    now: () => new Date(wallMs),
    monotonicMs: () => monotonicMs,
    setWall: (now) => {
      wallMs = new Date(now).getTime();
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const sleeper = { dueMs: monotonicMs + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        });
      });
    },
    async advance(ms) {
      const endMs = monotonicMs + ms;
      await settled();
      for (let next = nextDue(sleepers, endMs); next !== null; next = nextDue(sleepers, endMs)) {
        sleepers.delete(next);
        goOn(next.dueMs - monotonicMs);
        next.wake();
        await settled();
      }
      goOn(endMs - monotonicMs);
    },
  };
}

function nextDue(sleepers: ReadonlySet<Sleeper>, endMs: number): Sleeper | null {
  return [...sleepers].filter(({ dueMs }) => dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0] ?? null;
}

/** Everything that follows from what has happened so far has happened too. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}
