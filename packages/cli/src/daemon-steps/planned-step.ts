/**
 * The one shape of a sleep step: a look at things one after the other, of which a plan comes, and its application. What a dry run prints is what is
 * applied, and nothing is before all of it was planned.
 */
import type { SleepStep, SleepStepId, StepDecision, StepProblem } from '@terok/lifecycle-daemon';
import { sleepStepNumbers } from '@terok/lifecycle-daemon';
import { TerokError } from '@terok/sandbox';

/** A decision, and what carries it out; a decision to leave something alone has no act. An act may tell how much it freed. */
export type PlannedAct = StepDecision & { readonly act?: (signal: AbortSignal) => Promise<{ readonly freedBytes: number } | void> };

/** What one look comes to: something that is decided, or something that was found wrong. */
export type Planned = PlannedAct | StepProblem;

export type PlannedStep = {
  readonly id: SleepStepId;
  readonly title: string;
  readonly timeLimitMs?: number;
  /** Looks, and changes nothing. Rejects when it cannot be known what there is. Nothing more is asked of it once somebody is there. */
  readonly plan: (signal: AbortSignal) => AsyncIterable<Planned>;
};

/** One act that fails is a problem of the report and keeps none of the others from being done. */
export function plannedStep({ plan, ...step }: PlannedStep): SleepStep {
  return {
    ...step,
    number: sleepStepNumbers[step.id],
    async run({ signal, dryRun, report }) {
      const acts: PlannedAct[] = [];
      const problems: StepProblem[] = [];
      for await (const planned of plan(signal)) {
        signal.throwIfAborted();
        if ('problem' in planned) problems.push(planned);
        else acts.push(planned);
      }
      for (const { act, ...decision } of acts) {
        signal.throwIfAborted();
        if (dryRun || act === undefined) {
          report(decision);
          continue;
        }
        const done = await attempted(decision, () => act(signal));
        if ('problem' in done) problems.push(done);
        else report(done.freedBytes === null ? decision : { ...decision, bytes: done.freedBytes });
      }
      return { problems };
    },
  };
}

async function attempted(
  { subject }: StepDecision,
  act: () => Promise<{ readonly freedBytes: number } | void>,
): Promise<{ readonly freedBytes: number | null } | StepProblem> {
  try {
    return { freedBytes: (await act())?.freedBytes ?? null };
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return { subject, problem: error.message, ...(error.hint === undefined ? {} : { fix: error.hint }) };
  }
}
