/** What the daemon does for tasks that nobody follows: it looks after the room on the disk, and stops them before there is none. */
import type { Probe } from '@terok/lifecycle-daemon';
import { stopAllOnFullDisk, type TaskContext } from '@terok/orchestration';

const lookEveryMs = 60_000;

/** `reopen` gives the settings of the moment: the daemon lives for weeks. */
export function diskProbe({ clock }: Pick<TaskContext, 'clock'>, reopen: () => Promise<TaskContext>): Probe {
  return {
    id: 'disk',
    look: () => Promise.resolve([]),
    async watch(onChange, signal) {
      while (!signal.aborted) {
        for (const task of await stopAllOnFullDisk(await reopen()))
          onChange({ kind: 'ended', subject: `task ${task}, for want of room on the disk` });
        await clock.sleep(lookEveryMs, signal);
      }
    },
  };
}
