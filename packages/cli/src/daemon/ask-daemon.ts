/** One question to the lifecycle daemon, or several over one connection. */
import { connectDaemon, type DaemonClient } from '@terok/lifecycle-daemon';
import type { SandboxContext } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import { ownVersion } from '../versions.ts';

/** DAEMON_NOT_RUNNING where nobody listens. */
export async function askDaemon<T>(host: SandboxContext, ask: (daemon: DaemonClient) => Promise<T>): Promise<T> {
  const answer = await askDaemonIfThere(host, ask);
  if (answer === null) throw cliErrors.DAEMON_NOT_RUNNING({});
  return answer.of;
}

/** Null where nobody listens. */
export async function askDaemonIfThere<T>(
  host: SandboxContext,
  ask: (daemon: DaemonClient) => Promise<T>,
): Promise<{ readonly of: T } | null> {
  const daemon = await connectDaemon(host, { version: ownVersion() });
  if (daemon === null) return null;
  try {
    return { of: await ask(daemon) };
  } finally {
    daemon.close();
  }
}
