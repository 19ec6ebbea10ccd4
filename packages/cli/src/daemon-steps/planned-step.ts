/** A sleep step as a plan and its application: what a dry run prints is what is applied, one act after the other. */
import type { SleepStep, SleepStepId, StepDecision, StepProblem } from '@terok/lifecycle-daemon';
import { sleepStepNumbers } from '@terok/lifecycle-daemon';
import { TerokError } from '@terok/sandbox';

/** A decision, and what carries it out; a decision to leave something alone has no act. An act may tell how much it freed. */
export type PlannedAct = StepDecision & { readonly act?: (signal: AbortSignal) => Promise<{ readonly freedBytes: number } | void> };

export type StepPlan = { readonly acts: readonly PlannedAct[]; readonly problems: readonly StepProblem[] };

export type PlannedStep = {
  readonly id: SleepStepId;
  readonly title: string;
  readonly timeLimitMs?: number;
  /** Looks, and changes nothing. Rejects when it cannot be known what there is. */
  readonly plan: (signal: AbortSignal) => Promise<StepPlan>;
};

/** One act that fails is a problem of the report and keeps none of the others from being done. */
export function plannedStep({ plan, ...step }: PlannedStep): SleepStep {
  return {
    ...step,
    number: sleepStepNumbers[step.id],
    async run({ signal, dryRun, report }) {
      const { acts, problems } = await plan(signal);
      const failed: StepProblem[] = [];
      for (const { act, ...decision } of acts) {
        signal.throwIfAborted();
        if (dryRun || act === undefined) {
          report(decision);
          continue;
        }
        const done = await attempted(decision, () => act(signal));
        if ('problem' in done) failed.push(done);
        else report(done.freedBytes === null ? decision : { ...decision, bytes: done.freedBytes });
      }
      return { problems: [...problems, ...failed] };
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
