/**
 * What is remembered of steps that failed: `x-steps` of the record, beside the reference's keys. Pure. A step that fails is tried
 * again after one minute, then after ten; the third failure keeps it out for 24 hours, while the others go on.
 */
import { formatInstant, parseInstant } from '@terok/sandbox';
import type { LifecycleStateRecord, Quarantine } from '../lifecycle-state.ts';
import { isPlainObject } from '../plain-object.ts';
import { isSleepStepId, sleepStepIds, sleepStepNumbers, type SleepStepId } from './sleep-step.ts';

/** `reason` is what the last failure said. Before `until_ts` the step is not run. */
export type StepState = { readonly failures: number; readonly until_ts: string; readonly reason: string };
export type StepStates = { readonly [Id in SleepStepId]?: StepState };

const stepStatesKey = 'x-steps';
const failuresUntilQuarantine = 3;
export const quarantineHours = 24;

const minuteMs = 60_000;
const retryDelaysMs = [minuteMs, 10 * minuteMs] as const;
const quarantineMs = quarantineHours * 60 * minuteMs;
const reasonMaxCharacters = 500;

/** The entries that make sense; one that does not counts as none, for then the step is simply run. */
export function stepStatesOf(record: LifecycleStateRecord): StepStates {
  const raw = Object.hasOwn(record, stepStatesKey) ? record[stepStatesKey] : undefined;
  if (!isPlainObject(raw)) return {};
  const entries = sleepStepIds.map((id) => [id, Object.hasOwn(raw, id) ? stepStateOf(raw[id]) : null] as const);
  return Object.fromEntries(entries.filter(([, state]) => state !== null));
}

/** The record with these entries, and with `quarantine` as the first of them that ends. Entries of steps that we do not know stay. */
export function withStepStates(record: LifecycleStateRecord, states: StepStates): LifecycleStateRecord {
  const raw = Object.hasOwn(record, stepStatesKey) ? record[stepStatesKey] : undefined;
  const foreign = isPlainObject(raw) ? Object.entries(raw).filter(([id]) => !isSleepStepId(id)) : [];
  const entries = { ...Object.fromEntries(foreign), ...states };
  const known = Object.keys(entries).length > 0 || Object.hasOwn(record, stepStatesKey) ? { [stepStatesKey]: entries } : {};
  return { ...record, ...known, quarantine: earliestQuarantine(states) };
}

export function withoutStep(states: StepStates, id: SleepStepId): StepStates {
  return Object.fromEntries(Object.entries(states).filter(([other]) => other !== id));
}

/** One failure more, and the time until which the step is left alone for it. */
export function afterFailure(
  states: StepStates,
  id: SleepStepId,
  { error, now }: { readonly error: string; readonly now: Date },
): StepStates {
  const failures = (states[id]?.failures ?? 0) + 1;
  const until = new Date(now.getTime() + pauseMs(failures));
  return { ...states, [id]: { failures, until_ts: formatInstant(until), reason: error.slice(0, reasonMaxCharacters) } };
}

export function isQuarantined(state: StepState): boolean {
  return state.failures >= failuresUntilQuarantine;
}

/** What may be done with a step at this moment. */
export function judgeStep(
  state: StepState | undefined,
  now: Date,
): { readonly kind: 'due' } | { readonly kind: 'waiting' | 'quarantined'; readonly until: Date } {
  const until = state === undefined ? null : parseInstant(state.until_ts);
  if (state === undefined || until === null || until.getTime() <= now.getTime()) return { kind: 'due' };
  return { kind: isQuarantined(state) ? 'quarantined' : 'waiting', until };
}

/**
 * The states as they count now: a quarantine that is over is gone with its failures, and no pause is longer than it can have been
 * made, so that a clock that was set back does not keep a step out for years.
 */
export function currentStepStates(states: StepStates, now: Date): { readonly states: StepStates; readonly lifted: readonly SleepStepId[] } {
  const lifted = knownIds(states).filter((id) => {
    const state = states[id];
    return state !== undefined && isQuarantined(state) && judgeStep(state, now).kind === 'due';
  });
  const kept = Object.entries(states).filter(([id]) => !lifted.some((over) => over === id));
  return { states: Object.fromEntries(kept.map(([id, state]) => [id, withCredibleEnd(state, now)])), lifted };
}

function withCredibleEnd(state: StepState, now: Date): StepState {
  const latest = now.getTime() + pauseMs(state.failures);
  const until = parseInstant(state.until_ts);
  return until !== null && until.getTime() > latest ? { ...state, until_ts: formatInstant(new Date(latest)) } : state;
}

/** The record's own key, as those read it who know only one quarantine. */
function earliestQuarantine(states: StepStates): Quarantine | null {
  const ends = knownIds(states).flatMap((id) => {
    const state = states[id];
    const until = state === undefined || !isQuarantined(state) ? null : parseInstant(state.until_ts);
    return state === undefined || until === null ? [] : [{ id, state, until }];
  });
  const first = ends.toSorted((a, b) => a.until.getTime() - b.until.getTime())[0];
  if (first === undefined) return null;
  return {
    until_ts: first.state.until_ts,
    reason: quarantineReason(first.id, first.state.failures),
    since_ts: formatInstant(new Date(first.until.getTime() - quarantineMs)),
  };
}

/** In the reference's words: `sleep step 4 (archive) failed 3x`. */
export function quarantineReason(id: SleepStepId, failures: number): string {
  return `sleep step ${sleepStepNumbers[id]} (${id}) failed ${failures}x`;
}

function pauseMs(failures: number): number {
  return retryDelaysMs[failures - 1] ?? quarantineMs;
}

function knownIds(states: StepStates): readonly SleepStepId[] {
  return sleepStepIds.filter((id) => Object.hasOwn(states, id));
}

function stepStateOf(raw: unknown): StepState | null {
  if (!isPlainObject(raw)) return null;
  const { failures, until_ts, reason } = raw;
  if (typeof failures !== 'number' || !Number.isSafeInteger(failures) || failures < 1) return null;
  if (typeof until_ts !== 'string' || parseInstant(until_ts) === null || typeof reason !== 'string') return null;
  return { failures, until_ts, reason: reason.slice(0, reasonMaxCharacters) };
}
