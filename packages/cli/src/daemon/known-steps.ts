/** The sleep steps as the disk knows them, where no daemon can be asked. */
import { loadLifecycleState, stepStatesOf, type DaemonStatus } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { daemonSteps } from '../daemon-steps/daemon-steps.ts';

export async function knownSteps(ctx: TaskContext): Promise<DaemonStatus['steps']> {
  const states = stepStatesOf((await loadLifecycleState(ctx)).record);
  return daemonSteps(ctx).map(({ id, number, title }) => ({
    id,
    number,
    title,
    failures: states[id]?.failures ?? 0,
    until_ts: states[id]?.until_ts ?? null,
  }));
}
