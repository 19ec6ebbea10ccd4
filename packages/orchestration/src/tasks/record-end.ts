/** How a task ended, into its record: what podman says of its container, joined with what was asked of it. */
import { labelNames, logFormats, sessionWatch, type ContainerRow, type WaitEnd } from '@terok/executor';
import { formatInstant, TerokError } from '@terok/sandbox';
import { recordedContainerName } from '../containers/container-name.ts';
import { endOf } from '../containers/end-reason.ts';
import { taskContainers } from '../containers/live-containers.ts';
import { workspaceIsReady } from '../containers/task-directory.ts';
import { isOwed, withOwedHook } from '../hooks/hook-run.ts';
import { runOwedHook } from '../hooks/run-hook.ts';
import { readableProject } from '../projects/projects.ts';
import { logReadMaxMs } from '../task-logs.ts';
import type { TaskContext } from '../task-context.ts';
import { readTaskRecord, updateTask, type EndReason, type TaskRecord } from './meta.ts';
import { startedRun } from './runs.ts';

export type TaskEnd = {
  readonly ended: EndReason;
  /** The container's own; null when it could not be learned. */
  readonly exitCode: number | null;
  /** One sentence, where the agent did not end by itself. */
  readonly error: string | null;
};

/** Writes the end into the record; again with the same row it writes nothing. A launch that came after is left alone. */
export async function recordEnd(ctx: TaskContext, projectId: string, taskId: string, row: ContainerRow): Promise<TaskEnd> {
  const prepared = await workspaceIsReady(ctx, projectId, taskId);
  const session = await sessionSeen(ctx, projectId, taskId, row);
  const hooked = (await readableProject(ctx, projectId))?.hooks.post_stop ?? null;
  let learned = false;
  const record = await updateTask(ctx, projectId, taskId, (before) => {
    if (isOfAnotherLaunch(before, row)) return {};
    learned = !isRecorded(before, row);
    return {
      ...(session === undefined || !learned ? {} : { session_id: session }),
      exit_code: row.exitCode,
      ended: endOf(before, row, prepared),
      ...startedRun(before),
      ...(row.startedAt === null ? {} : { started_at: formatInstant(row.startedAt) }),
      ...(row.finishedAt === null ? {} : { finished_at: formatInstant(row.finishedAt) }),
      // With the end itself, so that a crash before the hook leaves one that is still to be run.
      ...(hooked === null || !learned ? {} : { hooks: withOwedHook('post_stop', before) }),
      ...(prepared && !Object.hasOwn(before, 'ready_at') ? { ready_at: formatInstant(row.startedAt ?? ctx.clock.now()) } : {}),
    };
  });
  const ended = isOfAnotherLaunch(record, row) ? endOf(record, row, prepared) : (record.ended ?? 'agent');
  if (learned) await runStopHook(ctx, { projectId, taskId, record });
  return taskEnd(ended, row.exitCode, record.stop_reason);
}

/** Whether the hook that follows the end of a run is still to be run, or was cut short. */
export const owesStopHook = (record: TaskRecord): boolean => typeof record.ended === 'string' && isOwed('post_stop', record);

/** Runs it where the record owes it; false where somebody else is at it, or there is none any more: a project that cannot be read has none. */
export async function runStopHook(
  ctx: TaskContext,
  { projectId, taskId, record }: { readonly projectId: string; readonly taskId: string; readonly record: TaskRecord },
): Promise<boolean> {
  if (!owesStopHook(record)) return false;
  const project = await readableProject(ctx, projectId);
  if (project === null || project.hooks.post_stop === null) return false;
  const facts = {
    TEROK_ENDED: record.ended ?? '',
    TEROK_EXIT_CODE: typeof record.exit_code === 'number' ? String(record.exit_code) : '',
  };
  const containerName = recordedContainerName(projectId, taskId, record) ?? '';
  return (await runOwedHook(ctx, { project, taskId, hook: 'post_stop', mode: record.mode ?? '', containerName, facts })) !== null;
}

export type AwaitedEnd = { readonly kind: 'ended'; readonly end: TaskEnd } | Exclude<WaitEnd, { readonly kind: 'exited' }>;

/** Waits for a task's container to end and records how; what else may come of a wait is handed on, and then nothing is recorded. */
export async function awaitEnd(
  ctx: TaskContext,
  container: string,
  { projectId, taskId }: { readonly projectId: string; readonly taskId: string },
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
): Promise<AwaitedEnd> {
  const waited = await ctx.runtime.wait(container, options);
  if (waited.kind !== 'exited') return waited;
  const row = (await taskContainers(ctx, projectId, taskId))?.find(({ name }) => name === container);
  if (row !== undefined) return { kind: 'ended', end: await recordEnd(ctx, projectId, taskId, { ...row, exitCode: waited.exitCode }) };

  // Somebody removed it, or podman does not list it now: the code is known, the moments are left to a later look.
  const record = await updateTask(ctx, projectId, taskId, { exit_code: waited.exitCode });
  const prepared = await workspaceIsReady(ctx, projectId, taskId);
  return {
    kind: 'ended',
    end: taskEnd(endOf(record, { ...waited, startedAt: null, finishedAt: null }, prepared), waited.exitCode, record.stop_reason),
  };
}

/** Whether the record tells of just this end; of an earlier one of the same container, where that was started again, it may tell too. */
export const isRecorded = (record: TaskRecord, { exitCode, finishedAt }: Pick<ContainerRow, 'exitCode' | 'finishedAt'>): boolean =>
  typeof record.ended === 'string' &&
  record.exit_code === exitCode &&
  (finishedAt === null || record.finished_at === formatInstant(finishedAt));

/** A task that was gone on with has the container of the run before until that is cleared away. */
const isOfAnotherLaunch = ({ launch_id: launchId }: TaskRecord, { labels }: Pick<ContainerRow, 'labels'>): boolean =>
  typeof launchId === 'string' && labels[labelNames.launch] !== launchId;

/**
 * The session that the agent said it worked in, to be gone on with later; null when it was to go on with one that it does not have
 * any more, so that the next run begins a new one. Undefined where nothing was learned.
 */
async function sessionSeen(ctx: TaskContext, projectId: string, taskId: string, row: ContainerRow): Promise<string | null | undefined> {
  const read = await readTaskRecord(ctx, projectId, taskId);
  if (read.kind !== 'read' || typeof read.record.ended === 'string') return undefined;
  const format = logFormats.find((known) => known === read.record.log_format);
  if (format === undefined || format === 'plain') return undefined;
  const watch = sessionWatch(format);
  try {
    for await (const chunk of ctx.runtime.logs(row.name, { timeoutMs: logReadMaxMs })) watch.sees(chunk);
  } catch (error) {
    // How the run ended is known without its log.
    if (!(error instanceof TerokError)) throw error;
  }
  const { sessionId, lost } = watch.found();
  return lost ? null : (sessionId ?? undefined);
}

const taskEnd = (ended: EndReason, exitCode: number | null, reason: string | null | undefined): TaskEnd => ({
  ended,
  exitCode,
  error: ended === 'stopped' && reason === diskLow ? 'terok stopped the task: its disk was almost full.' : sentences[ended],
});

/** Why terok itself stopped a task. */
export const diskLow = 'disk_low';

const sentences: Readonly<Record<EndReason, string | null>> = {
  agent: null,
  time_limit: 'The time limit was reached.',
  stopped: 'The task was stopped.',
  interrupted: 'The task was interrupted.',
  terok_error: 'The workspace could not be made ready; the log says why.',
};
