/** What the event log and the record say of the sleep steps in a period. Pure; lines that make no sense say nothing. */
import { formatInstant, printable } from '@terok/sandbox';
import type { LifecycleStateRecord } from '../lifecycle-state.ts';
import { isPlainObject } from '../plain-object.ts';
import { isSleepStepId, sleepStepIds, type SleepStepId } from '../sleep/sleep-step.ts';
import { isQuarantined, judgeStep, stepStatesOf, type StepState } from '../sleep/step-states.ts';
import type { DigestProblem, DigestStep, SleepFacts } from './digest.ts';

type Seen = Pick<DigestStep, 'outcome' | 'runs' | 'bytes_reclaimed' | 'error'> & { readonly problems: readonly DigestProblem[] };

const nothingSeen: Seen = { outcome: 'not_run', runs: 0, bytes_reclaimed: 0, error: null, problems: [] };
const textMaxCharacters = 500;

/** `events` are the log's lines of the period in their order. What is in quarantine now is said, whenever that began. */
export function sleepFacts(events: readonly unknown[], record: LifecycleStateRecord, now: Date): SleepFacts {
  const seen = new Map<SleepStepId, Seen>();
  for (const event of events) {
    const id = isPlainObject(event) && typeof event['step'] === 'string' && isSleepStepId(event['step']) ? event['step'] : null;
    if (id !== null && isPlainObject(event)) seen.set(id, afterEventOf(id, seen.get(id) ?? nothingSeen, event));
  }
  const states = stepStatesOf(record);
  return {
    steps: sleepStepIds.map((id) => digestStep(id, seen.get(id) ?? nothingSeen, states[id], now)),
    problems: sleepStepIds.flatMap((id) => seen.get(id)?.problems ?? []),
  };
}

/** Problems are those of the last run that went through; what was found before may be mended since. */
function afterEventOf(id: SleepStepId, before: Seen, event: Readonly<Record<string, unknown>>): Seen {
  switch (event['event']) {
    case 'sleep_step_completed':
      if (typeof event['error'] === 'string') return { ...before, outcome: 'failed', error: text(event['error']) };
      return {
        outcome: 'completed',
        runs: before.runs + 1,
        bytes_reclaimed: before.bytes_reclaimed + bytes(event['bytes_reclaimed']),
        error: null,
        problems: problemsOf(id, event['problems']),
      };
    case 'sleep_step_deferred':
      return { ...before, outcome: 'deferred' };
    case 'sleep_step_skipped':
      return event['reason'] === 'not_registered' ? { ...before, outcome: 'not_registered' } : before;
    default:
      return before;
  }
}

function digestStep(id: SleepStepId, { problems: _, ...seen }: Seen, state: StepState | undefined, now: Date): DigestStep {
  const until = state === undefined ? null : judgeStep(state, now);
  const held = state !== undefined && isQuarantined(state) && until?.kind === 'quarantined' ? until.until : null;
  const outcome = held === null ? seen.outcome : 'quarantined';
  return {
    step: id,
    ...seen,
    outcome,
    error: held === null ? seen.error : text(state?.reason ?? ''),
    until_ts: held === null ? null : formatInstant(held),
    fix: fixes[outcome](id),
  };
}

const fixes: Readonly<Record<DigestStep['outcome'], (id: SleepStepId) => string | null>> = {
  completed: () => null,
  failed: (id) => `terok daemon steps run ${id}`,
  quarantined: (id) => `terok daemon steps reset ${id}`,
  deferred: (id) => `terok daemon steps run ${id}`,
  not_registered: () => 'terok doctor',
  not_run: (id) => `terok daemon steps run ${id}`,
};

function problemsOf(step: SleepStepId, raw: unknown): readonly DigestProblem[] {
  if (!Array.isArray(raw)) return [];
  return raw.filter(isPlainObject).map(({ subject, problem, fix }) => ({
    step,
    subject: text(subject),
    problem: text(problem),
    fix: typeof fix === 'string' ? text(fix) : null,
  }));
}

function text(value: unknown): string {
  return typeof value === 'string' ? printable(value).slice(0, textMaxCharacters) : '';
}

function bytes(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
