/** What changes a task once it is there: rename and delete. */
import { join } from 'node:path';
import { labelNames, type ContainerRow } from '@terok/executor';
import { TerokError, withFileLock } from '@terok/sandbox';
import { isTaskContainer } from '../containers/container-name.ts';
import { containersOverTask, isUp } from '../containers/live-containers.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { projectErrors, taskErrors } from '../errors.ts';
import { captureTaskLogs } from '../task-logs.ts';
import type { TaskContext } from '../task-context.ts';
import { archiveTask } from './archive.ts';
import { isTaskId } from './identity.ts';
import { loadTaskMeta, markTaskDeleting, removeTaskMeta, taskExists, tasksArchiveDir, updateTask } from './meta.ts';
import { checkedTaskName } from './new-task.ts';
import { reconcileTask } from './reconcile.ts';
import { stopGrace } from './stop.ts';

/** Throws TASK_NOT_FOUND before it looks at the name, then TASK_NAME_INVALID. The container keeps its name, which is the ID's. */
export async function taskRename(ctx: TaskContext, projectId: string, taskId: string, newName: string): Promise<void> {
  await loadTaskMeta(ctx, projectId, taskId);
  await updateTask(ctx, projectId, taskId, { name: checkedTaskName(newName) });
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

async function attempted(warnings: string[], what: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    warnings.push(`${what}: ${error.message}`);
  }
}
