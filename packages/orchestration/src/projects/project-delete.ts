/** The end of a project with all its tasks: each is archived as a single one would be. */
import { join } from 'node:path';
import { installationLabels, labelNames } from '@terok/executor';
import { pathSegment } from '@terok/sandbox';
import { isUp } from '../containers/live-containers.ts';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { isTaskId } from '../tasks/identity.ts';
import { taskDelete } from '../tasks/lifecycle.ts';
import { iterTaskIds, tasksMetaDir } from '../tasks/meta.ts';
import { projectRemove, readProjectFile } from './projects.ts';

export type ProjectDeleteResult = {
  readonly tasks: readonly string[];
  readonly warnings: readonly string[];
  /** Where the project's file is kept. */
  readonly archive: string;
};

/**
 * Deletes every task, then the project, broken or not. Refuses while one runs (PROJECT_BUSY), while podman does not say
 * (CONTAINERS_UNKNOWN), and at the first task whose work cannot be archived (ARCHIVE_FAILED) or that cannot be removed whole
 * (TASK_STAYS) unless `force` gives that up; what was deleted until then stays deleted, and it may be repeated.
 */
export async function projectDelete(
  ctx: TaskContext,
  projectId: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<ProjectDeleteResult> {
  await readProjectFile(ctx, projectId);
  const rows = await ctx.runtime.containers({ ...installationLabels(ctx.installationId), [labelNames.project]: projectId });
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  const running = rows.filter(isUp).map(({ labels, name }) => labels[labelNames.task] ?? name);
  if (running.length > 0) throw projectErrors.PROJECT_BUSY({ project: projectId, tasks: running });

  const tasks = await everyTask(ctx, projectId);
  const warnings: string[] = [];
  for (const taskId of tasks) {
    const { deleted, warnings: problems } = await taskDelete(ctx, projectId, taskId, { force });
    if (!deleted) throw projectErrors.TASK_STAYS({ project: projectId, task: taskId, problems });
    warnings.push(...problems);
  }
  // What no record and no folder belongs to any more.
  for (const { name, removed, error } of await ctx.runtime.remove(rows.map(({ name: container }) => container)))
    if (!removed) warnings.push(`Container ${name}: ${error ?? 'not removed'}`);
  return { tasks, warnings, ...(await projectRemove(ctx, projectId)) };
}

/** Those with a record and those of which only a folder is left. */
async function everyTask(ctx: TaskContext, projectId: string): Promise<readonly string[]> {
  const recorded = await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId)));
  const folders = await ctx.files.list(join(ctx.paths.tasks, pathSegment('project', projectId)));
  return [...new Set([...recorded, ...folders.map(({ name }) => name)])].filter(isTaskId).toSorted();
}
