/** The one place where steps run: never two at once, each in its time, and none that keeps a person waiting. */
import type { Clock } from '@terok/sandbox';
import { lifecycleErrors } from '../errors.ts';
import type { SleepStep, SleepStepId, StepDecision, StepProblem, StepReport } from './sleep-step.ts';

/** What a step did. Of very many decisions the first are kept; all are counted. */
export type StepWork = {
  readonly decisions: readonly StepDecision[];
  readonly counts: Readonly<Record<string, number>>;
  readonly bytesReclaimed: number;
  readonly durationMs: number;
};

/** `leftBehind`: it did not end when it was told to, and goes on by itself; the slot stays taken until it ends. */
export type StepEnd = { readonly work: StepWork } & (
  | { readonly kind: 'completed'; readonly problems: readonly StepProblem[] }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'timed_out'; readonly error: string; readonly leftBehind: boolean }
  | { readonly kind: 'aborted'; readonly leftBehind: boolean }
);

export interface StepSlot {
  /** The step that runs here, or was left behind and has not ended yet. */
  occupant(): SleepStepId | null;
  /** Resolves within half a second of an abort, whatever the step does. Takes the slot at once; STEP_BUSY when it is taken. */
  run(step: SleepStep, options: StepSlotOptions): Promise<StepEnd>;
}

export type StepSlotOptions = {
  readonly signal: AbortSignal;
  readonly dryRun: boolean;
  /** The slot is this step's; waited for before the step begins. */
  readonly onTaken?: () => void | Promise<void>;
};

const defaultTimeLimitMs = 10 * 60_000;
/** How long a step may take to end once it is told to. */
const endingMs = 500;
const decisionsKept = 1000;

export function stepSlot(clock: Clock): StepSlot {
  let occupant: SleepStepId | null = null;
  return {
    occupant: () => occupant,
    async run(step, { signal, dryRun, onTaken }) {
      if (occupant !== null) throw lifecycleErrors.STEP_BUSY({ running: occupant });
      occupant = step.id;
      try {
        if (onTaken !== undefined) await onTaken();
      } catch (error) {
        occupant = null;
        throw error;
      }
      const ledger = workLedger(clock);
      const told = new AbortController();
      const running = settled(step, { signal: told.signal, dryRun, report: ledger.add }).finally(() => {
        occupant = null;
      });
      const { limitMs, cause, result } = await inItsTime(clock, { step, running, signal, told });
      return { ...endOf({ cause, result, limitMs }), work: ledger.close() };
    },
  };
}

type Settled = { readonly report: StepReport } | { readonly error: string };
type Cause = 'ended' | 'aborted' | 'timed_out';
type Watched = {
  readonly step: SleepStep;
  readonly running: Promise<Settled>;
  readonly signal: AbortSignal;
  readonly told: AbortController;
};

/** Waits for the step; where it is cut short, tells it so and gives it a moment. `result` is null when it went on all the same. */
async function inItsTime(
  clock: Clock,
  { step, running, signal, told }: Watched,
): Promise<{ readonly cause: Cause; readonly result: Settled | null; readonly limitMs: number }> {
  const limitMs = step.timeLimitMs ?? defaultTimeLimitMs;
  const over = new AbortController();
  const after = async <T>(ms: number, value: T): Promise<T> => {
    await clock.sleep(ms, over.signal).catch((error: unknown) => ifAborted(over.signal, error));
    return value;
  };
  const aborted = new Promise<Cause>((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true, signal: over.signal });
  });
  try {
    const cause = await Promise.race([running.then((): Cause => 'ended'), aborted, after<Cause>(limitMs, 'timed_out')]);
    if (cause === 'ended') return { cause, result: await running, limitMs };
    told.abort(signal.reason);
    return { cause, result: await Promise.race([running, after(endingMs, null)]), limitMs };
  } finally {
    over.abort();
  }
}

function ifAborted(signal: AbortSignal, error: unknown): void {
  if (!signal.aborted) throw error;
}

/** A step that ran through is done, even when it was told to end just then. */
function endOf({ cause, result, limitMs }: { readonly cause: Cause; readonly result: Settled | null; readonly limitMs: number }) {
  if (result !== null && 'report' in result) return { kind: 'completed', problems: result.report.problems } as const;
  if (cause === 'aborted') return { kind: 'aborted', leftBehind: result === null } as const;
  if (result === null || cause === 'timed_out')
    return { kind: 'timed_out', error: `It was not done after ${limitMs / 1000} s.`, leftBehind: result === null } as const;
  return { kind: 'failed', error: result.error } as const;
}

/** A step that throws at once fails like any other. */
async function settled(step: SleepStep, options: Parameters<SleepStep['run']>[0]): Promise<Settled> {
  try {
    return { report: await step.run(options) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Adds up what a step reports; what one that was left behind reports later counts no more. */
function workLedger(clock: Clock): { readonly add: (decision: StepDecision) => void; readonly close: () => StepWork } {
  const startedMs = clock.monotonicMs();
  const decisions: StepDecision[] = [];
  const counts = new Map<string, number>();
  let bytesReclaimed = 0;
  let open = true;
  return {
    add(decision) {
      if (!open) return;
      if (decisions.length < decisionsKept) decisions.push(decision);
      counts.set(decision.decision, (counts.get(decision.decision) ?? 0) + 1);
      bytesReclaimed += decision.bytes ?? 0;
    },
    close() {
      open = false;
      return { decisions, counts: Object.fromEntries(counts), bytesReclaimed, durationMs: clock.monotonicMs() - startedMs };
    },
  };
}
