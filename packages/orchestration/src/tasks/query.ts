/** Looking at tasks: records from disk joined with what podman says, by one directory listing and one query. */
import { join } from 'node:path';
import type { ContainerRow, ContainerState } from '@terok/executor';
import { parseInstant, printable, TerokError } from '@terok/sandbox';
import { projectErrors, taskErrors } from '../errors.ts';
import { loadProject } from '../projects/projects.ts';
import { recordedContainerName } from '../containers/container-name.ts';
import { endOf } from '../containers/end-reason.ts';
import { liveContainers, rowOfLaunch, taskContainers, type LiveContainers } from '../containers/live-containers.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { runOverWorkspace } from '../containers/throwaway.ts';
import type { TaskContext } from '../task-context.ts';
import { effectiveStatus, taskState, type EffectiveStatus } from '../task-state.ts';
import { readWorkStatuses } from '../work-status.ts';
import { isTaskId, type TaskId } from './identity.ts';
import { agentConfigPath } from './meta-paths.ts';
import { iterTaskIds, loadTaskMeta, readTaskRecords, tasksMetaDir, textAt, type TaskRecord, type TaskRecordRead } from './meta.ts';
import { reconcileTask } from './reconcile.ts';
import { diffScript, scriptExit } from './workspace-scripts.ts';

/** One task as it is now. `status` is derived from the other fields when it was read, never stored. */
export type TaskMeta = {
  readonly taskId: TaskId;
  readonly projectId: string;
  readonly name: string;
  /** Null until the task is launched. */
  readonly mode: string | null;
  /** The task's folder on the host. */
  readonly workspace: string;
  /** podman's word; null when there is no container; `unknown` when podman could not be asked, or was not. */
  readonly containerState: ContainerState | 'unknown' | null;
  readonly exitCode: number | null;
  readonly deleting: boolean;
  readonly initialized: boolean;
  readonly starting: boolean;
  readonly status: EffectiveStatus;
  readonly createdAt: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly agent: string | null;
  readonly provider: string | null;
  readonly preset: string | null;
  readonly backend: string | null;
  readonly unrestricted: boolean | null;
  readonly webPort: number | null;
  readonly webToken: string | null;
  readonly workStatus: string | null;
  readonly workMessage: string | null;
  readonly shieldState: string | null;
};

export type GetTasksOptions = {
  /** Descending by ID. */
  readonly reverse?: boolean;
  /** Asks podman, once. Without it statuses say what was last recorded. */
  readonly live?: boolean;
};

/** Every task of a project by ascending ID. A task whose record cannot be read is among them, as damaged. */
export async function getTasks(
  ctx: TaskContext,
  projectId: string,
  { reverse = false, live = false }: GetTasksOptions = {},
): Promise<readonly TaskMeta[]> {
  const written = live ? await lastWritten(ctx, projectId) : null;
  const ids = (await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId)))).filter(isTaskId).toSorted();
  if (ids.length === 0) return [];
  const read = () => readTaskRecords(ctx, projectId, ids);
  const [containers, meanwhile] = live ? await Promise.all([liveContainers(ctx, projectId), written === null ? null : read()]) : [];
  // A record may only be joined with what podman said before it was read: a container that is gone by then has its end in it.
  const records = meanwhile && (await lastWritten(ctx, projectId)) === written ? meanwhile : await read();
  const tasks = await hydrated(ctx, projectId, { ids, records, containers });
  return reverse ? tasks.toReversed() : tasks;
}

/**
 * When a record of the project was last put in place, in milliseconds since 1970; null when that is so little time ago that a change which
 * comes now may bear the same moment.
 */
async function lastWritten(ctx: TaskContext, projectId: string): Promise<number | null> {
  const facts = await ctx.files.stat(tasksMetaDir(ctx, projectId));
  if (facts === null) return null;
  const ageMs = ctx.clock.now().getTime() - facts.modifiedAt.getTime();
  return Math.abs(ageMs) > tickMaxMs ? facts.modifiedAt.getTime() : null;
}

/** No file system keeps time in coarser steps. */
const tickMaxMs = 5_000;

/** One task with its live state. Throws TASK_NOT_FOUND. */
export async function getTaskMeta(ctx: TaskContext, projectId: string, taskId: string): Promise<TaskMeta> {
  return taskMetaAmong(ctx, projectId, taskId, isTaskId(taskId) ? await taskContainers(ctx, projectId, taskId) : null);
}

/** As `getTaskMeta`, for a caller that knows the containers of the task already; null where podman did not say. */
export async function taskMetaAmong(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  rows: readonly ContainerRow[] | null,
): Promise<TaskMeta> {
  const found = isTaskId(taskId) ? [taskId] : [];
  const records = await readTaskRecords(ctx, projectId, found);
  const containers = rows === null ? null : new Map(found.map((id) => [id, rows]));
  const [task] = await hydrated(ctx, projectId, { ids: found, records, containers });
  if (task === undefined) throw taskErrors.TASK_NOT_FOUND({ project: projectId, task: taskId });
  return task;
}

/** Each task's container state; a null value is "no container", null as a whole is "podman could not be asked". */
export async function getAllTaskStates(
  ctx: TaskContext,
  projectId: string,
  tasks: readonly Pick<TaskMeta, 'taskId' | 'mode'>[],
): Promise<ReadonlyMap<TaskId, ContainerState | null> | null> {
  const containers = await liveContainers(ctx, projectId);
  if (containers === null) return null;
  return new Map(
    tasks.map(({ taskId, mode }) => [taskId, mode === null ? null : (rowOfLaunch(containers.get(taskId), null)?.state ?? null)]),
  );
}

/** Undefined when podman could not be asked. A task that has no mode has no container. */
export async function getTaskContainerState(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  mode: string | null,
): Promise<ContainerState | null | undefined> {
  if (mode === null) return null;
  const rows = await taskContainers(ctx, projectId, taskId);
  return rows === null ? undefined : (rowOfLaunch(rows, null)?.state ?? null);
}

/** The name under which a task's container goes; null when the task is unknown, was never launched, or the words are no task's. */
export async function lookupContainerByPt(ctx: TaskContext, projectId: string, taskId: string): Promise<string | null> {
  if (!isTaskId(taskId)) return null;
  try {
    const { record } = await loadTaskMeta(ctx, projectId, taskId);
    return recordedContainerName(projectId, taskId, record);
  } catch (error) {
    if (error instanceof TerokError) return null;
    throw error;
  }
}

export type TaskFilter = { readonly status?: string; readonly mode?: string; readonly agent?: string };

/** Live tasks that match every filter given. Throws CONTAINERS_UNKNOWN rather than guess a status to filter by. */
export async function taskList(
  ctx: TaskContext,
  projectId: string,
  { status, mode, agent }: TaskFilter = {},
): Promise<readonly TaskMeta[]> {
  await loadProject(ctx, projectId);
  const tasks = (await settledTasks(ctx, projectId)).filter(
    (task) => (mode === undefined || task.mode === mode) && (agent === undefined || task.agent === agent || task.preset === agent),
  );
  if (status !== undefined && tasks.some((task) => task.status === 'unknown')) throw projectErrors.CONTAINERS_UNKNOWN({});
  return tasks.filter((task) => status === undefined || task.status === status);
}

/** Every task, after starts that were cut short have been taken back: nobody else may look at them for long. */
async function settledTasks(ctx: TaskContext, projectId: string): Promise<readonly TaskMeta[]> {
  const tasks = await getTasks(ctx, projectId, { live: true });
  const starting = tasks.filter(({ status }) => status === 'starting');
  const changed = await Promise.all(starting.map(({ taskId }) => reconcileTask(ctx, projectId, taskId, [])));
  return changed.includes(true) ? getTasks(ctx, projectId, { live: true }) : tasks;
}

export type DiffOptions = {
  /** `base`: where the task began, new files included; `HEAD`: what is not committed; `PREV`: the last commit. */
  readonly against?: 'base' | 'HEAD' | 'PREV';
};

const diffMaxBytes = 64 * 1024 * 1024;

/**
 * The task's changes as git prints them, made in a throw-away container, whatever the task's own does; empty when there are none.
 * Null when the workspace has nothing to compare yet.
 */
export async function getWorkspaceGitDiff(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { against = 'HEAD' }: DiffOptions = {},
): Promise<string | null> {
  const project = await loadProject(ctx, projectId);
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  const result = await runOverWorkspace(ctx, {
    project,
    taskId,
    script: diffScript,
    args: [record.base_commit ?? '', against],
    outputMaxBytes: diffMaxBytes,
  });
  if (result.exitCode === 0) return new TextDecoder().decode(result.stdout);
  if (result.exitCode === scriptExit.noRepository) return null;
  throw projectErrors.WORKSPACE_UNREADABLE({
    project: projectId,
    task: taskId,
    what: 'diff',
    said: printable(new TextDecoder().decode(result.stderr)),
  });
}

type Seen = {
  readonly ids: readonly TaskId[];
  /** One for each ID. */
  readonly records: readonly TaskRecordRead[];
  /** Null: podman could not be asked; undefined: it was not. */
  readonly containers: LiveContainers | null | undefined;
};

/** What agents say of their work, and workspaces still to be filled: each by one call for all. A task that went meanwhile is left out. */
async function hydrated(ctx: TaskContext, projectId: string, { ids, records, containers }: Seen): Promise<readonly TaskMeta[]> {
  const found = records.flatMap((read, index) => (read.kind === 'absent' ? [] : [{ taskId: ids[index]!, read }]));
  const works = await readWorkStatuses(
    ctx.files,
    found.map(({ taskId }) => agentConfigPath(ctx, projectId, taskId)),
  );
  const rowOf = (taskId: TaskId, record: TaskRecord) => rowOfLaunch(containers?.get(taskId), record.launch_id);
  const asked = found.flatMap(({ taskId, read }) =>
    read.kind === 'read' && dependsOnMarker(read.record, rowOf(taskId, read.record)) ? [taskId] : [],
  );
  const prepared = new Set(await preparedWorkspaces(ctx, projectId, asked));

  return found.map(({ taskId, read }, index) => {
    const place = { projectId, taskId };
    const row = rowOf(taskId, read.kind === 'read' ? read.record : {});
    if (read.kind === 'damaged')
      return taskMeta(ctx, place, {}, { state: containers === null ? 'unknown' : (row?.state ?? null), damaged: true, row: undefined });
    const { record } = read;
    const unknown = containers === null && typeof record.mode === 'string';
    const meta = taskMeta(ctx, place, asItStands(record, row, prepared.has(taskId)), {
      state: unknown ? 'unknown' : (row?.state ?? null),
      damaged: false,
      row,
    });
    return { ...meta, workStatus: works[index]?.status ?? null, workMessage: works[index]?.message ?? null };
  });
}

/** Whether it makes a difference that the workspace was filled: nobody wrote down yet that it was, or how the run ended. */
function dependsOnMarker(record: TaskRecord, row: ContainerRow | undefined): boolean {
  return row !== undefined && (!Object.hasOwn(record, 'ready_at') || (row.state === 'exited' && typeof record.ended !== 'string'));
}

/** Those whose workspace has no marker any more. */
async function preparedWorkspaces(ctx: TaskContext, projectId: string, ids: readonly TaskId[]): Promise<readonly TaskId[]> {
  const markers = await ctx.files.readMany(
    ids.map((id) => taskDirectory(ctx, projectId, id).marker),
    { maxBytes: markerMaxBytes },
  );
  return ids.filter((_, index) => {
    const marker = markers[index];
    return marker !== undefined && 'bytes' in marker && marker.bytes === null;
  });
}

/** A larger one is a marker all the same. */
const markerMaxBytes = 4096;

/** The record with what podman and the workspace say and nobody has written down yet. */
function asItStands(record: TaskRecord, row: ContainerRow | undefined, prepared: boolean): TaskRecord {
  const ready = prepared ? { ready_at: null, ...record } : record;
  return row?.state === 'exited' && typeof record.ended !== 'string' ? { ...ready, ended: endOf(record, row, prepared) } : ready;
}

type Live = { readonly state: TaskMeta['containerState']; readonly damaged: boolean; readonly row: ContainerRow | undefined };

function taskMeta(
  ctx: TaskContext,
  place: { readonly projectId: string; readonly taskId: TaskId },
  record: TaskRecord,
  { state, damaged, row }: Live,
): TaskMeta {
  const facts = { ...taskState(record, { containerState: state, exitCode: row?.exitCode ?? null }), damaged };
  const text = (key: string) => textAt(record, key);
  return {
    ...place,
    name: text('name') ?? '',
    mode: text('mode'),
    workspace: text('workspace') ?? join(ctx.paths.tasks, place.projectId, place.taskId),
    containerState: state,
    exitCode: facts.exitCode,
    deleting: facts.deleting,
    initialized: facts.initialized,
    starting: facts.starting,
    status: effectiveStatus(facts),
    createdAt: text('created_at'),
    startedAt: row?.startedAt ?? parseInstant(text('started_at') ?? ''),
    finishedAt: row?.finishedAt ?? parseInstant(text('finished_at') ?? ''),
    agent: text('agent'),
    provider: text('provider') ?? text('agent'),
    preset: text('preset'),
    backend: text('backend'),
    unrestricted: typeof record.unrestricted === 'boolean' ? record.unrestricted : null,
    webPort: record.web_port ?? null,
    webToken: record.web_token ?? null,
    workStatus: null,
    workMessage: null,
    shieldState: null,
  };
}
