/** What a launch takes away from a record, kept in the record until the launch is through, so that it can be put back. Pure. */
import { isMapping } from './mapping.ts';
import { checkTaskRecord, type TaskChange, type TaskRecord } from './meta-record.ts';

type RunFields = Pick<
  TaskRecord,
  'mode' | 'launch_id' | 'exit_code' | 'ended' | 'finished_at' | 'started_at' | 'session_id' | 'agent' | 'log_format'
>;

/** How a record looks that knows of no run. */
export const noRun = { exit_code: null, ended: null, finished_at: null, started_at: null } as const;

/** For `before_launch`. */
export function keptForUndo(before: TaskRecord | null): RunFields {
  const { mode = null, launch_id = null, exit_code = null, ended = null, finished_at = null, started_at = null } = before ?? {};
  const { session_id = null, agent = null, log_format = null } = before ?? {};
  return { mode, launch_id, exit_code, ended, finished_at, started_at, session_id, agent, log_format };
}

/** The change that takes a launch back which came to nothing. */
export function undoneLaunch(record: TaskRecord): TaskChange {
  const kept = isMapping(record.before_launch) ? checkTaskRecord(record.before_launch) : null;
  if (kept !== null && 'record' in kept) return { ...keptForUndo(kept.record), launching_at: null, before_launch: null };

  // A record of an older release: a task that ran before keeps its mode and its base, and is gone on with, not begun anew.
  const ranBefore = Object.hasOwn(record, 'ready_at');
  return { launching_at: null, launch_id: null, ...(ranBefore ? { ended: 'terok_error' } : { mode: null }) };
}
