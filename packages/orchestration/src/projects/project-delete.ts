/** The end of a project with all its tasks: each is archived as a single one would be. */
import { installationLabels, labelNames } from '@terok/executor';
import { isUp } from '../containers/live-containers.ts';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { taskDelete } from '../tasks/lifecycle.ts';
import { whileTasksStay } from './project-lock.ts';
import { everyTask } from './project-tasks.ts';
import { readProjectFile, removeWhileTasksStay, type ProjectRemoveResult } from './projects.ts';

export type ProjectDeleteResult = ProjectRemoveResult & {
  readonly tasks: readonly string[];
  readonly warnings: readonly string[];
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
  // A task that is just being made is no remains of one.
  return whileTasksStay(ctx, { projectId, purpose: `deleting project ${projectId}` }, () => deleteWhileTasksStay(ctx, projectId, force));
}

async function deleteWhileTasksStay(ctx: TaskContext, projectId: string, force: boolean): Promise<ProjectDeleteResult> {
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
  return { tasks, warnings, ...(await removeWhileTasksStay(ctx, projectId)) };
}
