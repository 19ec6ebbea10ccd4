/** What changes a task once it is there: rename, stop, interrupt, delete. */
import { join } from 'node:path';
import { labelNames, type ContainerRow } from '@terok/executor';
import { formatInstant, TerokError, withFileLock } from '@terok/sandbox';
import { isTaskContainer } from '../containers/container-name.ts';
import { containersOverTask, isUp, rowOfLaunch, taskContainers } from '../containers/live-containers.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { projectErrors, taskErrors } from '../errors.ts';
import { loadProject } from '../projects/projects.ts';
import { captureTaskLogs } from '../task-logs.ts';
import type { TaskContext } from '../task-context.ts';
import { archiveTask } from './archive.ts';
import { isTaskId } from './identity.ts';
import { loadTaskMeta, markTaskDeleting, removeTaskMeta, taskExists, tasksArchiveDir, updateTask, type TaskRecord } from './meta.ts';
import { checkedTaskName } from './new-task.ts';
import { reconcileTask } from './reconcile.ts';
import { recordEnd, type TaskEnd } from './record-end.ts';

/** Throws TASK_NOT_FOUND before it looks at the name, then TASK_NAME_INVALID. The container keeps its name, which is the ID's. */
export async function taskRename(ctx: TaskContext, projectId: string, taskId: string, newName: string): Promise<void> {
  await loadTaskMeta(ctx, projectId, taskId);
  await updateTask(ctx, projectId, taskId, { name: checkedTaskName(newName) });
}

/** Ends a running task after a grace, the project's unless given, and records that somebody asked for it. */
export async function taskStop(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { timeoutSeconds }: { readonly timeoutSeconds?: number } = {},
): Promise<void> {
  await endTask(ctx, projectId, taskId, { mark: 'stop_requested_at', ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) });
}

/** What Ctrl-C does: the record says interrupted, then the container is ended. */
export async function interruptTask(ctx: TaskContext, projectId: string, taskId: string): Promise<TaskEnd> {
  return endTask(ctx, projectId, taskId, { mark: 'interrupted_at' });
}

type EndOptions = { readonly mark: 'stop_requested_at' | 'interrupted_at'; readonly timeoutSeconds?: number };

/** The intent is on disk before the act: a crash in between leaves a task that says it was asked to stop. */
async function endTask(ctx: TaskContext, projectId: string, taskId: string, { mark, timeoutSeconds }: EndOptions): Promise<TaskEnd> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  if (typeof record.mode !== 'string') throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const row = await containerOf(ctx, projectId, taskId, record);
  if (row === null || !isUp(row)) {
    if (row?.state === 'exited') await recordEnd(ctx, projectId, taskId, row);
    throw projectErrors.TASK_NOT_RUNNING({ project: projectId, task: taskId, state: row?.state ?? 'it has no container' });
  }

  const grace = timeoutSeconds ?? (await stopGrace(ctx, projectId));
  await updateTask(ctx, projectId, taskId, { [mark]: formatInstant(ctx.clock.now()) });
  await ctx.runtime.stop(row.name, { graceSeconds: grace });
  const after = await containerOf(ctx, projectId, taskId, record);
  if (after === null) return { ended: mark === 'interrupted_at' ? 'interrupted' : 'stopped', exitCode: null, error: null };
  return recordEnd(ctx, projectId, taskId, after);
}

async function containerOf(ctx: TaskContext, projectId: string, taskId: string, record: TaskRecord): Promise<ContainerRow | null> {
  const rows = await taskContainers(ctx, projectId, taskId);
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  return rowOfLaunch(rows, record.launch_id) ?? null;
}

/** The words that open a shell in a running task on the caller's terminal. */
export async function getLoginCommand(ctx: TaskContext, projectId: string, taskId: string): Promise<readonly string[]> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  if (typeof record.mode !== 'string') throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const row = await containerOf(ctx, projectId, taskId, record);
  if (row === null) throw projectErrors.TASK_NO_CONTAINER({ project: projectId, task: taskId });
  if (row.state !== 'running') throw projectErrors.TASK_NOT_RUNNING({ project: projectId, task: taskId, state: row.state });
  return ctx.runtime.execCommand(row.name, ['tmux', 'new-session', '-A', '-s', 'main']);
}

export type TaskDeleteResult = {
  readonly taskId: string;
  /** What did not go cleanly; the task is deleted all the same. */
  readonly warnings: readonly string[];
  /** Where what is left of it is kept; null when there was nothing to keep, or it could not be kept and was given up. */
  readonly archive: string | null;
};

/**
 * Stops the task, archives its record, logs and work, and only then removes container, folder and record. When the archive cannot
 * be made nothing is removed and ARCHIVE_FAILED is thrown, unless `force` gives the work up. May be repeated after a crash; of two
 * at once the second waits, and finds no task.
 */
export async function taskDelete(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<TaskDeleteResult> {
  await refuseAbsent(ctx, projectId, taskId);
  const lock = { purpose: `deleting task ${projectId}/${taskId}`, waitMs: deleteMaxMs };
  return withFileLock(ctx, join(tasksArchiveDir(ctx, projectId), `.${taskId}.lock`), lock, async () => {
    await refuseAbsent(ctx, projectId, taskId);
    const containers = await containersOverTask(ctx, projectId, taskId);
    if (containers === null) throw projectErrors.CONTAINERS_UNKNOWN({});
    await markTaskDeleting(ctx, projectId, taskId);

    const warnings: string[] = [];
    const archive = await archivedOrRefused(ctx, { projectId, taskId, containers, force, warnings });
    for (const { name, removed, error } of await ctx.runtime.remove(containers.map(({ name: container }) => container)))
      if (!removed) warnings.push(`Container ${name}: ${error ?? 'not removed'}`);
    await attempted(warnings, 'Workspace removal failed', () => ctx.files.removeTree(taskDirectory(ctx, projectId, taskId).root));
    await attempted(warnings, 'Metadata removal failed', () => removeTaskMeta(ctx, projectId, taskId));
    return { taskId, warnings, archive };
  });
}

/** How long a salvage, a copy of the whole workspace and the removal may take together. */
const deleteMaxMs = 60 * 60_000;

/** A folder that a crash left without a record counts as a task: it can be deleted. */
async function refuseAbsent(ctx: TaskContext, projectId: string, taskId: string): Promise<void> {
  const there =
    isTaskId(taskId) &&
    ((await taskExists(ctx, projectId, taskId)) || (await ctx.files.stat(taskDirectory(ctx, projectId, taskId).root)) !== null);
  if (!there) throw taskErrors.TASK_NOT_FOUND({ project: projectId, task: taskId });
}

type Archiving = {
  readonly projectId: string;
  readonly taskId: string;
  readonly containers: readonly ContainerRow[];
  readonly force: boolean;
  readonly warnings: string[];
};

async function archivedOrRefused(ctx: TaskContext, { projectId, taskId, containers, force, warnings }: Archiving): Promise<string | null> {
  try {
    const own = containers.filter(({ labels }) => isTaskContainer(labels));
    for (const row of own.filter(isUp)) await ctx.runtime.stop(row.name, { graceSeconds: await stopGrace(ctx, projectId) });
    await reconcileTask(ctx, projectId, taskId);
    const mode = own.at(-1)?.labels[labelNames.mode];
    if (mode !== undefined) await captureTaskLogs(ctx, projectId, taskId, mode);
    return await archiveTask(ctx, projectId, taskId);
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    if (force) {
      warnings.push(`Archive failed, and the work was given up: ${error.message}`);
      return null;
    }
    await updateTask(ctx, projectId, taskId, { deleting: false }).catch(() => {});
    throw projectErrors.ARCHIVE_FAILED({ project: projectId, task: taskId, reason: error.message }, error);
  }
}

/** The project's, or the general one where the project cannot be read: its tasks can be ended all the same. */
async function stopGrace(ctx: TaskContext, projectId: string): Promise<number> {
  try {
    return (await loadProject(ctx, projectId)).stopGraceSeconds;
  } catch (error) {
    if (error instanceof TerokError) return ctx.config.run.shutdown_timeout;
    throw error;
  }
}

async function attempted(warnings: string[], what: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    warnings.push(`${what}: ${error.message}`);
  }
}
