/** The daemon's state, held by its one writer: each change is on the disk before the next one begins. */
import { saveDaemonState, type DaemonState } from './daemon-state.ts';
import type { LifecycleContext } from './lifecycle-state.ts';
import { oneAtATime } from './one-at-a-time.ts';

export interface Bag {
  /** As it is on the disk. */
  state(): DaemonState;
  /** The same object back means that nothing changed, and nothing is written. Rejects, and changes nothing, when it cannot be kept. */
  update(change: (state: DaemonState) => DaemonState): Promise<DaemonState>;
}

export function bagOf(ctx: LifecycleContext, loaded: DaemonState): Bag {
  const inTurn = oneAtATime();
  let state = loaded;
  return {
    state: () => state,
    update: (change) =>
      inTurn(async () => {
        const next = change(state);
        if (next !== state) await saveDaemonState(ctx, next);
        state = next;
        return state;
      }),
  };
}
