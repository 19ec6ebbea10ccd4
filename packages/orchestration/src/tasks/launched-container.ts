/** The container of a task, for those who have no use for the task without it. */
import type { ContainerRow } from '@terok/executor';
import { rowOfLaunch, taskContainers } from '../containers/live-containers.ts';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { loadTaskMeta } from './meta.ts';

/** Throws TASK_NOT_FOUND, TASK_NEVER_RUN, CONTAINERS_UNKNOWN, TASK_NO_CONTAINER. */
export async function launchedContainer(ctx: TaskContext, projectId: string, taskId: string): Promise<ContainerRow> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  if (typeof record.mode !== 'string') throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const rows = await taskContainers(ctx, projectId, taskId);
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  const row = rowOfLaunch(rows, record.launch_id);
  if (row === undefined) throw projectErrors.TASK_NO_CONTAINER({ project: projectId, task: taskId });
  return row;
}
