/** The daemon without systemd: a process of its own that stays. */
import { join } from 'node:path';
import { startDetached } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { printable, readText } from '@terok/sandbox';
import { askDaemonIfThere } from '../daemon/ask-daemon.ts';
import { daemonCommand, daemonEnvironment } from '../daemon/own-command.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonStartJson } from '../json/daemon-json.ts';
import { requireSetup } from '../setup-gate.ts';

const patienceMs = 20_000;
const pauseMs = 50;
const talkMaxBytes = 64 * 1024;

/** Returns once it answers. One that runs already is left alone. */
export async function runDaemonStart(invocation: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const { engine, out, note, world } = invocation;
  await requireSetup(invocation, { allowDowngrade: false });
  const ctx = await engine();
  const before = await processOf(ctx);
  const pid = before ?? (await start(ctx, world));
  if (json) return out.json({ pid, started: before === null } satisfies DaemonStartJson);
  note.say(before === null ? `The lifecycle daemon runs as process ${pid}.` : `The lifecycle daemon runs already, as process ${pid}.`);
  if (before === null)
    note.hint('It ends with `terok daemon stop`, and with the machine; `terok daemon install` has systemd start it again.');
}

async function start(ctx: TaskContext, world: Invocation['world']): Promise<number> {
  await ctx.files.ensureDirectory(ctx.paths.lifecycle);
  const logFile = join(ctx.paths.lifecycle, 'daemon.out');
  const started = await startDetached({
    command: [...daemonCommand(world), '--resident'],
    environment: daemonEnvironment(ctx),
    cwd: ctx.paths.stateRoot,
    logFile,
  });
  const deadlineMs = ctx.clock.monotonicMs() + patienceMs;
  while (ctx.clock.monotonicMs() < deadlineMs && world.isAlive(started)) {
    const pid = await processOf(ctx);
    if (pid !== null) return pid;
    await ctx.clock.sleep(pauseMs);
  }
  const said = await readText(ctx.files, logFile, { maxBytes: talkMaxBytes }).catch(() => null);
  throw cliErrors.DAEMON_DID_NOT_START({ said: printable(said?.trim() ?? '') });
}

async function processOf(ctx: TaskContext): Promise<number | null> {
  const asked = await askDaemonIfThere(ctx, async (daemon) => (await daemon.request('status', {})).pid);
  return asked?.of ?? null;
}
