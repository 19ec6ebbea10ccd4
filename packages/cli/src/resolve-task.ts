/** From what a person typed to a project and a task that exist. */
import { normalizeTaskIdInput, resolveTaskId, type TaskContext, type TaskId } from '@terok/orchestration';
import { taskAddress } from './task-address.ts';
import { withNearestProject } from './nearest.ts';

export async function resolveTask(ctx: TaskContext, first: string, second: string | undefined): Promise<{ readonly projectId: string; readonly taskId: TaskId }> {
  const { projectId, task } = taskAddress(first, second);
  const taskId = await withNearestProject(ctx, projectId, () => resolveTaskId(ctx, projectId, normalizeTaskIdInput(task)));
  return { projectId, taskId };
}
