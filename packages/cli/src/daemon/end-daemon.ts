/** Ends the daemon that runs, in good order: the step that runs is told to end, and what it did so far is kept. */
import { connectDaemon, runningDaemon } from '@terok/lifecycle-daemon';
import type { SandboxContext } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import { ownVersion } from '../versions/versions.ts';

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
    told ||= await tellToEnd(host);
    const now = await runningDaemon(host);
    if (now === null || (now.pid !== null && now.pid !== running.pid)) return true;
    await host.clock.sleep(pauseMs);
  }
  throw cliErrors.DAEMON_STAYS({ waitedSeconds: patienceMs / 1000 });
}

/** False where nobody listens. Whatever release it is of: none takes its place. */
async function tellToEnd(host: SandboxContext): Promise<boolean> {
  const daemon = await connectDaemon(host, { version: ownVersion(), deadlineMs: patienceMs });
  try {
    await daemon?.request('shutdown', {});
  } finally {
    daemon?.close();
  }
  return daemon !== null;
}
