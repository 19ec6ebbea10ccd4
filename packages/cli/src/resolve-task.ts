/** From what a person typed to a task that exists. */
import { loadProject, normalizeTaskIdInput, resolveTaskId, type TaskContext, type TaskId } from '@terok/orchestration';
import { TerokError } from '@terok/sandbox';
import { withNearestProject, withNearestTask } from './nearest.ts';
import { taskAddress } from './task-address.ts';

export async function resolveTask(
  ctx: TaskContext,
  first: string,
  second: string | undefined,
): Promise<{ readonly projectId: string; readonly taskId: TaskId }> {
  const { projectId, task } = taskAddress(first, second);
  return { projectId, taskId: await resolveTaskInput(ctx, projectId, task) };
}

/** A task's ID as typed, or the first characters of it. Tasks outlive a project file that is broken or gone; where there are none, the project may be what is wrong. */
export async function resolveTaskInput(ctx: TaskContext, projectId: string, typed: string): Promise<TaskId> {
  const prefix = normalizeTaskIdInput(typed);
  try {
    return await withNearestTask(ctx, projectId, prefix, () => resolveTaskId(ctx, projectId, prefix));
  } catch (error) {
    if (error instanceof TerokError && error.code === 'TASKS_NONE')
      await withNearestProject(ctx, projectId, () => loadProject(ctx, projectId));
    throw error;
  }
}
