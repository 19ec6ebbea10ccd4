/** Which projects and tasks there are on the disk, whatever is wrong with them. */
import { join } from 'node:path';
import { isProjectId, isTaskId, type TaskContext } from '@terok/orchestration';

/** Projects that have a file, records, folders or archives; sorted. */
export async function knownProjects(ctx: TaskContext): Promise<readonly string[]> {
  const { projects, coreProjects, tasks, archive } = ctx.paths;
  const entries = await Promise.all([projects, coreProjects, tasks, archive].map((path) => ctx.files.list(path)));
  const names = entries.flat().flatMap(({ name, kind }) => (kind === 'directory' && isProjectId(name) ? [name] : []));
  return [...new Set(names)].toSorted();
}

/** The folders of a project's tasks, whether or not a record knows them. Links and other names are not looked at. */
export async function taskFolders(ctx: TaskContext, projectId: string): Promise<readonly string[]> {
  const directory = join(ctx.paths.tasks, projectId);
  const entries = await ctx.files.list(directory);
  return entries.flatMap(({ name, kind }) => (kind === 'directory' && isTaskId(name) ? [join(directory, name)] : [])).toSorted();
}
