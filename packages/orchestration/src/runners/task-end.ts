/** How a task ended: what podman says of its container, joined with what was asked of it. */
import { prepareFailedExitCode, type ContainerRow } from '@terok/executor';
import { formatInstant, parseInstant } from '@terok/sandbox';
import type { TaskContext } from '../task-context.ts';
import { taskState } from '../task-state.ts';
import { liveContainers } from '../tasks/live.ts';
import { isTaskId } from '../tasks/identity.ts';
import { iterTaskIds, readTaskRecord, tasksMetaDir, updateTask, type TaskEnd as Ended, type TaskRecord } from '../tasks/meta.ts';
import { workspaceIsReady } from '../tasks/query.ts';

export type TaskEnd = {
  readonly ended: Ended;
  /** The container's own; null when it could not be learned. */
  readonly exitCode: number | null;
  /** One sentence, where the agent did not end by itself. */
  readonly error: string | null;
};

type EndedRow = Pick<ContainerRow, 'exitCode' | 'startedAt' | 'finishedAt'>;

/** Signals that a time limit ends a program with: its own code, SIGKILL and SIGTERM. */
const timeLimitExitCodes = [124, 137, 143];

/** Pure. `prepared`: the workspace was made ready, so that the agent really began. */
export function endOf(record: TaskRecord, row: EndedRow, prepared: boolean): Ended {
  const { interrupted, stopRequested } = taskState({ ...record, ended: null }, { containerState: 'exited' });
  if (interrupted) return 'interrupted';
  if (stopRequested) return 'stopped';
  if (!prepared && row.exitCode === prepareFailedExitCode) return 'terok_error';
  if (ranForItsLimit(record, row) && timeLimitExitCodes.includes(row.exitCode ?? -1)) return 'time_limit';
  return 'agent';
}

/** podman's times are whole seconds, so a run may look one shorter than it was. */
function ranForItsLimit({ time_limit_s: limit }: TaskRecord, { startedAt, finishedAt }: EndedRow): boolean {
  if (typeof limit !== 'number' || limit <= 0 || startedAt === null || finishedAt === null) return false;
  return (finishedAt.getTime() - startedAt.getTime()) / 1000 >= limit - 1;
}

/** Writes the end into the record; again with the same row it writes nothing. A launch that came after is left alone. */
export async function recordEnd(ctx: TaskContext, projectId: string, taskId: string, row: ContainerRow): Promise<TaskEnd> {
  const prepared = await workspaceIsReady(ctx, projectId, taskId);
  const record = await updateTask(ctx, projectId, taskId, (before) => ({
    exit_code: row.exitCode,
    ended: endOf(before, row, prepared),
    launching_at: null,
    ...(row.startedAt === null ? {} : { started_at: formatInstant(row.startedAt) }),
    ...(row.finishedAt === null ? {} : { finished_at: formatInstant(row.finishedAt) }),
    ...(prepared && !Object.hasOwn(before, 'ready_at') ? { ready_at: formatInstant(row.startedAt ?? ctx.clock.now()) } : {}),
  }));
  const ended = record.ended ?? 'agent';
  return { ended, exitCode: row.exitCode, error: sentences[ended] };
}

const sentences: Readonly<Record<Ended, string | null>> = {
  agent: null,
  time_limit: 'The time limit was reached.',
  stopped: 'The task was stopped.',
  interrupted: 'The task was interrupted.',
  terok_error: 'The workspace could not be made ready; the log says why.',
};

/**
 * Brings records in line with podman: ends that nobody was there to record, launches that were cut short. Writes only what
 * differs, and nothing when podman could not be asked. Returns the tasks whose records changed.
 */
export async function reconcileProject(ctx: TaskContext, projectId: string): Promise<readonly string[]> {
  const containers = await liveContainers(ctx, projectId);
  if (containers === null) return [];
  const changed: string[] = [];
  for await (const taskId of iterTaskIds(ctx, tasksMetaDir(ctx, projectId))) {
    const read = isTaskId(taskId) ? await readTaskRecord(ctx, projectId, taskId) : null;
    if (read?.kind !== 'read') continue;
    if (await reconciled(ctx, projectId, taskId, read.record, containers.get(taskId))) changed.push(taskId);
  }
  return changed;
}

/** A launch may still be under way in another process; only one that is old was certainly cut short. */
const launchMaxMs = 15 * 60_000;

async function reconciled(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  record: TaskRecord,
  row: ContainerRow | undefined,
): Promise<boolean> {
  if (row !== undefined && row.state === 'exited') {
    if (record.exit_code === row.exitCode && typeof record.ended === 'string') return false;
    await recordEnd(ctx, projectId, taskId, row);
    return true;
  }
  const begun = row !== undefined && row.state !== 'created' && row.state !== 'initialized';
  if (begun || typeof record.launching_at !== 'string') return false;
  const launching = parseInstant(record.launching_at)?.getTime() ?? 0;
  if (ctx.clock.now().getTime() - launching < launchMaxMs) return false;
  if (row !== undefined) await ctx.runtime.remove([row.name]);
  await updateTask(ctx, projectId, taskId, { launching_at: null, launch_id: null, mode: null });
  return true;
}
