/** Which tasks a project has, whatever is left of each. */
import { join } from 'node:path';
import { pathSegment } from '@terok/sandbox';
import type { TaskContext } from '../task-context.ts';
import { isTaskId, type TaskId } from '../tasks/identity.ts';
import { iterTaskIds, tasksMetaDir } from '../tasks/meta.ts';

/** Those with a record and those of which only a folder is left, by ascending ID. */
export async function everyTask(ctx: Pick<TaskContext, 'files' | 'paths'>, projectId: string): Promise<readonly TaskId[]> {
  const recorded = await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId)));
  const folders = await ctx.files.list(join(ctx.paths.tasks, pathSegment('project', projectId)));
  return [...new Set([...recorded, ...folders.map(({ name }) => name)])].filter(isTaskId).toSorted();
}
