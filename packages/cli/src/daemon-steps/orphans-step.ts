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
    async plan() {
      const found = (await knownFindings(ctx)).filter(({ id }) => orphans.includes(id));
      const { remove } = ctx.config.orphans;
      const acts = found.map((finding) => {
        if (finding.repair === undefined) return { subject: 'tasks', decision: 'keep', reason: finding.finding };
        const act = repairAct(ctx, finding, finding.repair);
        return remove ? act : { subject: act.subject, decision: 'keep', reason: `${finding.finding}; \`orphans.remove\` is off` };
      });
      return { acts, problems: found.filter(({ repair }) => !remove || repair === undefined).map(findingProblem) };
    },
  });
}
