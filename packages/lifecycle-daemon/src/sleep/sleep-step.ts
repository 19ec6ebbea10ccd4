/** What is worked through in SLEEP: seven steps, always the same numbers. What each does is handed in by whoever starts the daemon. */

/** The numbers are written to disk and never change their meaning. */
export const sleepStepNumbers = {
  'reconcile-tasks': 1,
  orphans: 2,
  logs: 3,
  archive: 4,
  images: 5,
  'state-hygiene': 6,
  health: 7,
} as const;
export type SleepStepId = keyof typeof sleepStepNumbers;

/** Every step's name by ascending number. */
export const sleepStepIds: readonly SleepStepId[] = Object.keys(sleepStepNumbers)
  .filter(isSleepStepId)
  .toSorted((a, b) => sleepStepNumbers[a] - sleepStepNumbers[b]);

export function isSleepStepId(text: string): text is SleepStepId {
  return Object.hasOwn(sleepStepNumbers, text);
}

/** One thing that a step looked at, what becomes of it, and why. A dry run decides the same as the run that follows it. */
export type StepDecision = {
  /** What was looked at: `image localhost/terok/…`, `task demo/k3v8h`. */
  readonly subject: string;
  /** One verb: `keep`, `remove`, `compress`, `record`. */
  readonly decision: string;
  readonly reason: string;
  /** What it frees. */
  readonly bytes?: number;
};

/** Something that a step could not do, or found wrong, although it ran through. */
export type StepProblem = {
  readonly subject: string;
  readonly problem: string;
  /** The command that mends it. */
  readonly fix?: string;
};

export type StepReport = { readonly problems: readonly StepProblem[] };

export type StepRun = {
  /** Aborts when somebody comes or the time is up. A step that does not end then is left behind. */
  readonly signal: AbortSignal;
  /** Decides and reports, and changes nothing. */
  readonly dryRun: boolean;
  /** Takes each decision when it is made; what it frees has been freed by then. */
  readonly report: (decision: StepDecision) => void;
};

/** Idempotent: it may be cut short at any point, and run again from its beginning. A rejection is a failure that is tried again later. */
export interface SleepStep {
  readonly id: SleepStepId;
  readonly number: number;
  /** What it does, for a person: "compress the logs of ended tasks". */
  readonly title: string;
  /** Ten minutes when left out. */
  readonly timeLimitMs?: number;
  run(options: StepRun): Promise<StepReport>;
}

/** The steps by name. Throws where one has a number that is not its own, or comes twice: a mistake of ours. */
export function registeredSteps(steps: readonly SleepStep[]): ReadonlyMap<SleepStepId, SleepStep> {
  const byId = new Map<SleepStepId, SleepStep>();
  for (const step of steps) {
    if (sleepStepNumbers[step.id] !== step.number) throw new Error(`The sleep step ${step.id} has the number ${step.number}.`);
    if (byId.has(step.id)) throw new Error(`The sleep step ${step.id} is registered twice.`);
    byId.set(step.id, step);
  }
  return byId;
}
