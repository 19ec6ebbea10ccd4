/** The mark of the process that launches a task, for as long as it does: a launch that was cut short is known as that within a minute. */
import { join } from 'node:path';
import { taskDirectory } from '../containers/task-directory.ts';
import type { TaskContext } from '../task-context.ts';

/** Of two launches at once the record takes one; the mark is the first one's. */
export async function withLaunchMark<T>(ctx: TaskContext, projectId: string, taskId: string, body: () => Promise<T>): Promise<T> {
  const { files } = ctx;
  const path = launchMarkPath(ctx, projectId, taskId);
  const left = await files.readClaim(path);
  if (left?.alive === false) await files.release(path, left.text);
  const mark = await files.claim(path, `launching ${projectId}/${taskId}`);
  try {
    return await body();
  } finally {
    if (mark !== null) await files.release(path, mark);
  }
}

/** `unknown`: no mark says anything, as after a reboot, or with a record of an older release. */
export type Launcher = 'alive' | 'gone' | 'unknown';

export async function launcherOf(ctx: TaskContext, projectId: string, taskId: string): Promise<Launcher> {
  const mark = await ctx.files.readClaim(launchMarkPath(ctx, projectId, taskId));
  if (mark === null) return 'unknown';
  return mark.alive ? 'alive' : 'gone';
}

/** Beside the workspace, where no container writes. */
function launchMarkPath(ctx: TaskContext, projectId: string, taskId: string): string {
  return join(taskDirectory(ctx, projectId, taskId).root, '.launching');
}
