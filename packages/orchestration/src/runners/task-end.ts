/** How a task ended: what podman says of its container, joined with what was asked of it. */
import { labelNames, logFormats, sessionWatch, type ContainerRow } from '@terok/executor';
import { formatInstant, parseInstant, TerokError } from '@terok/sandbox';
import type { TaskContext } from '../task-context.ts';
import { liveContainers } from '../tasks/live.ts';
import { isTaskId } from '../tasks/identity.ts';
import { iterTaskIds, readTaskRecord, tasksMetaDir, updateTask, type TaskEnd as Ended, type TaskRecord } from '../tasks/meta.ts';
import { taskDirectory, workspaceIsReady } from '../tasks/task-directory.ts';
import { endOf } from './ended.ts';
import { secretsFilePath } from './secrets.ts';

export type TaskEnd = {
  readonly ended: Ended;
  /** The container's own; null when it could not be learned. */
  readonly exitCode: number | null;
  /** One sentence, where the agent did not end by itself. */
  readonly error: string | null;
};

/** Writes the end into the record; again with the same row it writes nothing. A launch that came after is left alone. */
export async function recordEnd(ctx: TaskContext, projectId: string, taskId: string, row: ContainerRow): Promise<TaskEnd> {
  const prepared = await workspaceIsReady(ctx, projectId, taskId);
  const session = await sessionSeen(ctx, projectId, taskId, row);
  const record = await updateTask(ctx, projectId, taskId, (before) =>
    isOfAnotherLaunch(before, row)
      ? {}
      : {
          ...(session === undefined || typeof before.ended === 'string' ? {} : { session_id: session }),
          exit_code: row.exitCode,
          ended: endOf(before, row, prepared),
          launching_at: null,
          ...(row.startedAt === null ? {} : { started_at: formatInstant(row.startedAt) }),
          ...(row.finishedAt === null ? {} : { finished_at: formatInstant(row.finishedAt) }),
          ...(prepared && !Object.hasOwn(before, 'ready_at') ? { ready_at: formatInstant(row.startedAt ?? ctx.clock.now()) } : {}),
        },
  );
  const ended = isOfAnotherLaunch(record, row) ? endOf(record, row, prepared) : (record.ended ?? 'agent');
  return { ended, exitCode: row.exitCode, error: sentences[ended] };
}

/** A task that was gone on with has the container of the run before until that is cleared away. */
const isOfAnotherLaunch = ({ launch_id: launchId }: TaskRecord, { labels }: ContainerRow): boolean =>
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
    for await (const chunk of ctx.runtime.logs(row.name)) watch.sees(chunk);
  } catch (error) {
    // How the run ended is known without its log.
    if (!(error instanceof TerokError)) throw error;
  }
  const { sessionId, lost } = watch.found();
  return lost ? null : (sessionId ?? undefined);
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
    const row = containers.get(taskId);
    const own = row === undefined || isOfAnotherLaunch(read.record, row) ? undefined : row;
    if (await reconciled(ctx, projectId, taskId, read.record, own)) changed.push(taskId);
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
  // A launch removes it itself, unless it dies in between.
  await ctx.files.remove(secretsFilePath(taskDirectory(ctx, projectId, taskId).root));
  // A task that ran before keeps its mode and its base: it is gone on with, not begun anew.
  const ranBefore = Object.hasOwn(record, 'ready_at');
  const asBefore = ranBefore ? { ended: 'terok_error' as const } : { mode: null };
  await updateTask(ctx, projectId, taskId, { launching_at: null, launch_id: null, ...asBefore });
  return true;
}
