/** Ends a running task, with who asked for it on record before the act. */
import type { ContainerRow } from '@terok/executor';
import { formatInstant } from '@terok/sandbox';
import { isUp, rowOfLaunch, taskContainers } from '../containers/live-containers.ts';
import { projectErrors } from '../errors.ts';
import { readableProject } from '../projects/projects.ts';
import type { TaskContext } from '../task-context.ts';
import { loadTaskMeta, updateTask, type TaskChange, type TaskRecord } from './meta.ts';
import { diskLow, recordEnd, type TaskEnd } from './record-end.ts';

/** Ends a running task after a grace, the project's unless given, and records that somebody asked for it. */
export async function taskStop(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { timeoutSeconds }: { readonly timeoutSeconds?: number } = {},
): Promise<void> {
  await endTask(ctx, projectId, taskId, { as: 'stopped', ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) });
}

/** What Ctrl-C does: the record says interrupted, then the container is ended. */
export async function interruptTask(ctx: TaskContext, projectId: string, taskId: string): Promise<TaskEnd> {
  return endTask(ctx, projectId, taskId, { as: 'interrupted' });
}

/** What terok does by itself when the disk is almost full; the record says so. */
export async function stopForDisk(ctx: TaskContext, projectId: string, taskId: string): Promise<TaskEnd> {
  return endTask(ctx, projectId, taskId, { as: 'stopped', reason: diskLow });
}

type EndOptions = { readonly as: 'stopped' | 'interrupted'; readonly reason?: string; readonly timeoutSeconds?: number };

/** The intent is on disk before the act: a crash in between leaves a task that says it was asked to stop. */
async function endTask(ctx: TaskContext, projectId: string, taskId: string, { as, reason, timeoutSeconds }: EndOptions): Promise<TaskEnd> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  if (typeof record.mode !== 'string') throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const row = await containerOf(ctx, projectId, taskId, record);
  if (row === null || !isUp(row)) {
    if (row?.state === 'exited') await recordEnd(ctx, projectId, taskId, row);
    throw projectErrors.TASK_NOT_RUNNING({ project: projectId, task: taskId, state: row?.state ?? 'it has no container' });
  }

  const grace = timeoutSeconds ?? (await stopGrace(ctx, projectId));
  const now = formatInstant(ctx.clock.now());
  const intent: TaskChange =
    as === 'interrupted' ? { interrupted_at: now } : { stop_requested_at: now, ...(reason === undefined ? {} : { stop_reason: reason }) };
  await updateTask(ctx, projectId, taskId, intent);
  await ctx.runtime.stop(row.name, { graceSeconds: grace });
  const after = await containerOf(ctx, projectId, taskId, record);
  return after === null ? { ended: as, exitCode: null, error: null } : recordEnd(ctx, projectId, taskId, after);
}

async function containerOf(ctx: TaskContext, projectId: string, taskId: string, record: TaskRecord): Promise<ContainerRow | null> {
  const rows = await taskContainers(ctx, projectId, taskId);
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  return rowOfLaunch(rows, record.launch_id) ?? null;
}

/** The project's, or the general one where the project cannot be read: its tasks can be ended all the same. */
export async function stopGrace(ctx: TaskContext, projectId: string): Promise<number> {
  return (await readableProject(ctx, projectId))?.stopGraceSeconds ?? ctx.config.run.shutdown_timeout;
}
