/** What became of the tasks in a period, for the digest: from their records, from podman, and from the repositories. */
import type { DigestPeriod, DigestTask, TaskFacts, UnmergedWork } from '@terok/lifecycle-daemon';
import {
  getTasks,
  loadTaskMeta,
  projectErrors,
  reconcileProject,
  taskStatus,
  type TaskContext,
  type TaskMeta,
  type TaskRecord,
} from '@terok/orchestration';
import { formatInstant, printable, TerokError } from '@terok/sandbox';
import { knownProjects } from './known-tasks.ts';

const textMaxCharacters = 200;

/** Records ends that nobody was there to record first, as every look at a task does. Rejects when podman cannot be asked. */
export async function digestFacts(ctx: TaskContext, period: DigestPeriod): Promise<TaskFacts> {
  const tasks: DigestTask[] = [];
  const unmerged: UnmergedWork[] = [];
  for (const projectId of await knownProjects(ctx)) {
    await reconcileProject(ctx, projectId);
    const found = await getTasks(ctx, projectId, { live: true });
    if (found.some(({ status }) => status === 'unknown')) throw projectErrors.CONTAINERS_UNKNOWN({});
    for (const task of found) {
      const outcome = outcomeOf(task, period);
      if (outcome !== null) tasks.push(digestTask(task, outcome));
      const work = hasEnded(task) ? await unmergedWork(ctx, task) : null;
      if (work !== null) unmerged.push(work);
    }
  }
  return { tasks, unmerged };
}

/** Null for a task of which there is nothing to tell: one that never ran, or ended in another period. Pure. */
export function outcomeOf(task: TaskMeta, { since, until }: DigestPeriod): DigestTask['outcome'] | null {
  switch (task.status) {
    case 'starting':
    case 'init':
    case 'running':
      return task.workStatus === 'blocked' ? 'waiting' : 'running';
    case 'paused':
      return 'waiting';
    case 'completed':
    case 'stopped':
    case 'interrupted':
      return inPeriod(task, since, until) ? 'finished' : null;
    case 'failed':
    case 'timed_out':
      return inPeriod(task, since, until) ? 'failed' : null;
    case 'created':
    case 'not found':
    case 'deleting':
    case 'damaged':
    case 'unknown':
      return null;
  }
}

const inPeriod = ({ finishedAt }: TaskMeta, since: Date, until: Date): boolean =>
  finishedAt !== null && finishedAt > since && finishedAt <= until;

const hasEnded = ({ status }: TaskMeta): boolean => ['completed', 'stopped', 'interrupted', 'failed', 'timed_out'].includes(status);

function digestTask(task: TaskMeta, outcome: DigestTask['outcome']): DigestTask {
  const { projectId, taskId, name, agent, status, exitCode, startedAt, finishedAt, workMessage } = task;
  const ran = startedAt !== null && finishedAt !== null && hasEnded(task);
  return {
    project: projectId,
    task: taskId,
    name: text(name),
    agent: agent === null ? null : text(agent),
    outcome,
    status,
    exit_code: hasEnded(task) ? exitCode : null,
    started_at: startedAt === null ? null : formatInstant(startedAt),
    duration_sec: ran ? Math.max(0, Math.round((finishedAt.getTime() - startedAt.getTime()) / 1000)) : null,
    message: workMessage === null ? null : text(workMessage),
  };
}

const text = (words: string): string => printable(words).slice(0, textMaxCharacters);

/** Work that was fetched is asked of git; work that never was is told as such, for looking into its workspace would take a container. */
async function unmergedWork(ctx: TaskContext, { projectId, taskId, name, initialized }: TaskMeta): Promise<UnmergedWork | null> {
  const record = initialized ? await recordOf(ctx, projectId, taskId) : null;
  if (record === null) return null;
  const branch = record.fetched_branch ?? null;
  if (branch !== null && (await isMerged(ctx, projectId, taskId))) return null;
  const fix = branch === null ? `terok task fetch ${projectId}/${taskId}` : `git merge ${text(branch)}`;
  return { project: projectId, task: taskId, name: text(name), branch: branch === null ? null : text(branch), fix };
}

/** Null for a task that went meanwhile. */
async function recordOf(ctx: TaskContext, projectId: string, taskId: string): Promise<TaskRecord | null> {
  try {
    return (await loadTaskMeta(ctx, projectId, taskId)).record;
  } catch (error) {
    if (error instanceof TerokError && error.code === 'TASK_NOT_FOUND') return null;
    throw error;
  }
}

/** Where that cannot be known, it counts as not merged: better told once too often. */
async function isMerged(ctx: TaskContext, projectId: string, taskId: string): Promise<boolean> {
  try {
    return (await taskStatus(ctx, projectId, taskId)).merged === true;
  } catch (error) {
    if (error instanceof TerokError) return false;
    throw error;
  }
}
