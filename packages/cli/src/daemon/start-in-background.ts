/** The daemon as a process that goes on without us: where there is no systemd, and in place of one of an older release. */
import { join } from 'node:path';
import { startDetached } from '@terok/lifecycle-daemon';
import type { SandboxContext } from '@terok/sandbox';
import type { World } from '../world/world.ts';
import { daemonCommand, daemonEnvironment } from './own-command.ts';

/** Returns once the process is there; `logFile` takes what it prints. A successor only follows a daemon of an older release. Throws DAEMON_NOT_STARTED. */
export async function startInBackground(
  { files, paths }: Pick<SandboxContext, 'files' | 'paths'>,
  world: Pick<World, 'ownCommand' | 'environment'>,
  as: 'detached' | 'successor',
): Promise<{ readonly pid: number; readonly logFile: string }> {
  await files.ensureDirectory(paths.lifecycle);
  const logFile = join(paths.lifecycle, 'daemon.out');
  // One that still runs goes on printing into its own.
  await files.remove(logFile);
  const command = [...daemonCommand(world), `--${as}`] as const;
  return {
    pid: await startDetached({ command, environment: daemonEnvironment(world.environment), cwd: paths.stateRoot, logFile }),
    logFile,
  };
}
