/**
 * What a person asked for against sleep: a pause, and leases that keep the house awake for a while. Kept in the daemon's state, so that
 * a crash forgets neither. Pure. Each remembers how long it was meant to be: a clock that was set back makes none of them longer.
 */
import { formatInstant, parseInstant } from '@terok/sandbox';
import type { DaemonState } from './daemon-state.ts';
import { isPlainObject } from './plain-object.ts';

export type Lease = { readonly id: string; readonly reason: string; readonly until: Date };

export const leasesMax = 100;

/** Until when nothing sleeps; null when that is not asked for, or over. */
export function pausedUntil(state: DaemonState, now: Date): Date | null {
  const until = credibleEnd(ownValue(state, 'paused_until'), ownValue(state, 'paused_for_sec'), now);
  return until !== null && until.getTime() > now.getTime() ? until : null;
}

export function withPause(state: DaemonState, forSec: number, now: Date): DaemonState {
  return { ...state, paused_until: formatInstant(later(now, forSec)), paused_for_sec: forSec };
}

/** The same object when there is no pause in it. */
export function withoutPause(state: DaemonState): DaemonState {
  if (ownValue(state, 'paused_until') === undefined) return state;
  const { paused_until: _until, paused_for_sec: _for, ...rest } = state;
  return rest;
}

/** A pause whose time is up, still in the state. */
export function pauseIsOver(state: DaemonState, now: Date): boolean {
  return ownValue(state, 'paused_until') !== undefined && pausedUntil(state, now) === null;
}

/** The leases that hold now, those that end first first. */
export function leasesOf(state: DaemonState, now: Date): readonly Lease[] {
  return entriesOf(state)
    .flatMap(([id, value]) => {
      const lease = leaseIn(id, value, now);
      return lease !== null && lease.until.getTime() > now.getTime() ? [lease] : [];
    })
    .toSorted((a, b) => a.until.getTime() - b.until.getTime());
}

export function withLease(
  state: DaemonState,
  { id, reason, forSec, now }: { readonly id: string; readonly reason: string; readonly forSec: number; readonly now: Date },
): DaemonState {
  const entry = { reason, until_ts: formatInstant(later(now, forSec)), for_sec: forSec };
  return withLeases(state, [...entriesOf(state).filter(([other]) => other !== id), [id, entry]]);
}

/** The same object when there is no such lease. */
export function withoutLease(state: DaemonState, id: string): DaemonState {
  const others = entriesOf(state).filter(([other]) => other !== id);
  return others.length === entriesOf(state).length ? state : withLeases(state, others);
}

/** Takes out the leases that are over, and what is no lease. The same object when all of them hold. */
export function pruneLeases(state: DaemonState, now: Date): { readonly state: DaemonState; readonly ended: readonly string[] } {
  const holding = new Set(leasesOf(state, now).map(({ id }) => id));
  const ended = entriesOf(state)
    .map(([id]) => id)
    .filter((id) => !holding.has(id));
  return { state: ended.reduce(withoutLease, state), ended };
}

const leasesKey = 'x-leases';

type Entry = readonly [id: string, value: unknown];

function entriesOf(state: DaemonState): readonly Entry[] {
  const leases = ownValue(state, leasesKey);
  return isPlainObject(leases) ? Object.entries(leases) : [];
}

function withLeases(state: DaemonState, entries: readonly Entry[]): DaemonState {
  return { ...state, [leasesKey]: Object.fromEntries(entries) };
}

function leaseIn(id: string, value: unknown, now: Date): Lease | null {
  if (!isPlainObject(value)) return null;
  const { reason, until_ts, for_sec } = value;
  const until = credibleEnd(until_ts, for_sec, now);
  return until === null || typeof reason !== 'string' ? null : { id, reason, until };
}

/** Never later than it could be if it began now. Null for what says no moment, or no length. */
function credibleEnd(until: unknown, forSec: unknown, now: Date): Date | null {
  const end = typeof until === 'string' ? parseInstant(until) : null;
  if (end === null || typeof forSec !== 'number' || !(forSec > 0)) return null;
  const latest = now.getTime() + forSec * 1000;
  return end.getTime() <= latest ? end : new Date(latest);
}

function later(now: Date, forSec: number): Date {
  return new Date(now.getTime() + forSec * 1000);
}

function ownValue(state: DaemonState, key: string): unknown {
  return Object.hasOwn(state, key) ? state[key] : undefined;
}
