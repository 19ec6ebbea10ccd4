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

/** A daemon that the question itself starts, by its socket, takes its time on a busy machine. */
const patienceMs = 20_000;

/** Null where nobody listens. */
export async function askDaemonIfThere<T>(
  host: SandboxContext,
  ask: (daemon: DaemonClient) => Promise<T>,
  deadlineMs = patienceMs,
): Promise<{ readonly of: T } | null> {
  const daemon = await connectDaemon(host, { version: ownVersion(), deadlineMs });
  if (daemon === null) return null;
  try {
    return { of: await ask(daemon) };
  } finally {
    daemon.close();
  }
}
