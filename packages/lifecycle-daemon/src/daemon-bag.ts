/** The daemon's state, held by its one writer: each change is on the disk before the next one begins. */
import { saveDaemonState, type DaemonState } from './daemon-state.ts';
import { lifecycleErrors } from './errors.ts';
import type { LifecycleContext } from './lifecycle-state.ts';
import { oneAtATime } from './one-at-a-time.ts';

export interface Bag {
  /** As it is on the disk. */
  state(): DaemonState;
  /** The same object back means that nothing changed, and nothing is written. Rejects, and changes nothing, when it cannot be kept. */
  update(change: (state: DaemonState) => DaemonState): Promise<DaemonState>;
  /** The last change. Whatever comes later, kept or not, is refused with DAEMON_STOPPING: the file is the next daemon's. */
  close(change: (state: DaemonState) => DaemonState): Promise<void>;
}

export function bagOf(ctx: LifecycleContext, loaded: DaemonState): Bag {
  const inTurn = oneAtATime();
  let state = loaded;
  let closed = false;
  const keep = async (change: (state: DaemonState) => DaemonState): Promise<DaemonState> => {
    if (closed) throw lifecycleErrors.DAEMON_STOPPING({});
    const next = change(state);
    if (next !== state) await saveDaemonState(ctx, next);
    state = next;
    return state;
  };
  return {
    state: () => state,
    update: (change) => inTurn(() => keep(change)),
    close: (change) =>
      inTurn(async () => {
        try {
          await keep(change);
        } finally {
          closed = true;
        }
      }),
  };
}
