/** Ends the daemon that runs, in good order: the step that runs is told to end, and what it did so far is kept. */
import { runningDaemon } from '@terok/lifecycle-daemon';
import type { SandboxContext } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import { askDaemonIfThere } from './ask-daemon.ts';

const patienceMs = 15_000;
const pauseMs = 50;

/**
 * Returns once it is gone; false where none ran. Its socket does not tell: systemd listens on that when the daemon is gone, and starts
 * the next one for whoever connects.
 */
export async function endDaemon(host: SandboxContext): Promise<boolean> {
  const running = await runningDaemon(host);
  if (running === null) return false;
  let told = false;
  const deadlineMs = host.clock.monotonicMs() + patienceMs;
  while (host.clock.monotonicMs() < deadlineMs) {
    // One that is just being started does not listen yet.
    told ||= (await askDaemonIfThere(host, (daemon) => daemon.request('shutdown', {}))) !== null;
    const now = await runningDaemon(host);
    if (now === null || (now.pid !== null && now.pid !== running.pid)) return true;
    await host.clock.sleep(pauseMs);
  }
  throw cliErrors.DAEMON_STAYS({ waitedSeconds: patienceMs / 1000 });
}
