/** Headless: an agent works on a prompt. */
import type { TaskContext } from '../task-context.ts';
import type { LaunchOptions } from './launch-plan.ts';
import { launchTask, type LaunchedTask } from './launch-task.ts';

export type RunTaskOptions = LaunchOptions & { readonly prompt: string | Uint8Array };

/** Returns once the container runs; `followTask` watches it from there. A launch that fails leaves nothing of it behind. */
export async function taskRun(ctx: TaskContext, projectId: string, { prompt, ...options }: RunTaskOptions): Promise<LaunchedTask> {
  return launchTask(ctx, projectId, { mode: 'run', prompt }, options);
}
