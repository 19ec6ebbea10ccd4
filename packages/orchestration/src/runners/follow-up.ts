/** Going on with a task that has ended: its workspace and home stay, its container is made anew, its agent goes on with its session. */
import { isSessionId, type Agent, type AgentCommandOptions } from '@terok/executor';
import { projectErrors } from '../errors.ts';
import { rowOfLaunch, taskContainers } from '../containers/live-containers.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import type { StartPoint } from '../projects/mirror.ts';
import type { TaskContext } from '../task-context.ts';
import { captureLogsOf } from '../task-logs.ts';
import { taskState } from '../task-state.ts';
import { setLogAside } from '../tasks/kept-logs.ts';
import { loadTaskMeta, textAt, type TaskRecord } from '../tasks/meta.ts';
import { recordEnd, runStopHook } from '../tasks/record-end.ts';

/**
 * The record of a task that may be started in this mode; null for one that never was. Throws TASK_RUNNING for one that is at it,
 * TASK_DELETING: its archive may be made already, and would not have what it does now; and TASK_RESTORING: half of its work is missing,
 * and what is half restored is taken away again.
 */
export async function startableTask(ctx: TaskContext, projectId: string, taskId: string, mode: string): Promise<TaskRecord | null> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId, { expectedMode: mode });
  refuseDeleting(projectId, taskId, record);
  const restoring = textAt(record, 'restoring_from');
  if (restoring !== null) throw projectErrors.TASK_RESTORING({ project: projectId, task: taskId, archive: restoring });
  if (typeof record.mode !== 'string') return null;
  const rows = await taskContainers(ctx, projectId, taskId);
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  const row = rowOfLaunch(rows, record.launch_id);
  // Without a container and without a launch under way it is over, whoever removed the one and whatever the record knows of its end.
  const over = row === undefined ? typeof record.launching_at !== 'string' : row.state === 'exited';
  if (!over) throw projectErrors.TASK_RUNNING({ project: projectId, task: taskId });
  if (row !== undefined && typeof record.ended !== 'string') await recordEnd(ctx, projectId, taskId, row);
  else await runStopHook(ctx, { projectId, taskId, record });
  return (await loadTaskMeta(ctx, projectId, taskId)).record;
}

/** Throws TASK_DELETING. */
export function refuseDeleting(projectId: string, taskId: string, record: TaskRecord): void {
  if (taskState(record, { containerState: null }).deleting) throw projectErrors.TASK_DELETING({ project: projectId, task: taskId });
}

/** Takes the ended container away, once its log is kept beside those of the runs before; one that is gone may have left its log. */
export async function clearEndedContainer(ctx: TaskContext, projectId: string, taskId: string, before: TaskRecord): Promise<void> {
  const rows = await taskContainers(ctx, projectId, taskId);
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  const row = rowOfLaunch(rows, before.launch_id);
  if (row !== undefined) await captureLogsOf(ctx, projectId, taskId, row.name);
  await setLogAside(ctx, taskDirectory(ctx, projectId, taskId).logs, before.launch_id ?? null);
  if (row !== undefined) await ctx.runtime.remove([row.name]);
}

/** Where the work began, as the record says: a follow-up fetches nothing and resets nothing. */
export function startOf(before: TaskRecord): StartPoint {
  return { branch: before.branch ?? 'main', commit: before.base_commit ?? null };
}

/**
 * The session to work in: that of the run before when it was this agent's and is not lost, else a new one, named by us where the
 * agent lets us.
 */
export function sessionFor(agent: Agent, before: TaskRecord | null, newId: string): NonNullable<AgentCommandOptions['session']> | null {
  const earlier = before === null || before.agent !== agent.name ? null : textAt(before, 'session_id');
  if (earlier !== null && isSessionId(earlier) && agent.resume !== null) return { kind: 'resume', id: earlier };
  return agent.session === 'given' ? { kind: 'new', id: newId } : null;
}
