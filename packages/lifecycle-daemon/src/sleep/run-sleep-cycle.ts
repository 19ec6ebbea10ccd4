/** One sleep cycle: the steps in their order, from where the last one got to. It never waits itself; it says when to come back. */
import assert from 'node:assert/strict';
import { parseInstant, type Clock } from '@terok/sandbox';
import type { LifecycleStateRecord } from '../lifecycle-state.ts';
import {
  afterCycle,
  afterStepDeferred,
  afterStepDone,
  afterStepFailed,
  nextStepNumber,
  readyForCycle,
  type LiftedQuarantine,
} from './cycle-record.ts';
import { registeredSteps, sleepStepIds, sleepStepNumbers, type SleepStep, type SleepStepId } from './sleep-step.ts';
import type { SleepEvent } from './sleep-event.ts';
import { isQuarantined, judgeStep, quarantineHours, quarantineReason, stepStatesOf } from './step-states.ts';
import type { StepEnd, StepSlot, StepWork } from './step-slot.ts';

/** Reads the record, makes the next one of it, keeps that if it is another object, and returns it; nothing comes in between. */
export type UpdateRecord = (change: (record: LifecycleStateRecord) => LifecycleStateRecord) => Promise<LifecycleStateRecord>;

export type SleepCycleOptions = {
  readonly steps: readonly SleepStep[];
  readonly update: UpdateRecord;
  /** The daemon's one slot, the same for every cycle: a step that was left behind keeps it. */
  readonly slot: StepSlot;
  /** Ends the cycle within a second. */
  readonly signal: AbortSignal;
  /** Waited for. A step that is done is told before that is kept, so that what it freed is in the log whenever the power goes. */
  readonly onEvent: (event: SleepEvent) => void | Promise<void>;
};

export type SleepCycleResult =
  /** Every step is done, or was passed over. */
  | { readonly kind: 'complete'; readonly completed: readonly SleepStepId[]; readonly skipped: readonly SleepStepId[] }
  /** Somebody came. */
  | { readonly kind: 'aborted' }
  /** A step failed, and the cycle goes on with it from then. */
  | { readonly kind: 'waiting'; readonly step: SleepStepId; readonly until: Date }
  /** A step that was left behind has not ended yet; nothing else is run until it has. */
  | { readonly kind: 'busy'; readonly step: SleepStepId }
  /** The record says that no cycle may run before then. */
  | { readonly kind: 'held'; readonly until: Date };

/** Rejects only when the record cannot be kept. */
export async function runSleepCycle(ctx: { readonly clock: Clock }, options: SleepCycleOptions): Promise<SleepCycleResult> {
  const registered = registeredSteps(options.steps);
  const { record, heldUntil } = await begin(ctx, options);
  if (heldUntil !== null) return { kind: 'held', until: heldUntil };

  const completed: SleepStepId[] = [];
  const skipped: SleepStepId[] = [];
  for (const id of sleepStepIds.slice(nextStepNumber(record) - 1)) {
    if (options.signal.aborted) return { kind: 'aborted' };
    const end = await passed(ctx, options, id, registered.get(id));
    switch (end.kind) {
      case 'done':
        completed.push(id);
        break;
      case 'skipped':
        skipped.push(id);
        break;
      case 'aborted':
      case 'waiting':
      case 'busy':
        return end;
    }
  }
  await options.onEvent({ event: 'sleep_cycle_completed', completed, skipped });
  await options.update(afterCycle);
  return { kind: 'complete', completed, skipped };
}

async function begin({ clock }: { readonly clock: Clock }, { update, onEvent }: SleepCycleOptions) {
  const now = clock.now();
  let start = { lifted: [] as readonly LiftedQuarantine[], heldUntil: null as Date | null };
  const record = await update((before) => {
    const ready = readyForCycle(before, now);
    start = ready;
    return ready.record;
  });
  for (const { step, priorUntil } of start.lifted)
    await onEvent({ event: 'quarantine_lifted', step, reason: 'auto_recovery_after_ttl', prior_until_ts: priorUntil });
  return { record, heldUntil: start.heldUntil };
}

type Passed =
  | { readonly kind: 'done' }
  | { readonly kind: 'skipped' }
  | Extract<SleepCycleResult, { kind: 'aborted' | 'waiting' | 'busy' }>;

/** Deals with one step of the cycle: runs it, or says why not. */
async function passed(
  { clock }: { readonly clock: Clock },
  options: SleepCycleOptions,
  id: SleepStepId,
  step: SleepStep | undefined,
): Promise<Passed> {
  const { update, slot, signal, onEvent } = options;
  const named = { step: id, step_num: sleepStepNumbers[id] };
  const state = stepStatesOf(await update((record) => record))[id];
  const judged = judgeStep(state, clock.now());
  const occupant = slot.occupant();
  if (occupant !== null) return { kind: 'busy', step: occupant };
  if (step === undefined) {
    await onEvent({ event: 'sleep_step_skipped', ...named, reason: 'not_registered', until_ts: null });
    return { kind: 'skipped' };
  }
  if (judged.kind === 'quarantined') {
    await onEvent({ event: 'sleep_step_skipped', ...named, reason: 'quarantined', until_ts: state?.until_ts ?? null });
    return { kind: 'skipped' };
  }
  if (judged.kind === 'waiting') return { kind: 'waiting', step: id, until: judged.until };

  const end = await slot.run(step, { signal, dryRun: false, onTaken: () => onEvent({ event: 'sleep_step_started', ...named }) });
  const now = clock.now();
  switch (end.kind) {
    case 'completed':
      await onEvent({ event: 'sleep_step_completed', ...named, ...toldOf(end.work), problems: end.problems.slice(0, problemsTold) });
      await update((record) => afterStepDone(record, id, now));
      return { kind: 'done' };
    case 'aborted':
      await onEvent({ event: 'sleep_step_deferred', ...named, duration_sec: seconds(end.work), left_behind: end.leftBehind });
      await update((record) => afterStepDeferred(record, id, now));
      return { kind: 'aborted' };
    case 'failed':
    case 'timed_out':
      return afterFailing(options, id, end, now);
  }
}

/** The strike is kept before it is told: a death in between costs a line of the log, and never a strike. */
async function afterFailing(
  { update, onEvent }: SleepCycleOptions,
  id: SleepStepId,
  { error, work }: Extract<StepEnd, { readonly error: string }>,
  now: Date,
): Promise<Passed> {
  const named = { step: id, step_num: sleepStepNumbers[id] };
  const state = stepStatesOf(await update((record) => afterStepFailed(record, id, { error, now })))[id];
  assert(state !== undefined, 'a step that failed has a state');
  await onEvent({ event: 'sleep_step_completed', ...named, duration_sec: seconds(work), error: state.reason, attempt: state.failures });
  if (!isQuarantined(state)) return { kind: 'waiting', step: id, until: parseInstant(state.until_ts) ?? now };
  const reason = quarantineReason(id, state.failures);
  await onEvent({ event: 'quarantine_entered', ...named, reason, until_ts: state.until_ts, ttl_hours: quarantineHours });
  return { kind: 'skipped' };
}

export type SingleStepOptions = Pick<SleepCycleOptions, 'slot' | 'signal' | 'onEvent'> & { readonly dryRun: boolean };

/** One step by itself, as a person asks for it; STEP_BUSY while another runs. Counts neither as part of a cycle nor as a strike; a dry run is not told to the log. */
export async function runSleepStep(step: SleepStep, { slot, signal, onEvent, dryRun }: SingleStepOptions): Promise<StepEnd> {
  const named = { step: step.id, step_num: step.number };
  if (dryRun) return slot.run(step, { signal, dryRun });
  const end = await slot.run(step, { signal, dryRun, onTaken: () => onEvent({ event: 'sleep_step_started', ...named }) });
  switch (end.kind) {
    case 'completed':
      await onEvent({ event: 'sleep_step_completed', ...named, ...toldOf(end.work), problems: end.problems.slice(0, problemsTold) });
      break;
    case 'aborted':
      await onEvent({ event: 'sleep_step_deferred', ...named, duration_sec: seconds(end.work), left_behind: end.leftBehind });
      break;
    case 'failed':
    case 'timed_out':
      await onEvent({ event: 'sleep_step_completed', ...named, duration_sec: seconds(end.work), error: end.error, attempt: 0 });
      break;
  }
  return end;
}

const problemsTold = 20;

const seconds = ({ durationMs }: StepWork): number => Math.round(durationMs) / 1000;

const toldOf = (work: StepWork) => ({
  duration_sec: seconds(work),
  decisions: work.counts,
  bytes_reclaimed: work.bytesReclaimed,
});
