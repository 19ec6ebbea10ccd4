/** Step 3: the logs of ended tasks are kept outside of podman, and compressed once nobody is likely to look at them. */
import { join } from 'node:path';
import { captureTaskLogs, getTasks, projectErrors, type TaskContext, type TaskMeta } from '@terok/orchestration';
import type { SleepStep } from '@terok/lifecycle-daemon';
import { compressFile, compressMaxBytes } from './compressed-file.ts';
import { knownProjects } from './known-tasks.ts';
import { plannedStep, type PlannedAct } from './planned-step.ts';

const dayMs = 24 * 60 * 60_000;
const compressAfterMs = 7 * dayMs;
const worthItBytes = 4096;

export function logsStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'logs',
    title: 'keep and compress the logs of ended tasks',
    async plan() {
      const acts: PlannedAct[] = [];
      for (const projectId of await knownProjects(ctx)) {
        const tasks = await getTasks(ctx, projectId, { live: true });
        if (tasks.some(({ containerState }) => containerState === 'unknown')) throw projectErrors.CONTAINERS_UNKNOWN({});
        for (const task of tasks) acts.push(...(await decide(ctx, task)));
      }
      return { acts, problems: [] };
    },
  });
}

/** Only of a task that has ended: what runs still writes, and what is being deleted is somebody else's. */
async function decide(ctx: TaskContext, task: TaskMeta): Promise<readonly PlannedAct[]> {
  const { projectId, taskId, mode, containerState, finishedAt, deleting } = task;
  const ended = containerState === 'exited' || containerState === 'dead' || containerState === null;
  if (!ended || deleting || mode === null || finishedAt === null) return [];
  const subject = `log of ${projectId}/${taskId}`;
  const log = join(ctx.paths.tasks, projectId, taskId, 'logs', 'container.log');
  const facts = await ctx.files.stat(log);
  const packed = await ctx.files.stat(`${log}.gz`);

  const captured = [facts, packed].some((kept) => kept?.kind === 'file' && kept.modifiedAt >= finishedAt);
  if (containerState === 'exited' && !captured)
    return [
      {
        subject,
        decision: 'capture',
        reason: 'only podman has it',
        act: async () => void (await captureTaskLogs(ctx, projectId, taskId, mode)),
      },
    ];
  if (facts?.kind !== 'file' || facts.sizeBytes < worthItBytes) return [];
  if (facts.sizeBytes > compressMaxBytes) return [{ subject, decision: 'keep', reason: 'it is too large to be compressed in one piece' }];
  if (ctx.clock.now().getTime() - finishedAt.getTime() < compressAfterMs) return [];
  return [{ subject, decision: 'compress', reason: 'its task ended more than a week ago', act: () => compressFile(ctx.files, log) }];
}
