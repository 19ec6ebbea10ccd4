/** What the daemon is told of builds: whoever builds holds a lock. What the daemon's own steps do is no reason to stay awake. */
import { buildInProgress } from '@terok/executor';
import type { Probe } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { printable } from '@terok/sandbox';

export function buildProbe(ctx: Pick<TaskContext, 'files' | 'paths'>, { ownPid }: { readonly ownPid: number }): Probe {
  return {
    id: 'builds',
    async look() {
      const holder = await buildInProgress(ctx);
      return holder === null || holder.pid === ownPid ? [] : [`process ${holder.pid} is ${printable(holder.purpose)}`];
    },
  };
}
