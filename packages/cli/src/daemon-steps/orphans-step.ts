/** Step 2: containers and folders of ours that no record knows. What is removed is archived before, and only where that was asked for. */
import type { SleepStep } from '@terok/lifecycle-daemon';
import type { TaskContext, TaskFinding } from '@terok/orchestration';
import { findingProblem, knownFindings, repairAct } from './finding-acts.ts';
import { plannedStep } from './planned-step.ts';

const orphans: readonly TaskFinding['id'][] = ['task-orphan', 'task-folder', 'task-throwaway'];

export function orphansStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'orphans',
    title: 'find containers and folders that no task knows',
    timeLimitMs: 60 * 60_000,
    async *plan() {
      for (const found of (await knownFindings(ctx)).filter(({ id }) => orphans.includes(id))) {
        const removal = repairAct(ctx, found);
        if (removal !== null && ctx.config.orphans.remove) {
          yield removal;
          continue;
        }
        const reason = removal === null ? found.finding : `${found.finding}; \`orphans.remove\` is off`;
        yield { subject: removal?.subject ?? 'tasks', decision: 'keep', reason };
        yield findingProblem(found);
      }
    },
  });
}
