/** A process that goes on by itself: what starts the daemon where no systemd does. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { lifecycleErrors } from '../errors.ts';

export type DetachedOptions = {
  readonly command: readonly [string, ...string[]];
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Takes what it prints, in its own place and for its owner alone; its directory must be there. */
  readonly logFile: string;
};

/** Starts it in a session of its own, so that no terminal takes it along, and returns its number. Throws DAEMON_NOT_STARTED. */
export async function startDetached({ command: [program, ...args], environment, cwd, logFile }: DetachedOptions): Promise<number> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const failed = (error: unknown): Error =>
    lifecycleErrors.DAEMON_NOT_STARTED({ program, reason: error instanceof Error ? error.message : String(error) }, error);
  const log = await open(logFile, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600).catch((error: unknown) => {
    throw failed(error);
  });
  try {
    const child = spawn(program, args, { cwd, env: environment, detached: true, stdio: ['ignore', log.fd, log.fd] });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('spawn', resolve).once('error', reject);
    await promise.catch((error: unknown) => {
      throw failed(error);
    });
    child.unref();
    if (child.pid === undefined) throw failed('the system gave it no number');
    return child.pid;
  } finally {
    await log.close();
  }
}
