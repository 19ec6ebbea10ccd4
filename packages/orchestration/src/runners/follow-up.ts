/** Going on with a task that has ended: its workspace and home stay, its container is made anew, its agent goes on with its session. */
import { join } from 'node:path';
import { isSessionId, type Agent, type AgentCommandOptions } from '@terok/executor';
import { projectErrors } from '../errors.ts';
import type { StartPoint } from '../projects/mirror.ts';
import type { TaskContext } from '../task-context.ts';
import { captureTaskLogs } from '../task-logs.ts';
import { liveContainers } from '../tasks/live.ts';
import { loadTaskMeta, textAt, type TaskRecord } from '../tasks/meta.ts';
import { taskDirectory } from '../tasks/task-directory.ts';
import { recordEnd } from './task-end.ts';

/** The record of a task that may be started: `before` is null for one that never was. Throws TASK_RUNNING for one that is at it. */
export async function startableTask(ctx: TaskContext, projectId: string, taskId: string): Promise<{ readonly before: TaskRecord | null }> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId, { expectedMode: 'run' });
  if (typeof record.mode !== 'string') return { before: null };
  const containers = await liveContainers(ctx, projectId);
  if (containers === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  const row = containers.get(taskId);
  const over = row === undefined ? typeof record.ended === 'string' : row.state === 'exited';
  if (!over) throw projectErrors.TASK_RUNNING({ project: projectId, task: taskId });
  if (row !== undefined && typeof record.ended !== 'string') await recordEnd(ctx, projectId, taskId, row);
  return { before: (await loadTaskMeta(ctx, projectId, taskId)).record };
}

/** Takes the ended container away, once its log is kept beside those of the runs before. */
export async function clearEndedContainer(ctx: TaskContext, projectId: string, taskId: string, before: TaskRecord): Promise<void> {
  const row = (await liveContainers(ctx, projectId))?.get(taskId);
  if (row === undefined) return;
  const log = await captureTaskLogs(ctx, projectId, taskId, 'run');
  if (log !== null) {
    const { logs } = taskDirectory(ctx, projectId, taskId);
    await ctx.files.rename(log, join(logs, `container-${(before.launch_id ?? 'before').slice(0, 8)}.log`));
  }
  await ctx.runtime.remove([row.name]);
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
