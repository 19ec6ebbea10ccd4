/** Step 3: the logs of ended tasks are kept outside of podman, and compressed once nobody is likely to look at them. */
import { join } from 'node:path';
import { captureTaskLogs, getTasks, projectErrors, type TaskContext, type TaskMeta } from '@terok/orchestration';
import type { SleepStep } from '@terok/lifecycle-daemon';
import { compression } from './file-acts.ts';
import { knownProjects } from './known-tasks.ts';
import { plannedStep, type PlannedAct } from './planned-step.ts';

const dayMs = 24 * 60 * 60_000;
const compressAfterMs = 7 * dayMs;

export function logsStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'logs',
    title: 'keep and compress the logs of ended tasks',
    async *plan() {
      for (const projectId of await knownProjects(ctx)) {
        const tasks = await getTasks(ctx, projectId, { live: true });
        if (tasks.some(({ containerState }) => containerState === 'unknown')) throw projectErrors.CONTAINERS_UNKNOWN({});
        for (const task of tasks) {
          const act = await decide(ctx, task);
          if (act !== null) yield act;
        }
      }
    },
  });
}

/** Only of a task that has ended: what runs still writes, and what is being deleted is somebody else's. */
async function decide(ctx: TaskContext, task: TaskMeta): Promise<PlannedAct | null> {
  const { projectId, taskId, mode, containerState, finishedAt, deleting } = task;
  const ended = containerState === 'exited' || containerState === 'dead' || containerState === null;
  if (!ended || deleting || mode === null || finishedAt === null) return null;
  const subject = `log of ${projectId}/${taskId}`;
  const log = join(ctx.paths.tasks, projectId, taskId, 'logs', 'container.log');
  const kept = await Promise.all([log, `${log}.gz`].map((path) => ctx.files.stat(path)));
  const captured = kept.some((facts) => facts?.kind === 'file' && facts.modifiedAt >= finishedAt);
  if (containerState === 'exited' && !captured) {
    const act = async () => void (await captureTaskLogs(ctx, projectId, taskId, mode));
    return { subject, decision: 'capture', reason: 'only podman has it', act };
  }
  if (ctx.clock.now().getTime() - finishedAt.getTime() < compressAfterMs) return null;
  return compression(ctx.files, log, { subject, reason: 'its task ended more than a week ago' });
}
