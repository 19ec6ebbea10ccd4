/** Which tasks a project has, whatever is left of each. */
import { join } from 'node:path';
import { inContainer } from '@terok/executor';
import { pathSegment } from '@terok/sandbox';
import { taskDirectory } from '../containers/task-directory.ts';
import type { TaskContext } from '../task-context.ts';
import { isTaskId, type TaskId } from '../tasks/identity.ts';
import { iterTaskIds, taskExists, tasksMetaDir } from '../tasks/meta.ts';

/** Those with a record and those of which only a folder is left, by ascending ID. */
export async function everyTask(ctx: Pick<TaskContext, 'files' | 'paths'>, projectId: string): Promise<readonly TaskId[]> {
  const recorded = await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId)));
  const folders = await ctx.files.list(join(ctx.paths.tasks, pathSegment('project', projectId)));
  return [...new Set([...recorded, ...folders.map(({ name }) => name)])].filter(isTaskId).toSorted();
}

/**
 * Whether it is no more than the beginning of a task: a folder without a record, which a crash left when the task was being made, and
 * nothing in it that was not made with it. To be asked where no task can be made meanwhile.
 */
export async function isOnlyBegun(ctx: TaskContext, projectId: string, taskId: string): Promise<boolean> {
  if (await taskExists(ctx, projectId, taskId)) return false;
  const { workspace, home, agentConfig, logs } = taskDirectory(ctx, projectId, taskId);
  const listings = await Promise.all([workspace, home, agentConfig, logs].map((folder) => ctx.files.list(folder)));
  return listings.flat().every(({ name }) => isMadeWithTask(name));
}

/** The mark of a new workspace, written or half written, and the folder in the home that the agent's settings are mounted at. */
const isMadeWithTask = (name: string): boolean =>
  name === '.terok' || name === inContainer.markerName || name.startsWith(`.${inContainer.markerName}.`);
