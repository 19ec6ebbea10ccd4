/** The daemon under the user's systemd: started by its socket, ended when nothing is left to do. */
import { join } from 'node:path';
import { installService, uninstallService, type ServiceContext } from '@terok/lifecycle-daemon';
import { toolEnvironment } from '@terok/executor';
import type { TaskContext } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { endDaemon } from '../daemon/end-daemon.ts';
import { daemonCommand, daemonEnvironment } from '../daemon/own-command.ts';
import type { Invocation } from '../invocation.ts';
import { requireSetup } from '../setup-gate.ts';

const programTimeoutMs = 60_000;

export async function runDaemonInstall(invocation: Invocation): Promise<void> {
  const { engine, note, world } = invocation;
  await requireSetup(invocation, { allowDowngrade: false });
  const ctx = await engine();
  // One that was started by hand would keep systemd's from running.
  await endDaemon(ctx);
  const { warnings } = await installService(serviceContext(ctx), {
    paths: ctx.paths,
    command: daemonCommand(world),
    environment: daemonEnvironment(ctx.env),
  });
  for (const warning of warnings) note.warn(printable(warning));
  note.say('Installed: systemd starts the lifecycle daemon when it is needed.');
  note.hint('See it with `terok daemon status`; take it back with `terok daemon uninstall`.');
}

export async function runDaemonUninstall({ engine, note }: Invocation): Promise<void> {
  const ctx = await engine();
  const removed = await uninstallService(serviceContext(ctx), ctx.paths);
  note.say(removed ? 'Uninstalled: systemd does not start the lifecycle daemon any more.' : 'It was not installed.');
}

/** What the user's systemd is spoken to with. */
export function serviceContext({ files, processes, env }: Pick<TaskContext, 'files' | 'processes' | 'env'>): ServiceContext {
  const configHome = env['XDG_CONFIG_HOME'] || join(env['HOME'] || '/', '.config');
  return {
    files,
    unitDirectory: join(configHome, 'systemd', 'user'),
    async run([binary, ...args]) {
      const { end, stderr } = await processes.run({
        binary,
        args,
        env: toolEnvironment(env, ['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS']),
        timeoutMs: programTimeoutMs,
      });
      if (end.kind === 'missing') return { exitCode: null, stderr: '' };
      return { exitCode: end.kind === 'exited' ? end.exitCode : 1, stderr: new TextDecoder().decode(stderr) };
    },
  };
}
