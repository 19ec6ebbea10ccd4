/** Watches a running task: its output as it comes, and its end into the record. Nothing here keeps the task alive or ends it. */
import { readyLine, type OutputChunk } from '@terok/executor';
import { formatInstant } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import { recordedContainerName } from '../containers/container-name.ts';
import type { TaskContext } from '../task-context.ts';
import { loadTaskMeta, updateTask } from '../tasks/meta.ts';
import { awaitEnd, type TaskEnd } from '../tasks/record-end.ts';

export type FollowOptions = {
  readonly write: (chunk: OutputChunk) => void | Promise<void>;
  /** Stops watching; the task goes on. */
  readonly signal?: AbortSignal;
};

/** Resolves when the container has ended and that is recorded. Rejects with the signal's reason when told to stop watching. */
export async function followTask(ctx: TaskContext, projectId: string, taskId: string, { write, signal }: FollowOptions): Promise<TaskEnd> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  const name = recordedContainerName(projectId, taskId, record);
  if (name === null) throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const stoppable = signal === undefined ? {} : { signal };

  const ready = readyWatch();
  for await (const chunk of ctx.runtime.logs(name, { follow: true, ...stoppable })) {
    if (ready.sees(chunk)) await updateTask(ctx, projectId, taskId, { ready_at: formatInstant(ctx.clock.now()) });
    await write(chunk);
  }
  signal?.throwIfAborted();
  const awaited = await awaitEnd(ctx, name, { projectId, taskId }, stoppable);
  if (awaited.kind === 'aborted') signal?.throwIfAborted();
  return awaited.kind === 'ended'
    ? awaited.end
    : { ended: 'terok_error', exitCode: null, error: `The end of the task could not be learned (${awaited.kind}).` };
}

/** True once, at the chunk in which the line that the bootstrap prints is complete. A line may be cut anywhere. */
function readyWatch(): { sees(chunk: OutputChunk): boolean } {
  const decoder = new TextDecoder();
  let seen = false;
  let rest = '';
  return {
    sees({ stream, bytes }) {
      if (seen || stream !== 'stderr') return false;
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = (lines.pop() ?? '').slice(-readyLine.length);
      seen = lines.includes(readyLine);
      return seen;
    },
  };
}

export type WaitOptions = { readonly timeoutSeconds?: number; readonly signal?: AbortSignal };

/**
 * Waits for a container to end and records its exit code; a code of 124 is the agent's like any other. When the wait itself runs
 * out, or cannot be had, the code is null and the text says why; then nothing is recorded.
 */
export async function waitForContainerExit(
  ctx: TaskContext,
  container: string,
  projectId: string,
  taskId: string,
  { timeoutSeconds = 7200, signal }: WaitOptions = {},
): Promise<{ readonly exitCode: number | null; readonly error: string | null }> {
  const options = { timeoutMs: timeoutSeconds * 1000, ...(signal === undefined ? {} : { signal }) };
  const awaited = await awaitEnd(ctx, container, { projectId, taskId }, options);
  switch (awaited.kind) {
    case 'ended':
      return { exitCode: awaited.end.exitCode, error: null };
    case 'timed_out':
      return { exitCode: null, error: 'Watcher timed out' };
    case 'aborted':
      return { exitCode: null, error: 'The wait was cancelled' };
    case 'never_started':
      return { exitCode: null, error: 'The container was never started' };
    case 'gone':
      return { exitCode: null, error: 'The container is gone' };
    case 'failed':
      return { exitCode: null, error: awaited.reason };
  }
}
