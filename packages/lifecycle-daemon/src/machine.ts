/** The four states and what moves between them. Pure: whoever dispatches an event keeps the record that comes out. */
import { formatInstant } from '@terok/sandbox';
import { LifecycleState, type LifecycleStateRecord } from './lifecycle-state.ts';

export const lifecycleEvents = [
  'heartbeat_refresh',
  'idle_5min',
  'idle_30min',
  'sleep_eligible',
  'request_arrived',
  'sleep_cycle_done',
  'hibernation_grace_expired',
  'wake_signal',
  'tick',
] as const;
export type LifecycleEvent = (typeof lifecycleEvents)[number];

/** A flag counts only when it is true itself; what merely passes for true does not. */
export type EventPayload = {
  /** With `idle_30min`: nothing keeps the house from sleeping. */
  readonly sleep_eligible?: unknown;
  /** With `sleep_cycle_done`: still nobody is there. */
  readonly still_idle?: unknown;
};

type Move = { readonly to: LifecycleState; readonly onlyIf?: keyof EventPayload };

const { WAKE, DROWSY, SLEEP, HIBERNATION } = LifecycleState;

/** Everything that is not here moves nothing (the reference's transition table). */
const moves: Readonly<Record<LifecycleState, Partial<Record<LifecycleEvent, Move>>>> = {
  WAKE: { request_arrived: { to: WAKE }, idle_5min: { to: DROWSY } },
  DROWSY: { request_arrived: { to: WAKE }, heartbeat_refresh: { to: WAKE }, idle_30min: { to: SLEEP, onlyIf: 'sleep_eligible' } },
  SLEEP: { request_arrived: { to: WAKE }, sleep_cycle_done: { to: HIBERNATION, onlyIf: 'still_idle' } },
  HIBERNATION: { request_arrived: { to: WAKE }, wake_signal: { to: WAKE } },
};

/** What counts as a person doing something, even where it moves nothing. */
const activity: ReadonlySet<LifecycleEvent> = new Set(['heartbeat_refresh', 'request_arrived', 'wake_signal']);

/** Where an event leads, which may be where one is already; null when nowhere, as for any word that is no state or event. */
export function computeTransition(state: LifecycleState, event: LifecycleEvent, payload: EventPayload = {}): LifecycleState | null {
  const possible = Object.hasOwn(moves, state) ? moves[state] : {};
  const move = Object.hasOwn(possible, event) ? possible[event] : undefined;
  if (move === undefined) return null;
  return move.onlyIf === undefined || (Object.hasOwn(payload, move.onlyIf) && payload[move.onlyIf] === true) ? move.to : null;
}

export type Dispatched = {
  /** The same object when the event changed nothing, so that nothing has to be written. */
  readonly record: LifecycleStateRecord;
  readonly transition: { readonly from: LifecycleState; readonly to: LifecycleState } | null;
};

/**
 * The record after an event. An event that leads to where one is counts as activity and is no transition: `since_ts` stays.
 * `shadowRun` is how this daemon runs; what the record says of it is overwritten.
 */
export function afterEvent(
  record: LifecycleStateRecord,
  event: LifecycleEvent,
  { now, shadowRun, payload = {} }: { readonly now: Date; readonly shadowRun: boolean; readonly payload?: EventPayload },
): Dispatched {
  const from = record.current_state;
  const to = computeTransition(from, event, payload) ?? from;
  const changes = {
    ...(activity.has(event) ? { last_activity_ts: formatInstant(now), wrapper_event_seq: oneMore(record.wrapper_event_seq) } : {}),
    ...(record.shadow_run === shadowRun ? {} : { shadow_run: shadowRun }),
    ...(to === from ? {} : { current_state: to, since_ts: formatInstant(now) }),
  };
  return {
    record: Object.keys(changes).length === 0 ? record : { ...record, ...changes },
    transition: to === from ? null : { from, to },
  };
}

export type FsmState = 'WAKE' | 'TRANSITIONING' | 'SLEEP' | 'DREAMING';

/** The older view of the same thing, for those who still read `fsm_state`. Derived, and never a state of its own. */
export function fsmState(state: LifecycleState, { stepRunning }: { readonly stepRunning: boolean }): FsmState {
  switch (state) {
    case 'WAKE':
      return 'WAKE';
    case 'DROWSY':
      return 'TRANSITIONING';
    case 'SLEEP':
      return stepRunning ? 'DREAMING' : 'SLEEP';
    case 'HIBERNATION':
      return 'SLEEP';
  }
}

function oneMore(count: number): number {
  return Math.min(count + 1, Number.MAX_SAFE_INTEGER);
}
