/**
 * The digest: what happened since a person was last told, from facts on disk. Keys are those of the files that it is written to,
 * `pending_digest` in `.daemon-state.json` and its readable copy `digest.json`.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { formatInstant, parseInstant, z } from '@terok/sandbox';
import { sleepStepIds } from '../sleep/sleep-step.ts';

const moment = z.string().check(z.refine((text) => parseInstant(text) !== null, 'Not a moment such as 2026-05-02T15:00:00.000+00:00'));
const count = z.int().check(z.nonnegative());

/** Of one task. `outcome` is what a person asks first; `status` is the task's own word for how it stands. */
export const DigestTask = z.object({
  project: z.string(),
  task: z.string(),
  name: z.string(),
  agent: z.nullable(z.string()),
  outcome: z.enum(['finished', 'failed', 'running', 'waiting']),
  status: z.string(),
  exit_code: z.nullable(z.int()),
  started_at: z.nullable(moment),
  /** How long it ran; null while it does, and where that is not known. */
  duration_sec: z.nullable(z.number()),
  /** What its agent last said of itself, one line. */
  message: z.nullable(z.string()),
});
export type DigestTask = Readonly<z.infer<typeof DigestTask>>;

/** Work of a task that has ended and is not in the project's branch. `branch` is where it was fetched to, null when it never was. */
export const UnmergedWork = z.object({
  project: z.string(),
  task: z.string(),
  name: z.string(),
  branch: z.nullable(z.string()),
  fix: z.string(),
});
export type UnmergedWork = Readonly<z.infer<typeof UnmergedWork>>;

/** How a step stands at the end of the period; `fix` is the command that changes it, where it needs changing. */
const DigestStep = z.object({
  step: z.enum(sleepStepIds),
  /** `not_run` and `deferred`: nobody was away for long enough. `not_registered`: this daemon does not have it. */
  outcome: z.enum(['completed', 'failed', 'quarantined', 'deferred', 'not_registered', 'not_run']),
  /** How often it ran through in the period. */
  runs: count,
  bytes_reclaimed: count,
  error: z.nullable(z.string()),
  until_ts: z.nullable(moment),
  fix: z.nullable(z.string()),
});
export type DigestStep = Readonly<z.infer<typeof DigestStep>>;

const DigestProblem = z.object({ step: z.enum(sleepStepIds), subject: z.string(), problem: z.string(), fix: z.nullable(z.string()) });
export type DigestProblem = Readonly<z.infer<typeof DigestProblem>>;

/** Lists are cut; `more` says how many entries were. */
const listed = <T extends z.core.$ZodType>(item: T) => z.object({ items: z.array(item), more: count });

export const Digest = z.object({
  schema_version: z.literal(1),
  digest_id: z.string(),
  period: z.object({ since: moment, until: moment }),
  tasks: listed(DigestTask),
  unmerged: listed(UnmergedWork),
  bytes_reclaimed: count,
  steps: z.array(DigestStep),
  problems: listed(DigestProblem),
});
export type Digest = Readonly<z.infer<typeof Digest>>;

export type DigestPeriod = { readonly since: Date; readonly until: Date };

/** What is known of the tasks; whoever starts the daemon hands in the function that looks. */
export type TaskFacts = { readonly tasks: readonly DigestTask[]; readonly unmerged: readonly UnmergedWork[] };
export type SleepFacts = { readonly steps: readonly DigestStep[]; readonly problems: readonly DigestProblem[] };

const itemsKept = 50;

/** Null when there is nothing that a person would want to be told. */
export function buildDigest(period: DigestPeriod, { tasks, unmerged }: TaskFacts, { steps, problems }: SleepFacts): Digest | null {
  const bytes = steps.reduce((sum, step) => sum + step.bytes_reclaimed, 0);
  const isNews =
    tasks.some(({ outcome }) => outcome !== 'running') ||
    problems.length > 0 ||
    bytes > 0 ||
    steps.some(({ outcome }) => outcome === 'failed' || outcome === 'quarantined');
  if (!isNews) return null;
  const content = {
    tasks: cut(tasks.toSorted(byUrgency)),
    unmerged: cut(unmerged),
    bytes_reclaimed: bytes,
    steps: [...steps],
    problems: cut(problems),
  };
  const written = { since: formatInstant(period.since), until: formatInstant(period.until) };
  return { schema_version: 1, digest_id: digestId(period, content), period: written, ...content };
}

/** Whether two digests tell the same, whenever they were made. */
export function tellsTheSame(one: Digest, other: Digest): boolean {
  const told = ({ digest_id: _, period, ...content }: Digest) => ({ ...content, since: period.since });
  return isDeepStrictEqual(told(one), told(other));
}

/** `20260502T150000123Z-1f2e3d4c`: where its period ends is in the name, so that an acknowledgement says how far the person was told. */
function digestId({ since, until }: DigestPeriod, content: object): string {
  const hash = createHash('sha256')
    .update(`${since.getTime()} ${until.getTime()} ${JSON.stringify(content)}`)
    .digest('hex')
    .slice(0, 8);
  return `${formatInstant(until).slice(0, 23).replace(/[-:.]/g, '')}Z-${hash}`;
}

/** The end of the period of the digest with this name; null for a text that is no such name. */
export function digestEnd(id: string): Date | null {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z-[0-9a-f]{8}$/.exec(id);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, ms] = match;
  return parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
}

const urgency = { waiting: 0, failed: 1, finished: 2, running: 3 } as const satisfies Record<DigestTask['outcome'], number>;

function byUrgency(a: DigestTask, b: DigestTask): number {
  return urgency[a.outcome] - urgency[b.outcome] || compare(a.project, b.project) || compare(a.task, b.task);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function cut<T>(items: readonly T[]): { items: T[]; more: number } {
  return { items: items.slice(0, itemsKept), more: Math.max(0, items.length - itemsKept) };
}
