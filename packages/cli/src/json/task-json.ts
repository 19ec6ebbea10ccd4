/** What `terok task … --json` prints. */
import { hookNames, type listArchivedTasks, type TaskMeta, type TaskStatusReport } from '@terok/orchestration';
import { formatInstant, z } from '@terok/sandbox';

const ended = z.nullable(z.enum(['agent', 'time_limit', 'stopped', 'interrupted', 'terok_error']));
const address = { project_id: z.string(), task_id: z.string() };

export const TaskRunJson = z.strictObject({
  ...address,
  container_name: z.string(),
  /** Null while it goes on without us. */
  ended,
  exit_code: z.nullable(z.number()),
  error: z.nullable(z.string()),
});
export type TaskRunJson = z.infer<typeof TaskRunJson>;

export const TaskWaitJson = z.strictObject({ ...address, ended, exit_code: z.nullable(z.number()) });
export type TaskWaitJson = z.infer<typeof TaskWaitJson>;

export const TaskNewJson = z.strictObject(address);
export type TaskNewJson = z.infer<typeof TaskNewJson>;

export const TaskStopJson = z.strictObject(address);
export type TaskStopJson = z.infer<typeof TaskStopJson>;

export const TaskRenameJson = z.strictObject({ ...address, name: z.string() });
export type TaskRenameJson = z.infer<typeof TaskRenameJson>;

export const TaskRestartJson = z.strictObject({
  ...address,
  container_name: z.string(),
  how: z.enum(['left', 'resumed', 'recreated']),
  /** Why a new container was made. */
  reason: z.nullable(z.string()),
});
export type TaskRestartJson = z.infer<typeof TaskRestartJson>;

/** A new task, or a branch. */
export const TaskArchiveRestoreJson = z.strictObject({
  project_id: z.string(),
  task_id: z.nullable(z.string()),
  branch: z.nullable(z.string()),
  repository: z.nullable(z.string()),
});
export type TaskArchiveRestoreJson = z.infer<typeof TaskArchiveRestoreJson>;

export const TaskDeleteJson = z.strictObject({ ...address, archive: z.nullable(z.string()), warnings: z.readonly(z.array(z.string())) });
export type TaskDeleteJson = z.infer<typeof TaskDeleteJson>;

export const TaskDiffJson = z.strictObject({ ...address, against: z.enum(['base', 'HEAD', 'PREV']), diff: z.string() });
export type TaskDiffJson = z.infer<typeof TaskDiffJson>;

export const TaskFetchJson = z.strictObject({
  ...address,
  repository: z.string(),
  branch: z.string(),
  tip: z.string(),
  commits: z.number(),
  uncommitted_included: z.boolean(),
});
export type TaskFetchJson = z.infer<typeof TaskFetchJson>;

const TaskJson = z.strictObject({
  ...address,
  name: z.string(),
  status: z.string(),
  mode: z.nullable(z.string()),
  agent: z.nullable(z.string()),
  container_state: z.nullable(z.string()),
  exit_code: z.nullable(z.number()),
  created_at: z.nullable(z.string()),
});
type TaskJson = z.infer<typeof TaskJson>;

export const TaskListJson = z.strictObject({ project_id: z.string(), tasks: z.array(TaskJson) });
export type TaskListJson = z.infer<typeof TaskListJson>;

export const TaskStatusJson = z.strictObject({
  ...TaskJson.shape,
  container_name: z.nullable(z.string()),
  ended,
  started_at: z.nullable(z.string()),
  finished_at: z.nullable(z.string()),
  time_limit_s: z.nullable(z.number()),
  branch: z.nullable(z.string()),
  base_commit: z.nullable(z.string()),
  /** Null when the work was never fetched. */
  fetched_branch: z.nullable(z.string()),
  /** Of the work as it was fetched; null when that cannot be told. */
  merged: z.nullable(z.boolean()),
  /** Oldest first; the last is the one that the rest is about. */
  runs: z.array(
    z.strictObject({
      run: z.number(),
      mode: z.string(),
      agent: z.nullable(z.string()),
      started_at: z.nullable(z.string()),
      finished_at: z.nullable(z.string()),
      ended,
      exit_code: z.nullable(z.number()),
    }),
  ),
  /** Those of the last start, in the order in which they were begun. */
  hooks: z.array(
    z.strictObject({
      hook: z.enum(hookNames),
      started_at: z.nullable(z.string()),
      /** Null while it runs, and for one that died with terok. */
      finished_at: z.nullable(z.string()),
      exit_code: z.nullable(z.number()),
      problem: z.nullable(z.string()),
    }),
  ),
  relaxations: z.readonly(z.array(z.string())),
  notes: z.readonly(z.array(z.string())),
});
export type TaskStatusJson = z.infer<typeof TaskStatusJson>;

const ArchivedTaskJson = z.strictObject({
  archive: z.string(),
  archived_at: z.string(),
  task_id: z.string(),
  name: z.string(),
  mode: z.nullable(z.string()),
  exit_code: z.nullable(z.number()),
});

export const TaskArchiveShowJson = z.strictObject({
  ...ArchivedTaskJson.shape,
  project_id: z.string(),
  /** Below the archive. */
  files: z.array(z.strictObject({ name: z.string(), bytes: z.number() })),
});
export type TaskArchiveShowJson = z.infer<typeof TaskArchiveShowJson>;

export const TaskArchiveListJson = z.strictObject({
  project_id: z.string(),
  archives: z.array(ArchivedTaskJson),
});
export type TaskArchiveListJson = z.infer<typeof TaskArchiveListJson>;

export function taskListJson(projectId: string, tasks: readonly TaskMeta[]): TaskListJson {
  return { project_id: projectId, tasks: tasks.map(taskJson) };
}

export function taskStatusJson(report: TaskStatusReport): TaskStatusJson {
  const {
    task,
    containerName,
    containerState,
    ended: how,
    startedAt,
    finishedAt,
    timeLimitSeconds,
    branch,
    baseCommit,
    fetchedBranch,
    merged,
    runs,
    hooks,
    relaxations,
    notes,
  } = report;
  return {
    ...taskJson(task),
    container_state: containerState,
    container_name: containerName,
    ended: how,
    started_at: instantText(startedAt),
    finished_at: instantText(finishedAt),
    time_limit_s: timeLimitSeconds,
    branch,
    base_commit: baseCommit,
    fetched_branch: fetchedBranch,
    merged,
    runs: runs.map((run) => ({
      run: run.number,
      mode: run.mode,
      agent: run.agent,
      started_at: instantText(run.startedAt),
      finished_at: instantText(run.finishedAt),
      ended: run.ended,
      exit_code: run.exitCode,
    })),
    hooks: hooks.map(({ hook, startedAt: began, finishedAt: done, exitCode, problem }) => ({
      hook,
      started_at: began,
      finished_at: done,
      exit_code: exitCode,
      problem,
    })),
    relaxations,
    notes,
  };
}

const instantText = (moment: Date | null): string | null => (moment === null ? null : formatInstant(moment));

export function taskArchiveListJson(projectId: string, archived: Awaited<ReturnType<typeof listArchivedTasks>>): TaskArchiveListJson {
  return {
    project_id: projectId,
    archives: archived.map(({ archiveDir, archivedAt, taskId, name, mode, exitCode }) => ({
      archive: archiveDir,
      archived_at: archivedAt,
      task_id: taskId,
      name,
      mode,
      exit_code: exitCode,
    })),
  };
}

function taskJson({ projectId, taskId, name, status, mode, agent, containerState, exitCode, createdAt }: TaskMeta): TaskJson {
  return {
    project_id: projectId,
    task_id: taskId,
    name,
    status,
    mode,
    agent,
    container_state: containerState,
    exit_code: exitCode,
    created_at: createdAt,
  };
}
