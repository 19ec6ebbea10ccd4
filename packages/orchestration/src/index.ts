/** @terok/orchestration: projects and tasks. The single import surface for both. */
export type { TaskContext } from './task-context.ts';
export { projectErrors, taskErrors } from './errors.ts';

export { ensureProjectImage, neededImages, projectImageNow, type BuildOptions, type NeededImages } from './projects/project-image.ts';
export { ProjectFile, type ProjectConfig } from './projects/project-config.ts';
export { isProjectId, projectIds } from './projects/project-id.ts';
export { projectDerive, projectEdit, type ProjectEdit } from './projects/project-change.ts';
export { projectDelete, type ProjectDeleteResult } from './projects/project-delete.ts';
export {
  listProjects,
  loadProject,
  parsedProject,
  projectAdd,
  projectRemove,
  reachRepository,
  readProjectBytes,
  readProjectFile,
  type NewProject,
  type ProjectListing,
} from './projects/projects.ts';

export { CONTAINER_MODES, CONTAINER_TEROK_CONFIG, containerName, type ContainerMode } from './containers/container-name.ts';
export { followTask, waitForContainerExit, type FollowOptions, type WaitOptions } from './runners/follow-task.ts';
export type { LaunchOptions } from './runners/launch-plan.ts';
export type { LaunchedTask } from './runners/launch-task.ts';
export { planRestart, type RestartFacts, type RestartPlan, type RestartWish } from './runners/restart-plan.ts';
export { taskRestart, type RestartedTask, type RestartOptions } from './runners/restart-task.ts';
export { runCli, type CliTaskOptions } from './runners/run-cli.ts';
export { taskRun, type RunTaskOptions } from './runners/run-task.ts';

export {
  applyArchiveRetention,
  archiveFolderSizes,
  archiveMoment,
  archiveReasons,
  planArchiveRetention,
  retentionLimits,
  type ArchiveDecision,
  type ArchiveFolder,
  type RetentionLimits,
} from './tasks/archive-retention.ts';
export { archiveFetch, taskRestore, type RestoredTask } from './tasks/archive-restore.ts';
export {
  listArchivedTasks,
  listArchivedTasks as taskArchiveList,
  taskArchiveLogs,
  archivedLog,
  type ArchivedTask,
} from './tasks/archive.ts';
export { taskFetch, type FetchOptions, type FetchResult } from './tasks/fetch.ts';
export { taskNames, type NamedTask } from './tasks/names.ts';
export { isTaskId, normalizeTaskIdInput, resolveTaskId, type TaskId } from './tasks/identity.ts';
export { taskDelete, taskRename, type TaskDeleteResult } from './tasks/lifecycle.ts';
export { getLoginCommand, taskLogin } from './tasks/login.ts';
export { stopAllOnFullDisk, stopOnFullDisk } from './tasks/disk-guard.ts';
export { interruptTask, taskStop } from './tasks/stop.ts';
export {
  agentConfigDir,
  dossierPath,
  iterTaskIds,
  loadTaskMeta,
  markTaskDeleting,
  metaPath,
  readTaskMeta,
  taskExists,
  tasksArchiveDir,
  tasksMetaDir,
  updateTask,
  updateTaskExitCode,
  writeTaskMeta,
  type TaskRecord,
} from './tasks/meta.ts';
export { generateTaskName, taskNew, type NewTaskOptions } from './tasks/new-task.ts';
export { sanitizeTaskName, TASK_NAME_MAX_LEN, validateTaskName } from './tasks/naming.ts';
export {
  getAllTaskStates,
  getTaskContainerState,
  getTaskMeta,
  getTasks,
  getWorkspaceGitDiff,
  lookupContainerByPt,
  taskList,
  type DiffOptions,
  type GetTasksOptions,
  type TaskFilter,
  type TaskMeta,
} from './tasks/query.ts';
export { reconcileProject, reconcileTask } from './tasks/reconcile.ts';
export type { TaskEnd } from './tasks/record-end.ts';
export type { TaskRun } from './tasks/runs.ts';
export { taskStatus, type TaskStatusReport } from './tasks/status.ts';

export { storageUsage, type ProjectStorage, type StorageUsage, type TaskStorage } from './storage.ts';
export { hookNames, type HookName, type Hooks } from './hooks/hook-config.ts';
export { type HookRun } from './hooks/hook-run.ts';

export { captureTaskLogs, taskLogFormat, taskLogs, type TaskLogOptions } from './task-logs.ts';
export { panicClear, panicNow, panicState, type PanicResult, type PanicState } from './panic.ts';
export { repairTask, taskFindings, type TaskFinding, type TaskRepair } from './task-findings.ts';
export { effectiveStatus, taskStatuses, type EffectiveStatus } from './task-state.ts';
