/** Step 1: what podman knows and no record says yet, and what a crash left half done. */
import {
  getTasks,
  planReconcile,
  projectErrors,
  reconcileTask,
  taskDelete,
  type PlannedReconcile,
  type TaskContext,
} from '@terok/orchestration';
import type { SleepStep, StepProblem } from '@terok/lifecycle-daemon';
import { TerokError } from '@terok/sandbox';
import { knownProjects } from './known-tasks.ts';
import { plannedStep, type PlannedAct } from './planned-step.ts';

const decisions: Readonly<Record<PlannedReconcile['action'], { readonly decision: string; readonly reason: string }>> = {
  record_end: { decision: 'record', reason: 'its container has ended, and its record does not say how' },
  take_back_launch: { decision: 'take back', reason: 'its launch was cut short' },
};

export function reconcileTasksStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'reconcile-tasks',
    title: 'bring the records of tasks in line with podman',
    async plan() {
      const acts: PlannedAct[] = [];
      const problems: StepProblem[] = [];
      for (const projectId of await knownProjects(ctx)) {
        const planned = await planReconcile(ctx, projectId);
        if (planned === null) throw projectErrors.CONTAINERS_UNKNOWN({});
        for (const { taskId, action } of planned)
          acts.push({
            subject: `task ${projectId}/${taskId}`,
            ...decisions[action],
            act: async () => void (await reconcileTask(ctx, projectId, taskId)),
          });
        for (const { taskId, status, deleting } of await getTasks(ctx, projectId)) {
          const subject = `task ${projectId}/${taskId}`;
          if (deleting)
            acts.push({
              subject,
              decision: 'delete',
              reason: 'its deletion was cut short; its work is archived first',
              act: () => deleted(ctx, projectId, taskId),
            });
          else if (status === 'damaged')
            problems.push({ subject, problem: 'its record cannot be read', fix: `terok task status ${projectId}/${taskId}` });
        }
      }
      return { acts, problems };
    },
  });
}

/** Whoever began may have gone on meanwhile; then there is no task any more. */
async function deleted(ctx: TaskContext, projectId: string, taskId: string): Promise<void> {
  try {
    await taskDelete(ctx, projectId, taskId);
  } catch (error) {
    if (!(error instanceof TerokError && error.code === 'TASK_NOT_FOUND')) throw error;
  }
}
