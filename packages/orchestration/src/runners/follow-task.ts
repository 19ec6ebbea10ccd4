/** Watches a running task: its output as it comes, and its end into the record. Nothing here keeps the task alive. */
import { setTimeout } from 'node:timers/promises';
import { followedLog, type OutputChunk } from '@terok/executor';
import { TerokError } from '@terok/sandbox';
import { recordedContainerName } from '../containers/container-name.ts';
import { projectErrors } from '../errors.ts';
import { redactedChunks } from '../secrets/redaction.ts';
import { projectSecretValues } from '../task-logs.ts';
import type { TaskContext } from '../task-context.ts';
import { stopOnFullDisk } from '../tasks/disk-guard.ts';
import { isTaskId } from '../tasks/identity.ts';
import { loadTaskMeta } from '../tasks/meta.ts';
import { awaitEnd, type TaskEnd } from '../tasks/record-end.ts';
import { beginAfresh, sessionLostNotice } from './fresh-session.ts';
import { readyWatch, recordReady } from './ready.ts';

export type FollowOptions = {
  readonly write: (chunk: OutputChunk) => void | Promise<void>;
  /** Stops watching; the task goes on. */
  readonly signal?: AbortSignal;
  /** How often the room on the disk is looked at. */
  readonly diskCheckMs?: number;
};

const diskCheckDefaultMs = 15_000;

/**
 * Resolves when the container has ended and that is recorded. What is handed on has no secrets in it. A task that leaves too little
 * room on the disk is stopped; one whose agent has lost the session that it was to go on with is begun again and watched on. Rejects
 * with the signal's reason when told to stop watching.
 */
export async function followTask(ctx: TaskContext, projectId: string, taskId: string, options: FollowOptions): Promise<TaskEnd> {
  const end = await followLaunch(ctx, projectId, taskId, options);
  const again = isTaskId(taskId) ? await beginAfresh(ctx, projectId, taskId, end) : null;
  if (again === null) return end;
  await options.write({ stream: 'stderr', bytes: new TextEncoder().encode(sessionLostNotice) });
  return followLaunch(ctx, projectId, taskId, options);
}

async function followLaunch(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { write, signal, diskCheckMs = diskCheckDefaultMs }: FollowOptions,
): Promise<TaskEnd> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  const name = recordedContainerName(projectId, taskId, record);
  if (name === null) throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const stoppable = signal === undefined ? {} : { signal };

  const disk = diskWatch(ctx, projectId, taskId, diskCheckMs);
  try {
    const chunks = watched(ctx, projectId, taskId, followedLog(ctx, name, stoppable));
    for await (const chunk of redactedChunks(chunks, await projectSecretValues(ctx, projectId))) await write(chunk);
    signal?.throwIfAborted();
    const awaited = await awaitEnd(ctx, name, { projectId, taskId }, stoppable);
    if (awaited.kind === 'aborted') signal?.throwIfAborted();
    return awaited.kind === 'ended'
      ? awaited.end
      : { ended: 'terok_error', exitCode: null, error: `The end of the task could not be learned (${awaited.kind}).` };
  } finally {
    await disk.stop();
  }
}

/** The chunks as they are, with an eye on the line that says that the work begins. */
async function* watched(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  chunks: AsyncIterable<OutputChunk>,
): AsyncGenerator<OutputChunk> {
  const ready = readyWatch();
  for await (const chunk of chunks) {
    if (ready.sees(chunk)) await recordReady(ctx, projectId, taskId);
    yield chunk;
  }
}

/** Looks at the disk now and then, one look at a time, until told to stop; then waits for the look that is under way. */
function diskWatch(ctx: TaskContext, projectId: string, taskId: string, everyMs: number): { stop(): Promise<void> } {
  const watching = new AbortController();
  const ended = (async () => {
    while (await slept(everyMs, watching.signal)) if (await stoppedForDisk(ctx, projectId, taskId)) return;
  })();
  return {
    stop: async () => {
      watching.abort();
      await ended;
    },
  };
}

/** False when the signal came first. */
const slept = (ms: number, signal: AbortSignal): Promise<boolean> =>
  setTimeout(ms, undefined, { signal }).then(
    () => true,
    () => false,
  );

/** What cannot be asked now is asked again later; what is wrong with the task itself, its end will say. */
async function stoppedForDisk(ctx: TaskContext, projectId: string, taskId: string): Promise<boolean> {
  try {
    return await stopOnFullDisk(ctx, projectId, taskId);
  } catch (error) {
    if (error instanceof TerokError) return false;
    throw error;
  }
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
