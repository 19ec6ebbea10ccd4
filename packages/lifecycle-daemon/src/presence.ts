/**
 * Whether anybody is there, and what that means for the daemon. Idle time is counted on the monotonic clock; where the wall clock went
 * another way than that one, the machine slept or somebody set the clock, and idleness is counted anew. Pure but for `presence` itself,
 * which remembers when somebody was last there.
 */
import type { Clock, Config } from '@terok/sandbox';
import type { LifecycleState } from './lifecycle-state.ts';
import type { EventPayload, LifecycleEvent } from './machine.ts';

/** How long nobody has to be there, in milliseconds: 5 min, 30 min and 2 h unless configured. */
export type IdleThresholds = { readonly drowsyMs: number; readonly sleepMs: number; readonly hibernateMs: number };

export function idleThresholds({ drowsy_after, sleep_after, hibernate_after }: Config['lifecycle']): IdleThresholds {
  return { drowsyMs: drowsy_after * 1000, sleepMs: sleep_after * 1000, hibernateMs: hibernate_after * 1000 };
}

export interface Presence {
  /** Somebody is there now. */
  seen(): void;
  /** Nobody has been there for so long, as when a person sends the house to sleep. */
  pretendIdle(ms: number): void;
  idleMs(): number;
  /** By how much the wall clock went ahead of the monotonic one since the last look, when that is more than a tremble; else null. */
  noticeJump(): number | null;
}

/** How far the two clocks may drift apart between two looks: network time is kept by small steps. */
export const clockTrembleMs = 60_000;

/** Somebody is there now: a daemon is started by somebody. */
export function presence(clock: Pick<Clock, 'now' | 'monotonicMs'>): Presence {
  let seenAtMs = clock.monotonicMs();
  let aheadMs = clock.now().getTime() - clock.monotonicMs();
  return {
    seen: () => {
      seenAtMs = clock.monotonicMs();
    },
    pretendIdle: (ms) => {
      seenAtMs = Math.min(seenAtMs, clock.monotonicMs() - ms);
    },
    idleMs: () => Math.max(0, clock.monotonicMs() - seenAtMs),
    noticeJump: () => {
      const nowAheadMs = clock.now().getTime() - clock.monotonicMs();
      const jumpMs = nowAheadMs - aheadMs;
      aheadMs = nowAheadMs;
      if (Math.abs(jumpMs) <= clockTrembleMs) return null;
      seenAtMs = clock.monotonicMs();
      return Math.round(jumpMs);
    },
  };
}

/** What the next event follows from. */
export type Circumstances = {
  readonly state: LifecycleState;
  readonly idleMs: number;
  /** Every step of this sleep is done or was passed over. */
  readonly cycleComplete: boolean;
  /** What runs, or is asked for, and keeps the house from sleeping. Null: not looked at yet, which has to be done first. */
  readonly vetoes: readonly string[] | null;
};

export type DueEvent = { readonly event: LifecycleEvent; readonly payload: EventPayload };

/**
 * The event that time alone brings about, or null. One state at a time: whoever slept through several thresholds asks again after
 * each. A threshold below the one before it counts as that one.
 */
export function dueEvent({ state, idleMs, cycleComplete, vetoes }: Circumstances, thresholds: IdleThresholds): DueEvent | null {
  switch (state) {
    case 'WAKE':
      return idleMs >= thresholds.drowsyMs ? { event: 'idle_5min', payload: {} } : null;
    case 'DROWSY':
      return isPast(idleMs, state, thresholds) && vetoes?.length === 0 ? { event: 'idle_30min', payload: { sleep_eligible: true } } : null;
    case 'SLEEP':
      return cycleComplete && isPast(idleMs, state, thresholds) && vetoes?.length === 0
        ? { event: 'sleep_cycle_done', payload: { still_idle: true } }
        : null;
    case 'HIBERNATION':
      return null;
  }
}

/** Whether what runs has to be looked at before `dueEvent` can say more. */
export function needsVetoes({ state, idleMs, cycleComplete }: Omit<Circumstances, 'vetoes'>, thresholds: IdleThresholds): boolean {
  switch (state) {
    case 'WAKE':
    case 'HIBERNATION':
      return false;
    case 'DROWSY':
      return isPast(idleMs, state, thresholds);
    case 'SLEEP':
      return !cycleComplete || isPast(idleMs, state, thresholds);
  }
}

function isPast(idleMs: number, state: 'DROWSY' | 'SLEEP', { drowsyMs, sleepMs, hibernateMs }: IdleThresholds): boolean {
  const asleepAfterMs = Math.max(drowsyMs, sleepMs);
  return idleMs >= (state === 'DROWSY' ? asleepAfterMs : Math.max(asleepAfterMs, hibernateMs));
}
