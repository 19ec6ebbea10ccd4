/** What changes a task once it is there: rename and delete. */
import { join } from 'node:path';
import { labelNames, type ContainerRow } from '@terok/executor';
import { TerokError, withFileLock } from '@terok/sandbox';
import { isTaskContainer } from '../containers/container-name.ts';
import { containersOverTask, isUp, rowOfLaunch } from '../containers/live-containers.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { projectErrors, taskErrors } from '../errors.ts';
import { captureLogsOf } from '../task-logs.ts';
import type { TaskContext } from '../task-context.ts';
import { archiveTask, madeArchive } from './archive.ts';
import { forgetBeside, markDeletion, unmarkDeletion } from './deletion-mark.ts';
import { isTaskId } from './identity.ts';
import { setLogAside } from './kept-logs.ts';
import { loadTaskMeta, readTaskRecord, removeTaskMeta, taskExists, tasksArchiveDir, updateTask } from './meta.ts';
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
  /** False: something of it could not be removed, and it stays, as being deleted, until it is deleted again. */
  readonly deleted: boolean;
  /** What did not go cleanly. With `force` the rest goes all the same. */
  readonly warnings: readonly string[];
  /** Where what is left of it is kept; null when there was nothing to keep, or it could not be kept and was given up. */
  readonly archive: string | null;
};

/**
 * Stops the task, archives its record, logs and work, and only then removes container, folder and record. When the archive cannot
 * be made nothing is removed and ARCHIVE_FAILED is thrown, unless `force` gives the work up. May be repeated after a crash, and then
 * makes no second archive; of two at once the second waits, and finds no task.
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
    const { archiveName, containers } = await markDeletion(ctx, { projectId, taskId }, () => everyContainer(ctx, projectId, taskId));

    const warnings: string[] = [];
    const archive = await archivedOrRefused(ctx, { projectId, taskId, containers, archiveName, force, warnings });
    for (const { name, removed, error } of await ctx.runtime.remove(containers.map(({ name: container }) => container)))
      if (!removed) warnings.push(`Container ${name}: ${error ?? 'not removed'}`);
    // A container that is still there may still write.
    if (warnings.length === 0 || force)
      await attempted(warnings, 'Workspace removal failed', () => ctx.files.removeTree(taskDirectory(ctx, projectId, taskId).root));
    if (warnings.length === 0 || force) await attempted(warnings, 'Metadata removal failed', () => removeTaskMeta(ctx, projectId, taskId));
    const stays = force ? await taskExists(ctx, projectId, taskId) : warnings.length > 0;
    if (!stays) await forgetBeside(ctx, { projectId, taskId });
    return { taskId, deleted: !stays, warnings, archive };
  });
}

/** Throws CONTAINERS_UNKNOWN. */
async function everyContainer(ctx: TaskContext, projectId: string, taskId: string): Promise<readonly ContainerRow[]> {
  const rows = await containersOverTask(ctx, projectId, taskId);
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  return rows;
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
  readonly archiveName: string;
  readonly force: boolean;
  readonly warnings: string[];
};

async function archivedOrRefused(ctx: TaskContext, archiving: Archiving): Promise<string | null> {
  const { projectId, taskId, archiveName, force, warnings } = archiving;
  try {
    const made = await madeArchive(ctx, projectId, archiveName);
    if (made === null) return await stoppedAndArchived(ctx, archiving);
    // Its end may have been learned, and the hook that follows it not run, when the deletion was cut short.
    await settled(ctx, archiving, archiving.containers);
    return made;
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    if (force) {
      warnings.push(`Archive failed, and the work was given up: ${error.message}`);
      return null;
    }
    await unmarkDeletion(ctx, { projectId, taskId });
    throw projectErrors.ARCHIVE_FAILED({ project: projectId, task: taskId, reason: error.message }, error);
  }
}

/**
 * With `force`, a container that does not stop, and a log that cannot be read, do not cost the work as well: such a container is removed
 * first, since nothing is archived of what may be written at that moment.
 */
async function stoppedAndArchived(ctx: TaskContext, archiving: Archiving): Promise<string> {
  const { projectId, taskId, containers, archiveName, force, warnings } = archiving;
  const mayFail = async (what: string, act: () => Promise<void>) => (force ? attempted(warnings, what, act) : act());
  const running = containers.filter((row) => isTaskContainer(row.labels) && isUp(row));
  for (const { name } of running)
    await mayFail('Stopping failed', async () => ctx.runtime.stop(name, { graceSeconds: await stopGrace(ctx, projectId) }));
  const rows = running.length === 0 ? containers : await everyContainer(ctx, projectId, taskId);
  const own = rows.filter(({ labels }) => isTaskContainer(labels));
  await settled(ctx, { projectId, taskId }, rows);
  await mayFail('Reading the log failed', () => captureEveryLog(ctx, { projectId, taskId }, own));
  const unstopped = own.filter(isUp).map(({ name }) => name);
  for (const { name, removed, error } of unstopped.length === 0 ? [] : await ctx.runtime.remove(unstopped))
    if (!removed) throw projectErrors.CONTAINER_STAYS({ name, reason: error ?? 'podman does not say why' });
  return archiveTask(ctx, { projectId, taskId, archiveName });
}

type Place = Pick<Archiving, 'projectId' | 'taskId'>;

/** A task has more than one container where an earlier one could not be removed: the last one's log is captured last. */
async function captureEveryLog(ctx: TaskContext, { projectId, taskId }: Place, rows: readonly ContainerRow[]): Promise<void> {
  const read = await readTaskRecord(ctx, projectId, taskId);
  const last = (read.kind === 'read' ? rowOfLaunch(rows, read.record.launch_id) : undefined) ?? rowOfLaunch(rows, null);
  for (const row of rows.filter((other) => other !== last)) {
    await captureLogsOf(ctx, projectId, taskId, row.name);
    await setLogAside(ctx, taskDirectory(ctx, projectId, taskId).logs, row.labels[labelNames.launch] ?? null);
  }
  if (last !== undefined) await captureLogsOf(ctx, projectId, taskId, last.name);
}

/** A record that cannot be written keeps no task from being deleted: its work matters more than how it ended. */
async function settled(ctx: TaskContext, { projectId, taskId }: Place, rows: readonly ContainerRow[]): Promise<void> {
  const own = rows.filter(({ labels }) => isTaskContainer(labels));
  await reconcileTask(ctx, projectId, taskId, own).catch((error: unknown) => {
    if (!(error instanceof TerokError)) throw error;
  });
}

async function attempted(warnings: string[], what: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    warnings.push(`${what}: ${error.message}`);
  }
}
