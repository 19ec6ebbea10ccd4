import { connectDaemon } from '@terok/lifecycle-daemon';
import type { SandboxContext } from '@terok/sandbox';
import { askDaemon } from '../daemon/ask-daemon.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { ownVersion } from '../versions.ts';

const patienceMs = 15_000;
const pauseMs = 50;

/** Returns once it is gone: the step that runs is told to end, and what it did so far is kept. */
export async function runDaemonStop({ host, note }: Invocation): Promise<void> {
  const opened = await host();
  await askDaemon(opened, (daemon) => daemon.request('shutdown', { reason: 'terok daemon stop' }));
  await gone(opened);
  note.say('The daemon has ended. Tasks go on without it.');
}

async function gone(host: SandboxContext): Promise<void> {
  const deadlineMs = host.clock.monotonicMs() + patienceMs;
  while (host.clock.monotonicMs() < deadlineMs) {
    const daemon = await connectDaemon(host, { version: ownVersion() });
    if (daemon === null) return;
    daemon.close();
    await host.clock.sleep(pauseMs);
  }
  throw cliErrors.DAEMON_STAYS({ waitedSeconds: patienceMs / 1000 });
}
