/** What the daemon does in SLEEP, over the rooms below: the same calls that the commands make. */
import type { SleepStep } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { archiveStep } from './archive-step.ts';
import { healthStep } from './health-step.ts';
import { imagesStep } from './images-step.ts';
import { logsStep } from './logs-step.ts';
import { orphansStep } from './orphans-step.ts';
import { reconcileTasksStep } from './reconcile-tasks-step.ts';
import { stateHygieneStep } from './state-hygiene-step.ts';

/** All seven by ascending number. */
export function daemonSteps(ctx: TaskContext): readonly SleepStep[] {
  return [
    reconcileTasksStep(ctx),
    orphansStep(ctx),
    logsStep(ctx),
    archiveStep(ctx),
    imagesStep(ctx),
    stateHygieneStep(ctx),
    healthStep(ctx),
  ];
}

/** The same seven, each on the house as it is when it begins: a daemon lives for weeks, and its settings and the engine change meanwhile. */
export function freshDaemonSteps(ctx: TaskContext, reopen: () => Promise<TaskContext>): readonly SleepStep[] {
  return daemonSteps(ctx).map((step) => ({
    ...step,
    async run(options) {
      const fresh = daemonSteps(await reopen()).find(({ id }) => id === step.id);
      return (fresh ?? step).run(options);
    },
  }));
}
