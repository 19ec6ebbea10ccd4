/** Ends the daemon that runs, in good order: the step that runs is told to end, and what it did so far is kept. */
import type { SandboxContext } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import { askDaemonIfThere } from './ask-daemon.ts';

const patienceMs = 15_000;
const pauseMs = 50;

/** Returns once it is gone; false where none ran. */
export async function endDaemon(host: SandboxContext): Promise<boolean> {
  if ((await askDaemonIfThere(host, (daemon) => daemon.request('shutdown', {}))) === null) return false;
  const deadlineMs = host.clock.monotonicMs() + patienceMs;
  while (host.clock.monotonicMs() < deadlineMs) {
    if ((await askDaemonIfThere(host, () => Promise.resolve(true))) === null) return true;
    await host.clock.sleep(pauseMs);
  }
  throw cliErrors.DAEMON_STAYS({ waitedSeconds: patienceMs / 1000 });
}
