/** One question to the lifecycle daemon, or several over one connection. */
import { connectDaemon, isSuccessorWaiting, type DaemonClient } from '@terok/lifecycle-daemon';
import { TerokError } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { ownVersion } from '../versions/versions.ts';
import { startInBackground } from './start-in-background.ts';

export type Asking = Pick<Invocation, 'host' | 'world' | 'note'>;

/** DAEMON_NOT_RUNNING where nobody listens. */
export async function askDaemon<T>(invocation: Asking, ask: (daemon: DaemonClient) => Promise<T>): Promise<T> {
  const answer = await askDaemonIfThere(invocation, ask);
  if (answer === null) throw cliErrors.DAEMON_NOT_RUNNING({});
  return answer.of;
}

/** A daemon that the question itself starts, by its socket, takes its time on a busy machine. */
const patienceMs = 20_000;

/** Null where nobody listens. A daemon of an older release answers and ends; where nobody else starts the next one, that is done here. */
export async function askDaemonIfThere<T>(
  invocation: Asking,
  ask: (daemon: DaemonClient) => Promise<T>,
  deadlineMs = patienceMs,
): Promise<{ readonly of: T } | null> {
  const daemon = await connectDaemon(await invocation.host(), { version: ownVersion(), deadlineMs });
  if (daemon === null) return null;
  try {
    return { of: await ask(daemon) };
  } finally {
    if (daemon.asksReplacement()) await replaceOlder(invocation);
    daemon.close();
  }
}

/** Starts the daemon of this release, which begins when the older one has ended. Not waited for: that one finishes its step first. */
export async function replaceOlder({ host, world, note }: Asking): Promise<void> {
  try {
    const opened = await host();
    if (!(await isSuccessorWaiting(opened))) await startInBackground(opened, world, 'successor');
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    note.warn(`The lifecycle daemon of an older release ends, and none of this one was started: ${error.message}`);
    note.hint('Start it with `terok daemon start`.');
  }
}
