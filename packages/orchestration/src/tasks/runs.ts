/** The runs of a task: each container that was made for it, numbered from 1. What became of those before the last is kept in the record. Pure. */
import { logFormats, type LogFormat } from '@terok/executor';
import { parseInstant } from '@terok/sandbox';
import { isMapping } from './mapping.ts';
import { checkTaskRecord, type EndReason, type TaskChange, type TaskRecord } from './meta-record.ts';

export type TaskRun = {
  readonly number: number;
  /** Null in a record of an older release. */
  readonly launchId: string | null;
  readonly mode: string;
  readonly agent: string | null;
  /** `plain` where the record does not say. */
  readonly logFormat: LogFormat;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly ended: EndReason | null;
  readonly exitCode: number | null;
};

/** A record, or an entry of its `earlier_runs`: they have the same keys. */
type Plain = Readonly<Record<string, unknown>>;

/** Every run, oldest first; none of a task that never ran. The last is the one that the rest of the record is about. */
export function taskRuns(record: Plain): readonly TaskRun[] {
  const earlier = earlierRuns(record);
  return [...earlier, { ...record, run: nextNumber(earlier) }].flatMap((entry) => runOf(entry) ?? []);
}

/** What a record says once a launch is through: nothing is to be taken back, and the run before is one of the earlier ones. */
export function startedRun(record: TaskRecord): TaskChange {
  const earlier = earlierRuns(record);
  return { launching_at: null, before_launch: null, ...(earlier.length === 0 ? {} : { earlier_runs: earlier.slice(-runsMax) }) };
}

/** A task that is gone on with more often forgets how the oldest of its runs ended, and not how many there were. */
const runsMax = 100;

/** Those in the record, and the one that a launch under way is to come after. */
function earlierRuns({ earlier_runs: listed, before_launch: before }: Plain): readonly Plain[] {
  const kept = Array.isArray(listed) ? listed.filter(isMapping) : [];
  return isMapping(before) && typeof before['mode'] === 'string' ? [...kept, { run: nextNumber(kept), ...withRunKeys(before) }] : kept;
}

function nextNumber(entries: readonly Plain[]): number {
  const last = entries.at(-1)?.['run'];
  return Number.isSafeInteger(last) ? Number(last) + 1 : entries.length + 1;
}

const keys = ['launch_id', 'mode', 'agent', 'log_format', 'started_at', 'finished_at', 'ended', 'exit_code'];
const withRunKeys = (plain: Plain): Plain => Object.fromEntries(Object.entries(plain).filter(([key]) => keys.includes(key)));

/** Null for what is not shaped like one, and where nothing ran. */
function runOf(plain: Plain): TaskRun | null {
  const checked = checkTaskRecord(withRunKeys(plain));
  const number = plain['run'];
  if ('reason' in checked || typeof number !== 'number') return null;
  const { launch_id, mode, agent, log_format, started_at, finished_at, ended, exit_code } = checked.record;
  if (typeof mode !== 'string') return null;
  return {
    number,
    launchId: launch_id ?? null,
    mode,
    agent: agent ?? null,
    logFormat: logFormats.find((known) => known === log_format) ?? 'plain',
    startedAt: parseInstant(started_at ?? ''),
    finishedAt: parseInstant(finished_at ?? ''),
    ended: ended ?? null,
    exitCode: exit_code ?? null,
  };
}
