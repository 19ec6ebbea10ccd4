/** Room on the disk: what a task may not use up. */
import { installationLabels, labelNames } from '@terok/executor';
import { sizeBytes, TerokError } from '@terok/sandbox';
import { isTaskContainer } from '../containers/container-name.ts';
import { isUp } from '../containers/live-containers.ts';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { stopForDisk } from './stop.ts';

type DiskRoom = { readonly freeBytes: number; readonly neededBytes: number };

/** The room on the disk that tasks are on, beside `limits.disk_free_min`. */
async function diskRoom({ files, paths, config, freeBytes }: TaskContext): Promise<DiskRoom> {
  await files.ensureDirectory(paths.tasks);
  return { freeBytes: await freeBytes(paths.tasks), neededBytes: sizeBytes(config.limits.disk_free_min) ?? 0 };
}

const isLow = ({ freeBytes, neededBytes }: DiskRoom): boolean => freeBytes < neededBytes;

/** Better no task than one that stops half-way through its workspace. Throws DISK_LOW. */
export async function refuseFullDisk(ctx: TaskContext): Promise<void> {
  const room = await diskRoom(ctx);
  if (isLow(room)) throw projectErrors.DISK_LOW({ path: ctx.paths.tasks, ...room });
}

/** Stops the task when the disk is almost full; true when it did. One that has ended by itself meanwhile is let be. */
export async function stopOnFullDisk(ctx: TaskContext, projectId: string, taskId: string): Promise<boolean> {
  if (!isLow(await diskRoom(ctx))) return false;
  try {
    await stopForDisk(ctx, projectId, taskId);
    return true;
  } catch (error) {
    if (error instanceof TerokError && error.code === 'TASK_NOT_RUNNING') return false;
    throw error;
  }
}

/** Looks after tasks that nobody follows: stops each that runs when the disk is almost full, and names them as `project/task`. */
export async function stopAllOnFullDisk(ctx: TaskContext): Promise<readonly string[]> {
  if (!isLow(await diskRoom(ctx))) return [];
  const rows = (await ctx.runtime.containers(installationLabels(ctx.installationId))) ?? [];
  const stopped: string[] = [];
  for (const { labels } of rows.filter((row) => isUp(row) && isTaskContainer(row.labels))) {
    const [project, task] = [labels[labelNames.project], labels[labelNames.task]];
    if (project !== undefined && task !== undefined && (await stopOnFullDisk(ctx, project, task))) stopped.push(`${project}/${task}`);
  }
  return stopped;
}
