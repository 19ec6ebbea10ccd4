/** Interactive: a container with a workspace that waits for people, who log in and leave as they like. */
import { followedLog } from '@terok/executor';
import type { TaskContext } from '../task-context.ts';
import { projectErrors } from '../errors.ts';
import { recordEnd } from '../tasks/record-end.ts';
import { taskContainers } from '../containers/live-containers.ts';
import type { LaunchOptions } from './launch-plan.ts';
import { launchTask, type LaunchedTask } from './launch-task.ts';
import { readyWatch, recordReady } from './ready.ts';

export type CliTaskOptions = LaunchOptions & {
  /** How long to wait for the workspace; then people come to one that is still being filled. */
  readonly readyTimeoutMs?: number;
};

const readyTimeoutDefaultMs = 60_000;

/**
 * Returns when the workspace is ready, or has taken too long to be waited for; `taskLogin` opens a shell in it. Throws
 * TASK_START_FAILED when the container did not stay up: its task and its log are kept.
 */
export async function runCli(ctx: TaskContext, projectId: string, options: CliTaskOptions = {}): Promise<LaunchedTask> {
  const { readyTimeoutMs = readyTimeoutDefaultMs, signal, ...launchOptions } = options;
  const stoppable = signal === undefined ? {} : { signal };
  const launched = await launchTask(ctx, projectId, { mode: 'cli' }, { ...launchOptions, ...stoppable });
  await awaitReady(
    ctx,
    projectId,
    launched,
    AbortSignal.any([AbortSignal.timeout(readyTimeoutMs), ...(signal === undefined ? [] : [signal])]),
  );
  return launched;
}

/** Until the line that says so, the end of the container, or the signal. A container that has ended is an error. */
export async function awaitReady(
  ctx: TaskContext,
  projectId: string,
  { taskId, containerName }: LaunchedTask,
  signal: AbortSignal,
): Promise<void> {
  const ready = readyWatch();
  for await (const chunk of followedLog(ctx, containerName, { signal })) {
    if (!ready.sees(chunk)) continue;
    await recordReady(ctx, projectId, taskId);
    break;
  }
  const row = (await taskContainers(ctx, projectId, taskId))?.find(({ name }) => name === containerName);
  if (row === undefined || row.state !== 'exited') return;
  await recordEnd(ctx, projectId, taskId, row);
  throw projectErrors.TASK_START_FAILED({ project: projectId, task: taskId, state: `exited with ${row.exitCode ?? 'no code'}` });
}
