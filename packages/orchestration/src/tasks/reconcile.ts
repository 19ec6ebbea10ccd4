/**
 * Brings records in line with podman: ends that nobody was there to record, launches that were cut short. Writes only what differs,
 * and nothing when podman could not be asked.
 */
import type { ContainerRow } from '@terok/executor';
import { formatInstant, parseInstant } from '@terok/sandbox';
import { liveContainers, rowOfLaunch, taskContainers } from '../containers/live-containers.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { secretsFilePath } from '../secrets/secrets-file.ts';
import type { TaskContext } from '../task-context.ts';
import { isTaskId } from './identity.ts';
import { iterTaskIds, readTaskRecord, readTaskRecords, tasksMetaDir, updateTask, type TaskRecord } from './meta.ts';
import { launcherOf, type Launcher } from './launch-mark.ts';
import { isRecorded, owesStopHook, recordEnd, runStopHook } from './record-end.ts';
import { startedRun } from './runs.ts';
import { undoneLaunch } from './undo-launch.ts';

/** Every task of a project, by one query. Returns those whose records changed. */
export async function reconcileProject(ctx: TaskContext, projectId: string): Promise<readonly string[]> {
  const containers = await liveContainers(ctx, projectId);
  if (containers === null) return [];
  const ids = (await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId)))).filter(isTaskId);
  const reads = await readTaskRecords(ctx, projectId, ids);
  const changed: string[] = [];
  for (const [index, taskId] of ids.entries()) {
    const read = reads[index];
    if (read?.kind === 'read' && (await reconcileWith(ctx, { projectId, taskId, record: read.record }, containers.get(taskId))))
      changed.push(taskId);
  }
  return changed;
}

/** One task; `known` are its containers where they were just asked for. True when its record changed. */
export async function reconcileTask(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  known?: readonly ContainerRow[] | null,
): Promise<boolean> {
  if (!isTaskId(taskId)) return false;
  const rows = known === undefined ? await taskContainers(ctx, projectId, taskId) : known;
  const read = await readTaskRecord(ctx, projectId, taskId);
  return rows !== null && read.kind === 'read' && reconcileWith(ctx, { projectId, taskId, record: read.record }, rows);
}

/** How old a launch is that was certainly cut short: what podman was told last may go on for a moment after whoever told it. */
const cutShortMs: Readonly<Record<Launcher, number>> = { alive: Infinity, gone: 60_000, unknown: 15 * 60_000 };

type Recorded = { readonly projectId: string; readonly taskId: string; readonly record: TaskRecord };

async function reconcileWith(
  ctx: TaskContext,
  { projectId, taskId, record }: Recorded,
  rows: readonly ContainerRow[] | undefined,
): Promise<boolean> {
  const row = rowOfLaunch(rows, record.launch_id);
  const launcher = typeof record.launching_at === 'string' ? await launcherOf(ctx, projectId, taskId) : 'unknown';
  switch (neededAction(record, row, { launcher, now: ctx.clock.now() })) {
    case null:
      return false;
    case 'record_end':
      if (row !== undefined) await recordEnd(ctx, projectId, taskId, row);
      return true;
    case 'run_stop_hook':
      return runStopHook(ctx, { projectId, taskId, record });
    case 'finish_launch':
      await finishLaunch(ctx, { projectId, taskId, record }, row?.startedAt ?? ctx.clock.now());
      return true;
    case 'take_back_launch':
      return takeBackLaunch(ctx, { projectId, taskId, record }, row);
  }
}

/** Pure: what a record and its container need; null for nothing. */
function neededAction(
  record: TaskRecord,
  row: ContainerRow | undefined,
  { launcher, now }: { readonly launcher: Launcher; readonly now: Date },
): 'record_end' | 'run_stop_hook' | 'finish_launch' | 'take_back_launch' | null {
  if (row?.state === 'exited' && !isRecorded(record, row)) return 'record_end';
  if (owesStopHook(record)) return 'run_stop_hook';
  if (row?.state === 'exited') return null;
  if (typeof record.launching_at !== 'string') return null;
  const launching = parseInstant(record.launching_at)?.getTime() ?? 0;
  if (now.getTime() - launching < cutShortMs[launcher]) return null;
  const begun = row !== undefined && row.state !== 'created' && row.state !== 'initialized';
  return begun ? 'finish_launch' : 'take_back_launch';
}

/** The container runs, and whoever started it died before that was written down. */
async function finishLaunch(ctx: TaskContext, { projectId, taskId, record }: Recorded, startedAt: Date): Promise<void> {
  await ctx.files.remove(secretsFilePath(taskDirectory(ctx, projectId, taskId).root));
  await updateTask(ctx, projectId, taskId, (found) =>
    found.launch_id === record.launch_id ? { ...startedRun(found), started_at: formatInstant(startedAt) } : {},
  );
}

async function takeBackLaunch(ctx: TaskContext, { projectId, taskId, record }: Recorded, row: ContainerRow | undefined): Promise<boolean> {
  // One that does not go stays on record, for a later look.
  if (row !== undefined && (await ctx.runtime.remove([row.name])).some(({ removed }) => !removed)) return false;
  // A launch removes it itself, unless it dies in between.
  await ctx.files.remove(secretsFilePath(taskDirectory(ctx, projectId, taskId).root));
  await updateTask(ctx, projectId, taskId, (found) => (found.launch_id === record.launch_id ? undoneLaunch(found) : {}));
  return true;
}
