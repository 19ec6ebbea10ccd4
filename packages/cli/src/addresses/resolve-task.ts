/** From what a person typed to a task that exists. */
import { join } from 'node:path';
import { inContainer } from '@terok/executor';
import {
  loadProject,
  loadTaskMeta,
  normalizeTaskIdInput,
  projectErrors,
  resolveTaskId,
  type TaskContext,
  type TaskId,
} from '@terok/orchestration';
import { TerokError } from '@terok/sandbox';
import { chosenProject, chosenTask } from '../dialog/choose-address.ts';
import type { Invocation } from '../invocation.ts';
import { withNearestProject, withNearestTask } from './nearest.ts';
import { taskAddress } from './task-address.ts';

/** What was left out is asked for where there is a terminal. */
export async function resolveTask(
  invocation: Invocation,
  first: string | undefined,
  second: string | undefined,
): Promise<{ readonly ctx: TaskContext; readonly projectId: string; readonly taskId: TaskId }> {
  const address = taskAddress(first, second);
  const projectId = await chosenProject(invocation, address.projectId ?? undefined);
  const ctx = await invocation.engine();
  return { ctx, projectId, taskId: await resolveTaskInput(ctx, projectId, address.task ?? (await chosenTask(invocation, ctx, projectId))) };
}

/** As `resolveTask`, for those who want the work: TASK_NEVER_RUN where neither a launch nor an archive has put any into the workspace. */
export async function resolveWorkedTask(
  ...of: Parameters<typeof resolveTask>
): Promise<{ readonly ctx: TaskContext; readonly projectId: string; readonly taskId: TaskId }> {
  const found = await resolveTask(...of);
  const { ctx, projectId, taskId } = found;
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  const kept = await ctx.files.list(join(ctx.paths.tasks, projectId, taskId, 'workspace'));
  const empty = kept.every(({ name }) => name === inContainer.markerName);
  if (empty && typeof record.mode !== 'string') throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  return found;
}

/** A task's ID as typed, or the first characters of it. Tasks outlive a project file that is broken or gone; where there are none, the project may be what is wrong. */
export async function resolveTaskInput(ctx: TaskContext, projectId: string, typed: string): Promise<TaskId> {
  try {
    return await withNearestTask(ctx, projectId, normalizeTaskIdInput(typed), () => resolveTaskId(ctx, projectId, typed));
  } catch (error) {
    if (error instanceof TerokError && error.code === 'TASKS_NONE')
      await withNearestProject(ctx, projectId, () => loadProject(ctx, projectId));
    throw error;
  }
}
