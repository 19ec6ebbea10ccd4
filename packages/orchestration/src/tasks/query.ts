/** Looking at tasks: records from disk joined with what podman says, by one directory listing and one query. */
import { join } from 'node:path';
import type { ContainerRow, ContainerState } from '@terok/executor';
import { parseInstant, printable, TerokError } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import { loadProject } from '../projects/projects.ts';
import { recordedContainerName } from '../runners/container-name.ts';
import { endOf } from '../runners/ended.ts';
import { runOverWorkspace } from '../runners/throwaway.ts';
import type { TaskContext } from '../task-context.ts';
import { effectiveStatus, taskState, type EffectiveStatus } from '../task-state.ts';
import { readWorkStatus } from '../work-status.ts';
import { isTaskId, type TaskId } from './identity.ts';
import { liveContainers } from './live.ts';
import { agentConfigDir, iterTaskIds, loadTaskMeta, readTaskRecord, tasksMetaDir, textAt, type TaskRecord } from './meta.ts';
import { workspaceIsReady } from './task-directory.ts';
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
  const ids = (await Array.fromAsync(iterTaskIds(ctx, tasksMetaDir(ctx, projectId)))).filter(isTaskId).toSorted();
  if (ids.length === 0) return [];
  const containers = live ? await liveContainers(ctx, projectId) : undefined;
  const tasks = await Promise.all(ids.map((id) => hydrated(ctx, projectId, id, containers)));
  const present = tasks.flatMap((task) => task ?? []);
  return reverse ? present.toReversed() : present;
}

/** One task with its live state. Throws TASK_NOT_FOUND. */
export async function getTaskMeta(ctx: TaskContext, projectId: string, taskId: string): Promise<TaskMeta> {
  const task = isTaskId(taskId) ? await hydrated(ctx, projectId, taskId, await liveContainers(ctx, projectId)) : null;
  if (task !== null) return task;
  await loadTaskMeta(ctx, projectId, taskId);
  throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
}

/** Each task's container state; a null value is "no container", null as a whole is "podman could not be asked". */
export async function getAllTaskStates(
  ctx: TaskContext,
  projectId: string,
  tasks: readonly Pick<TaskMeta, 'taskId' | 'mode'>[],
): Promise<ReadonlyMap<TaskId, ContainerState | null> | null> {
  const containers = await liveContainers(ctx, projectId);
  if (containers === null) return null;
  return new Map(tasks.map(({ taskId, mode }) => [taskId, mode === null ? null : (containers.get(taskId)?.state ?? null)]));
}

/** Undefined when podman could not be asked. A task that has no mode has no container. */
export async function getTaskContainerState(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  mode: string | null,
): Promise<ContainerState | null | undefined> {
  if (mode === null) return null;
  const containers = await liveContainers(ctx, projectId);
  return containers === null ? undefined : (containers.get(taskId)?.state ?? null);
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
  const tasks = (await getTasks(ctx, projectId, { live: true })).filter(
    (task) => (mode === undefined || task.mode === mode) && (agent === undefined || task.agent === agent || task.preset === agent),
  );
  if (status !== undefined && tasks.some((task) => task.status === 'unknown')) throw projectErrors.CONTAINERS_UNKNOWN({});
  return tasks.filter((task) => status === undefined || task.status === status);
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

async function hydrated(
  ctx: TaskContext,
  projectId: string,
  taskId: TaskId,
  containers: ReadonlyMap<string, ContainerRow> | null | undefined,
): Promise<TaskMeta | null> {
  const read = await readTaskRecord(ctx, projectId, taskId);
  switch (read.kind) {
    case 'absent':
      return null;
    case 'damaged':
      return taskMeta(
        ctx,
        { projectId, taskId },
        {},
        { state: containers === null ? 'unknown' : (containers?.get(taskId)?.state ?? null), damaged: true, row: undefined },
      );
    case 'read': {
      const { record } = read;
      const row = containers?.get(taskId);
      const state =
        containers === undefined ? null : containers === null ? (typeof record.mode === 'string' ? 'unknown' : null) : (row?.state ?? null);
      const work = await readWorkStatus(ctx.files, await agentConfigDir(ctx, projectId, taskId));
      const prepared = row !== undefined && (await workspaceIsReady(ctx, projectId, taskId));
      return {
        ...taskMeta(ctx, { projectId, taskId }, asItStands(record, row, prepared), { state, damaged: false, row }),
        workStatus: work.status,
        workMessage: work.message,
      };
    }
  }
}

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
