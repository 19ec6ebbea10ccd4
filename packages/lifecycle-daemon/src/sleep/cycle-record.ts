/** What a sleep cycle leaves in the record: how far it got, and which steps have failed. Pure; the daemon keeps what comes out. */
import { formatInstant, parseInstant } from '@terok/sandbox';
import { LAST_SLEEP_STEP, type LifecycleStateRecord } from '../lifecycle-state.ts';
import { afterFailure, currentStepStates, stepStatesOf, withoutStep, withStepStates } from './step-states.ts';
import { sleepStepIds, sleepStepNumbers, type SleepStepId } from './sleep-step.ts';

/** A cycle that was begun longer ago than this is begun anew: what its first steps saw is of another day. */
const cycleMaxMs = 24 * 60 * 60_000;

/** Where a quarantine came from that ended before a cycle: its time was up, or its end could not be read. */
export type LiftedQuarantine = { readonly step: SleepStepId | null; readonly priorUntil: string };

export type CycleStart = {
  readonly record: LifecycleStateRecord;
  readonly lifted: readonly LiftedQuarantine[];
  /** Of the cycle as a whole, in a record that knows no single steps; null when there is none. */
  readonly heldUntil: Date | null;
};

/** The record as a cycle may begin with it, or go on: quarantines that are over are gone, a stale or finished cycle is a new one. */
export function readyForCycle(record: LifecycleStateRecord, now: Date): CycleStart {
  const before = stepStatesOf(record);
  const { states, lifted } = currentStepStates(before, now);
  const held = heldAsAWhole(record, now);
  const begun = withProgress(record, progressToGoOnWith(record, now));
  const marked = held?.kind === 'until' ? begun : withStepStates(begun, states);
  return {
    record: sameUnlessChanged(record, marked),
    lifted: [
      ...lifted.map((step) => ({ step, priorUntil: before[step]?.until_ts ?? '' })),
      ...(held?.kind === 'over' ? [{ step: null, priorUntil: record.quarantine?.until_ts ?? '' }] : []),
    ],
    heldUntil: held?.kind === 'until' ? held.until : null,
  };
}

/** A quarantine that no step explains was made by a release that knew only whole cycles. */
function heldAsAWhole(
  record: LifecycleStateRecord,
  now: Date,
): { readonly kind: 'until'; readonly until: Date } | { readonly kind: 'over' } | null {
  const { quarantine } = record;
  const explained = Object.values(stepStatesOf(record)).some(({ until_ts }) => until_ts === quarantine?.until_ts);
  if (quarantine === null || explained) return null;
  const until = parseInstant(quarantine.until_ts);
  return until !== null && until.getTime() > now.getTime() ? { kind: 'until', until } : { kind: 'over' };
}

function progressToGoOnWith(
  { sleep_cycle_progress: progress }: LifecycleStateRecord,
  now: Date,
): LifecycleStateRecord['sleep_cycle_progress'] {
  const done = progress?.last_completed_step ?? 0;
  const startedAt = parseInstant(progress?.started_at ?? '');
  if (progress === null || done >= LAST_SLEEP_STEP) return null;
  return startedAt !== null && now.getTime() - startedAt.getTime() > cycleMaxMs ? null : progress;
}

/** The number of the step that the cycle goes on with. */
export function nextStepNumber(record: LifecycleStateRecord): number {
  return (record.sleep_cycle_progress?.last_completed_step ?? 0) + 1;
}

/** The step is done, and its failures of earlier are forgotten. */
export function afterStepDone(record: LifecycleStateRecord, id: SleepStepId, now: Date): LifecycleStateRecord {
  const progress = { ...begunAt(record, now), last_completed_step: sleepStepNumbers[id], attempt: 0, last_error: null };
  return withStepStates(withProgress(record, progress), withoutStep(stepStatesOf(record), id));
}

/** One strike more. `last_completed_step` stays: the cycle goes on with this step, or past it once it is quarantined. */
export function afterStepFailed(
  record: LifecycleStateRecord,
  id: SleepStepId,
  { error, now }: { readonly error: string; readonly now: Date },
): LifecycleStateRecord {
  const states = afterFailure(stepStatesOf(record), id, { error, now });
  const { failures = 0, reason = '' } = states[id] ?? {};
  const progress = { ...begunAt(record, now), last_completed_step: sleepStepNumbers[id] - 1, attempt: failures, last_error: reason };
  return withStepStates(withProgress(record, progress), states);
}

/** Somebody came: no strike, and an error that is still to be told is not written over. */
export function afterStepDeferred(record: LifecycleStateRecord, id: SleepStepId, now: Date): LifecycleStateRecord {
  const progress = begunAt(record, now);
  const told = typeof progress.last_error === 'string' && !progress.last_error.startsWith('deferred:');
  if (told) return record;
  const deferred = {
    ...progress,
    last_completed_step: sleepStepNumbers[id] - 1,
    attempt: progress.attempt ?? 0,
    last_error: `deferred:step=${id}`,
  };
  return sameUnlessChanged(record, withProgress(record, deferred));
}

export function afterCycle(record: LifecycleStateRecord): LifecycleStateRecord {
  return sameUnlessChanged(record, withProgress(record, null));
}

/** Takes a step's failures and quarantine away, or all of them, as a person may ask. How far a cycle got stays. */
export function liftQuarantine(record: LifecycleStateRecord, id: SleepStepId | 'all'): LifecycleStateRecord {
  const ids = id === 'all' ? sleepStepIds : [id];
  const states = ids.reduce(withoutStep, stepStatesOf(record));
  const { sleep_cycle_progress: progress } = record;
  return sameUnlessChanged(record, withStepStates(withProgress(record, progress === null ? null : { ...progress, attempt: 0 }), states));
}

function begunAt(record: LifecycleStateRecord, now: Date): NonNullable<LifecycleStateRecord['sleep_cycle_progress']> {
  return { last_completed_step: 0, attempt: 0, last_error: null, started_at: formatInstant(now), ...record.sleep_cycle_progress };
}

function withProgress(record: LifecycleStateRecord, progress: LifecycleStateRecord['sleep_cycle_progress']): LifecycleStateRecord {
  return { ...record, sleep_cycle_progress: progress };
}

/** The same object where the content is the same, so that nothing has to be written. */
function sameUnlessChanged(before: LifecycleStateRecord, after: LifecycleStateRecord): LifecycleStateRecord {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}
