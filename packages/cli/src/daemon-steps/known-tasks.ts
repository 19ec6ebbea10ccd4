/** Which projects and tasks there are on the disk, whatever is wrong with them. */
import { join } from 'node:path';
import { isProjectId, isTaskId, taskExists, type TaskContext, type TaskId } from '@terok/orchestration';

/** Projects that have a file, records, folders or archives; sorted. */
export async function knownProjects(ctx: TaskContext): Promise<readonly string[]> {
  const { projects, coreProjects, tasks, archive } = ctx.paths;
  const entries = await Promise.all([projects, coreProjects, tasks, archive].map((path) => ctx.files.list(path)));
  const names = entries.flat().flatMap(({ name, kind }) => (kind === 'directory' && isProjectId(name) ? [name] : []));
  return [...new Set(names)].toSorted();
}

export type TaskFolder = { readonly projectId: string; readonly taskId: TaskId; readonly path: string; readonly hasRecord: boolean };

/** The folders of a project's tasks, and whether a record knows them. Links and other names are not looked at. */
export async function taskFolders(ctx: TaskContext, projectId: string): Promise<readonly TaskFolder[]> {
  const directory = join(ctx.paths.tasks, projectId);
  const found: TaskFolder[] = [];
  for (const { name, kind } of await ctx.files.list(directory)) {
    if (kind !== 'directory' || !isTaskId(name)) continue;
    found.push({ projectId, taskId: name, path: join(directory, name), hasRecord: await taskExists(ctx, projectId, name) });
  }
  return found.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
}
