/**
 * Whether records, containers and folders agree, and what crashes left. Each finding says what is, the command that mends it, and,
 * where terok may do it itself, the repair as data. Nothing that could be somebody's work is ever repaired away: a folder without a
 * record is deleted as a task, through the archive.
 */
import { join } from 'node:path';
import { installationLabels, labelNames, type ContainerRow, type DoctorFinding } from '@terok/executor';
import { parseInstant, pathSegment, type FileFacts } from '@terok/sandbox';
import { isTaskContainer } from './containers/container-name.ts';
import { containersOverTask, isUp, rowOfLaunch } from './containers/live-containers.ts';
import { taskDirectory } from './containers/task-directory.ts';
import { projectErrors } from './errors.ts';
import { isProjectId } from './projects/project-id.ts';
import type { TaskContext } from './task-context.ts';
import { isTaskId, type TaskId } from './tasks/identity.ts';
import { markedTask } from './tasks/deletion-mark.ts';
import { taskDelete } from './tasks/lifecycle.ts';
import {
  iterTaskIds,
  readTaskRecords,
  removeTaskMeta,
  tasksArchiveDir,
  tasksMetaDir,
  textAt,
  type TaskRecord,
  type TaskRecordRead,
} from './tasks/meta.ts';
import { reconcileTask } from './tasks/reconcile.ts';

export type TaskRepair =
  | {
      readonly kind: 'reconcile' | 'delete_task' | 'archive_orphan' | 'forget_restore';
      readonly projectId: string;
      readonly taskId: TaskId;
    }
  | { readonly kind: 'remove_container'; readonly name: string }
  | { readonly kind: 'remove_folder' | 'remove_file'; readonly path: string };

/** `repair` is missing where a person has to decide. */
export type TaskFinding = DoctorFinding & { readonly repair?: TaskRepair };

/** Whatever is younger may be somebody's work at this moment: a launch, a deletion, a restore. */
const settledMs = 60 * 60_000;

/** Asks podman once and reads every record; changes nothing. */
export async function taskFindings(ctx: TaskContext): Promise<readonly TaskFinding[]> {
  const rows = await ctx.runtime.containers(installationLabels(ctx.installationId));
  const projects = await everyProject(ctx, rows ?? []);
  const perProject = await Promise.all(projects.map((projectId) => projectFindings(ctx, projectId, rows)));
  const found = perProject.flatMap(({ findings }) => findings);
  const tasks = perProject.reduce((total, { tasks: count }) => total + count, 0);
  if (rows === null)
    return [
      { id: 'containers', status: 'warn', finding: 'podman does not say which containers there are', fix: 'podman ps --all' },
      ...found,
    ];
  const agree = `${tasks} ${tasks === 1 ? 'task' : 'tasks'} in ${projects.length} ${projects.length === 1 ? 'project' : 'projects'}: records, containers and folders agree`;
  return found.length === 0 ? [{ id: 'tasks', status: 'ok', finding: agree }] : found;
}

/** Applies one repair. Throws what the same act throws elsewhere, such as ARCHIVE_FAILED; doing it again is harmless. */
export async function repairTask(ctx: TaskContext, repair: TaskRepair): Promise<void> {
  switch (repair.kind) {
    case 'reconcile':
      await reconcileTask(ctx, repair.projectId, repair.taskId);
      return;
    case 'delete_task':
      await deleteWhole(ctx, repair);
      return;
    case 'archive_orphan':
      await archiveOrphan(ctx, repair);
      return;
    case 'forget_restore':
      await forgetRestore(ctx, repair);
      return;
    case 'remove_container': {
      const [result] = await ctx.runtime.remove([repair.name]);
      if (result?.removed === false)
        throw projectErrors.CONTAINER_STAYS({ name: repair.name, reason: result.error ?? 'podman does not say why' });
      return;
    }
    case 'remove_folder':
      await ctx.files.removeTree(repair.path);
      return;
    case 'remove_file':
      await ctx.files.remove(repair.path);
  }
}

/** A copy of what is in an archive; nothing is taken away of one that came to its end meanwhile. */
async function forgetRestore(
  ctx: TaskContext,
  { projectId, taskId }: { readonly projectId: string; readonly taskId: TaskId },
): Promise<void> {
  const [read] = await readTaskRecords(ctx, projectId, [taskId]);
  if (read?.kind !== 'read' || !isHalfRestored(read.record)) return;
  await ctx.files.removeTree(taskDirectory(ctx, projectId, taskId).root);
  await removeTaskMeta(ctx, projectId, taskId);
}

/** What was ever run has work of its own, whatever its record says of a restore. */
const isHalfRestored = (record: TaskRecord): boolean => textAt(record, 'restoring_from') !== null && typeof record.mode !== 'string';

/** A container alone has its log to be kept, for which a folder is made as a task has one. */
async function archiveOrphan(
  ctx: TaskContext,
  { projectId, taskId }: { readonly projectId: string; readonly taskId: TaskId },
): Promise<void> {
  if ((await containersOverTask(ctx, projectId, taskId))?.length === 0) return;
  await ctx.files.ensureDirectory(taskDirectory(ctx, projectId, taskId).root);
  await deleteWhole(ctx, { projectId, taskId });
}

/** A repair is done or says why it is not. */
async function deleteWhole(
  ctx: TaskContext,
  { projectId, taskId }: { readonly projectId: string; readonly taskId: TaskId },
): Promise<void> {
  const { deleted, warnings } = await taskDelete(ctx, projectId, taskId);
  if (!deleted) throw projectErrors.TASK_STAYS({ project: projectId, task: taskId, problems: warnings });
}

/** Those with records, with folders, or with containers, whether or not they can be read. */
async function everyProject({ files, paths }: TaskContext, rows: readonly ContainerRow[]): Promise<readonly string[]> {
  const named = await Promise.all([paths.coreProjects, paths.tasks, paths.archive, paths.projects].map((place) => files.list(place)));
  const folders = named.flat().filter(({ kind }) => kind === 'directory');
  const labelled = rows.flatMap(({ labels }) => labels[labelNames.project] ?? []);
  return [...new Set([...folders.map(({ name }) => name), ...labelled])].filter(isProjectId).toSorted();
}

type Task = {
  readonly projectId: string;
  readonly taskId: TaskId;
  readonly read: TaskRecordRead;
  /** Null where there is none. */
  readonly folder: FileFacts | null;
  /** Null where podman does not say. */
  readonly rows: readonly ContainerRow[] | null;
};

async function projectFindings(
  ctx: TaskContext,
  projectId: string,
  rows: readonly ContainerRow[] | null,
): Promise<{ readonly findings: readonly TaskFinding[]; readonly tasks: number }> {
  const own = rows?.filter(({ labels }) => labels[labelNames.project] === projectId) ?? null;
  const byTask = own === null ? null : Map.groupBy(own, ({ labels }) => labels[labelNames.task] ?? '');
  const recorded = (await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId)))).filter(isTaskId);
  const folders = (await ctx.files.list(join(ctx.paths.tasks, pathSegment('project', projectId)))).map(({ name }) => name);
  const ids = [...new Set([...recorded, ...folders.filter(isTaskId), ...[...(byTask?.keys() ?? [])].filter(isTaskId)])].toSorted();
  const reads = await readTaskRecords(ctx, projectId, ids);

  const findings: TaskFinding[] = [];
  for (const [index, taskId] of ids.entries()) {
    const folder = await ctx.files.stat(taskDirectory(ctx, projectId, taskId).root);
    const task: Task = {
      projectId,
      taskId,
      read: reads[index] ?? { kind: 'absent' },
      folder,
      rows: byTask === null ? null : (byTask.get(taskId) ?? []),
    };
    const finding = taskFinding(task, ctx.clock.now());
    if (finding !== null) findings.push(finding);
    findings.push(...throwawayFindings(task), ...(await leftoversOf(ctx, task)));
  }
  return { findings: [...findings, ...(await archiveLeftovers(ctx, projectId, ids))], tasks: recorded.length };
}

/** Pure: the one thing to say about a task; null when its record, its container and its folder agree. */
function taskFinding({ projectId, taskId, read, folder, rows }: Task, now: Date): TaskFinding | null {
  const name = `task ${taskId} of ${projectId}`;
  const place = { projectId, taskId };
  const deletion = `terok task delete ${projectId} ${taskId}`;
  const containers = rows?.filter(({ labels }) => isTaskContainer(labels)) ?? null;
  switch (read.kind) {
    case 'absent':
      if (folder !== null) {
        if (!isSettled(folder.modifiedAt, now)) return null;
        return {
          id: 'task-folder',
          status: 'warn',
          finding: `${name} has a folder and no record`,
          fix: deletion,
          repair: { kind: 'delete_task', ...place },
        };
      }
      return containers?.[0] === undefined ? null : orphanFinding(name, place, containers[0], now);
    case 'damaged':
      return { id: 'task-record', status: 'warn', finding: `${name}: ${read.path} is damaged: ${read.reason}`, fix: deletion };
    case 'read': {
      const { record } = read;
      const row = containers === null ? undefined : rowOfLaunch(containers, record.launch_id);
      const restoring = textAt(record, 'restoring_from');
      if (restoring !== null && isHalfRestored(record) && isSettled(parseInstant(textAt(record, 'created_at') ?? ''), now))
        return {
          id: 'task-restore',
          status: 'warn',
          finding: `${name} was to be restored from ${restoring}, and was cut short`,
          fix: `terok task archive restore ${projectId} ${restoring}`,
          repair: { kind: 'forget_restore', ...place },
        };
      if (record.deleting === true && containers !== null && !containers.some(isUp))
        return {
          id: 'task-deletion',
          status: 'warn',
          finding: `${name} was being deleted`,
          fix: deletion,
          repair: { kind: 'delete_task', ...place },
        };
      if (folder === null)
        return {
          id: 'task-no-folder',
          status: 'warn',
          finding: `${name} has a record and no folder`,
          fix: deletion,
          repair: { kind: 'delete_task', ...place },
        };
      if (typeof record.mode !== 'string' || containers === null) return null;
      if (row?.state === 'exited' && typeof record.ended !== 'string')
        return {
          id: 'task-end',
          status: 'warn',
          finding: `${name} has ended, and its record does not say so`,
          fix: `terok task status ${projectId} ${taskId}`,
          repair: { kind: 'reconcile', ...place },
        };
      if (typeof record.launching_at === 'string' && (row === undefined || !isUp(row)) && isSettled(parseInstant(record.launching_at), now))
        return {
          id: 'task-launch',
          status: 'warn',
          finding: `the launch of ${name} was cut short`,
          fix: `terok task status ${projectId} ${taskId}`,
          repair: { kind: 'reconcile', ...place },
        };
      if (row === undefined && typeof record.ended !== 'string' && typeof record.launching_at !== 'string')
        return {
          id: 'task-container',
          status: 'warn',
          finding: `the container of ${name} is gone, and how it ended is not known; its work is in its folder`,
          fix: `terok task fetch ${projectId} ${taskId}`,
        };
      return null;
    }
  }
}

/** Neither a record nor a folder: all that is left is what it wrote to its own layer, and its log, which is kept. */
function orphanFinding(name: string, place: Pick<Task, 'projectId' | 'taskId'>, row: ContainerRow, now: Date): TaskFinding | null {
  const finding = `container ${row.name} belongs to ${name}, of which there is neither a record nor a folder`;
  if (isUp(row)) return { id: 'task-orphan', status: 'warn', finding: `${finding}, and it runs`, fix: `podman stop ${row.name}` };
  if (!isSettled(row.finishedAt, now)) return null;
  return { id: 'task-orphan', status: 'warn', finding, fix: `podman rm ${row.name}`, repair: { kind: 'archive_orphan', ...place } };
}

/** Containers that look at a workspace and go: one that is there and does not run was left by a crash. */
function throwawayFindings({ projectId, taskId, rows }: Task): readonly TaskFinding[] {
  const left = rows?.filter(({ labels, state }) => !isTaskContainer(labels) && state === 'exited') ?? [];
  return left.map(({ name }) => ({
    id: 'task-throwaway',
    status: 'warn',
    finding: `container ${name} looked at task ${taskId} of ${projectId}, and was left`,
    fix: `podman rm ${name}`,
    repair: { kind: 'remove_container', name },
  }));
}

/** What a fetch, a restore or a launch of this task made for as long as it took. */
const passing = /^(?:out-[0-9a-f-]{36}(?:\.git)?|restoring|secrets\.env)$/;

async function leftoversOf(ctx: TaskContext, { projectId, taskId, folder }: Task): Promise<readonly TaskFinding[]> {
  return folder?.kind === 'directory' ? leftovers(ctx, taskDirectory(ctx, projectId, taskId).root, (name) => passing.test(name)) : [];
}

/** An archive that was never finished, or was being removed; and the mark of a deletion whose task is gone. */
async function archiveLeftovers(ctx: TaskContext, projectId: string, tasks: readonly string[]): Promise<readonly TaskFinding[]> {
  const isLeftover = (name: string): boolean => {
    const deleted = markedTask(name);
    return deleted === null ? /^\.(?:partial|removing)-/.test(name) : !tasks.includes(deleted);
  };
  return leftovers(ctx, tasksArchiveDir(ctx, projectId), isLeftover);
}

async function leftovers(ctx: TaskContext, directory: string, isLeftover: (name: string) => boolean): Promise<readonly TaskFinding[]> {
  const found: TaskFinding[] = [];
  for (const { name, kind } of await ctx.files.list(directory)) {
    if (!isLeftover(name) || (kind !== 'file' && kind !== 'directory')) continue;
    const path = join(directory, name);
    if (!isSettled((await ctx.files.stat(path))?.modifiedAt ?? null, ctx.clock.now())) continue;
    found.push({
      id: 'task-leftover',
      status: 'warn',
      finding: `${path} was left by something that was cut short`,
      fix: `rm -r ${path}`,
      repair: { kind: kind === 'file' ? 'remove_file' : 'remove_folder', path },
    });
  }
  return found;
}

/** A moment that cannot be read is long ago. */
function isSettled(moment: Date | null, now: Date): boolean {
  return moment === null || now.getTime() - moment.getTime() > settledMs;
}
