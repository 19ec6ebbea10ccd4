/** How long the daemon may look away. Pure. */
import type { LifecycleState } from './lifecycle-state.ts';
import type { IdleThresholds } from './presence.ts';

export type Rest = {
  readonly state: LifecycleState;
  readonly idleMs: number;
  readonly thresholds: IdleThresholds;
  readonly cycle: {
    readonly isRunning: boolean;
    readonly isComplete: boolean;
    /** In how many milliseconds it goes on, where it waits for that. */
    readonly retryInMs: number | null;
  };
};

const tickMs = 30_000;
/** While steps run: for those who leave a mark and no message. */
const cycleTickMs = 1000;
const slowPollMs = 5 * 60_000;
const shortestMs = 50;

/** Until the next threshold, and never longer than a mark may lie unseen. */
export function restMs({ state, idleMs, thresholds, cycle }: Rest): number {
  const until = (thresholdMs: number): number =>
    thresholdMs > idleMs ? Math.max(shortestMs, Math.min(tickMs, thresholdMs - idleMs)) : tickMs;
  switch (state) {
    case 'WAKE':
      return until(thresholds.drowsyMs);
    case 'DROWSY':
      return until(thresholds.sleepMs);
    case 'SLEEP':
      if (cycle.isRunning) return cycleTickMs;
      return Math.max(shortestMs, Math.min(cycle.retryInMs ?? tickMs, cycle.isComplete ? until(thresholds.hibernateMs) : tickMs));
    case 'HIBERNATION':
      return slowPollMs;
  }
}
