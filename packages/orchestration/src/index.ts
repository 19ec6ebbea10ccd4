/** @terok/orchestration: projects and tasks. The single import surface for both. */
export type { TaskContext } from './task-context.ts';
export { projectErrors, taskErrors } from './errors.ts';

export { isProjectId, ProjectFile, type ProjectConfig } from './projects/project-config.ts';
export { listProjects, loadProject, projectAdd, projectRemove, type NewProject, type ProjectListing } from './projects/projects.ts';

export { CONTAINER_MODES, CONTAINER_TEROK_CONFIG, containerName, type ContainerMode } from './runners/container-name.ts';
export { followTask, waitForContainerExit, type FollowOptions, type WaitOptions } from './runners/follow-task.ts';
export { taskRun, type LaunchedTask, type RunTaskOptions } from './runners/run-task.ts';
export { reconcileProject, type TaskEnd } from './runners/task-end.ts';

export { listArchivedTasks, listArchivedTasks as taskArchiveList, taskArchiveLogs, type ArchivedTask } from './tasks/archive.ts';
export { taskFetch, type FetchOptions, type FetchResult } from './tasks/fetch.ts';
export { isTaskId, normalizeTaskIdInput, resolveTaskId, type TaskId } from './tasks/identity.ts';
export { getLoginCommand, interruptTask, taskDelete, taskRename, taskStop, type TaskDeleteResult } from './tasks/lifecycle.ts';
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
export { taskStatus, type TaskStatusReport } from './tasks/status.ts';

export { captureTaskLogs, taskLogFormat, taskLogs, type TaskLogOptions } from './task-logs.ts';
export { effectiveStatus, taskStatuses, type EffectiveStatus } from './task-state.ts';
