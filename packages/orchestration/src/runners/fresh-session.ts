/** A run that was to go on with a session that its agent does not have any more: it is begun again, in a new session, with the same prompt. */
import { createHash } from 'node:crypto';
import { TerokError } from '@terok/sandbox';
import { taskDirectory } from '../containers/task-directory.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { loadTaskMeta, textAt, type TaskRecord } from '../tasks/meta.ts';
import type { TaskEnd } from '../tasks/record-end.ts';
import { promptMaxBytes } from './launch-plan.ts';
import { launchTask, type LaunchedTask } from './launch-task.ts';

/** What a log shows between the two runs. */
export const sessionLostNotice =
  '>> the agent does not have the session of the run before any more: beginning a new one, in the same workspace\n';

/** Pure: whether the run failed because of that, which can happen once, since what begins a session cannot lose it. */
function lostItsSession(record: TaskRecord, { ended, exitCode }: TaskEnd): boolean {
  return ended === 'agent' && exitCode !== 0 && textAt(record, 'resumed_session') !== null && textAt(record, 'session_id') === null;
}

/**
 * Launches it again; null when there is nothing to begin again, or its prompt is not what it was: the folder that it is in is one
 * that the container writes to.
 */
export async function beginAfresh(ctx: TaskContext, projectId: string, taskId: TaskId, end: TaskEnd): Promise<LaunchedTask | null> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  if (!lostItsSession(record, end)) return null;
  const prompt = await promptLeft(ctx, taskDirectory(ctx, projectId, taskId).prompt);
  if (prompt === null || createHash('sha256').update(prompt).digest('hex') !== record.prompt_sha256) return null;
  const timeLimitSeconds = record.time_limit_s ?? null;
  return launchTask(ctx, projectId, { mode: 'run', prompt }, { taskId, timeLimitSeconds });
}

/** Null for what is no regular file any more, or larger than a prompt can be. */
async function promptLeft(ctx: TaskContext, path: string): Promise<Uint8Array | null> {
  try {
    return await ctx.files.read(path, { maxBytes: promptMaxBytes });
  } catch (error) {
    if (error instanceof TerokError) return null;
    throw error;
  }
}
