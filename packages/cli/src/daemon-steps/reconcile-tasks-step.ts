/** Step 1: what podman knows and no record says yet, and what a crash left half done. What a person has to decide is told. */
import type { SleepStep } from '@terok/lifecycle-daemon';
import type { TaskContext, TaskFinding } from '@terok/orchestration';
import { findingProblem, knownFindings, repairAct } from './finding-acts.ts';
import { plannedStep } from './planned-step.ts';

/** Somebody began these: they are finished, or taken back. */
const begun: readonly TaskFinding['id'][] = ['task-end', 'task-launch', 'task-deletion', 'task-restore'];
const undecided: readonly TaskFinding['id'][] = ['task-record', 'task-container', 'task-no-folder'];

export function reconcileTasksStep(ctx: TaskContext): SleepStep {
  return plannedStep({
    id: 'reconcile-tasks',
    title: 'bring the records of tasks in line with podman',
    timeLimitMs: 60 * 60_000,
    async *plan() {
      for (const finding of await knownFindings(ctx)) {
        const repair = begun.includes(finding.id) ? repairAct(ctx, finding) : null;
        if (repair !== null) yield repair;
        if (undecided.includes(finding.id)) yield findingProblem(finding);
      }
    },
  });
}
