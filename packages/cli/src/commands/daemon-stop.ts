import { endDaemon } from '../daemon/end-daemon.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';

export async function runDaemonStop({ host, note }: Invocation): Promise<void> {
  if (!(await endDaemon(await host()))) throw cliErrors.DAEMON_NOT_RUNNING({});
  note.say('The daemon has ended. Tasks go on without it.');
}
