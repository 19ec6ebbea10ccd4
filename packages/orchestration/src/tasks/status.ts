/** Everything about one task, for a person who wants to know how it stands. */
import { parseInstant, TerokError } from '@terok/sandbox';
import { recordedContainerName } from '../containers/container-name.ts';
import { taskContainers } from '../containers/live-containers.ts';
import { generationOf, hookRuns, type HookRun } from '../hooks/hook-run.ts';
import { isMerged, startPoint } from '../projects/mirror.ts';
import { loadProject } from '../projects/projects.ts';
import type { TaskContext } from '../task-context.ts';
import { isTaskId } from './identity.ts';
import { loadTaskMeta, type EndReason, type TaskRecord } from './meta.ts';
import { taskMetaAmong, type TaskMeta } from './query.ts';
import { reconcileTask } from './reconcile.ts';
import { taskRuns, type TaskRun } from './runs.ts';

export type TaskStatusReport = {
  readonly task: TaskMeta;
  readonly containerName: string | null;
  readonly containerState: TaskMeta['containerState'];
  /** Walls that are lower than the default, by name. */
  readonly relaxations: readonly string[];
  /** What else should be known: limits that the engine does not enforce. */
  readonly notes: readonly string[];
  readonly branch: string | null;
  readonly baseCommit: string | null;
  readonly ended: EndReason | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly timeLimitSeconds: number | null;
  /** Every run, oldest first: what `taskLogs` can be asked for by its number. None of a task that never ran. */
  readonly runs: readonly TaskRun[];
  /** What became of the project's hooks at the last start, in the order in which they were begun. */
  readonly hooks: readonly HookRun[];
  /** The branch that the work was last fetched into; null when it never was. */
  readonly fetchedBranch: string | null;
  /** Whether the work as it was last fetched is in the project's branch; null when it was never fetched, or that cannot be told. */
  readonly merged: boolean | null;
};

/** Records an end that nobody was there to record, then reports. Throws TASK_NOT_FOUND, TASK_RECORD_DAMAGED. */
export async function taskStatus(ctx: TaskContext, projectId: string, taskId: string): Promise<TaskStatusReport> {
  const rows = isTaskId(taskId) ? await taskContainers(ctx, projectId, taskId) : null;
  const changed = await reconcileTask(ctx, projectId, taskId, rows);
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  // A launch that was taken back has no container any more.
  const task = await taskMetaAmong(ctx, projectId, taskId, changed ? await taskContainers(ctx, projectId, taskId) : rows);
  return {
    task,
    containerName: recordedContainerName(projectId, taskId, record),
    containerState: task.containerState,
    relaxations: record.relaxations ?? [],
    notes: limitNotes(ctx),
    branch: record.branch ?? null,
    baseCommit: record.base_commit ?? null,
    ended: record.ended ?? null,
    startedAt: task.startedAt ?? parseInstant(record.launching_at ?? ''),
    finishedAt: task.finishedAt,
    timeLimitSeconds: record.time_limit_s ?? null,
    runs: taskRuns(record),
    hooks: hookRuns(record.hooks).filter(({ generation }) => generation === generationOf(record)),
    fetchedBranch: record.fetched_branch ?? null,
    merged: await mergedOrUnknown(ctx, projectId, record),
  };
}

function limitNotes({ engine }: TaskContext): readonly string[] {
  if (!('profile' in engine)) return [];
  const ignored = (['memory', 'cpus', 'pids'] as const).filter((limit) => !engine.profile.limits[limit]);
  return ignored.length === 0 ? [] : [`The engine does not enforce these limits here: ${ignored.join(', ')}.`];
}

async function mergedOrUnknown(ctx: TaskContext, projectId: string, record: TaskRecord): Promise<boolean | null> {
  const tip = record.fetched_tip;
  if (typeof tip !== 'string') return null;
  try {
    const project = await loadProject(ctx, projectId);
    const { branch } = await startPoint(ctx, project, project.branch);
    return await isMerged(ctx, project, tip, branch);
  } catch (error) {
    // A project that cannot be read, or has no mirror any more, does not keep a task from being looked at.
    if (error instanceof TerokError) return null;
    throw error;
  }
}
