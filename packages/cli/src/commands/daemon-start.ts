/** The daemon without systemd: a process of its own that stays. */
import { runningDaemon } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { printable, readText } from '@terok/sandbox';
import { askDaemonIfThere } from '../daemon/ask-daemon.ts';
import { startInBackground } from '../daemon/start-in-background.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { DaemonStartJson } from '../json/daemon-json.ts';
import { requireSetup } from '../setup-gate.ts';

const patienceMs = 20_000;
const pauseMs = 50;
const talkMaxBytes = 64 * 1024;

/** Returns once it answers. One that runs already is left alone, unless it is of an older release: that one ends, and this one follows. */
export async function runDaemonStart(invocation: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const { engine, out, note } = invocation;
  await requireSetup(invocation, { allowDowngrade: false });
  const ctx = await engine();
  const before = await runningNow(invocation);
  const { pid, isOurs } = before === null ? await start(ctx, invocation) : { pid: before.pid, isOurs: false };
  if (json) return out.json({ pid, started: isOurs } satisfies DaemonStartJson);
  if (isOurs) {
    note.say(`The lifecycle daemon runs as process ${pid}.`);
    note.hint('It ends with `terok daemon stop`, and with the machine; `terok daemon install` has systemd start it again.');
  } else if (before?.isReplaced === true)
    note.say(`The lifecycle daemon of an older release runs as process ${pid}; when it has ended, this one follows.`);
  else note.say(`The lifecycle daemon runs already, as process ${pid}.`);
}

/** Of several that are started at once one goes on, and which one that is does not matter. */
async function start(ctx: TaskContext, invocation: Invocation): Promise<{ readonly pid: number; readonly isOurs: boolean }> {
  const { world } = invocation;
  const { pid: started, logFile } = await startInBackground(ctx, world, 'detached');
  const deadlineMs = ctx.clock.monotonicMs() + patienceMs;
  while (ctx.clock.monotonicMs() < deadlineMs && (world.isAlive(started) || (await runningDaemon(ctx)) !== null)) {
    const running = await runningNow(invocation);
    if (running !== null) return { pid: running.pid, isOurs: running.pid === started };
    await ctx.clock.sleep(pauseMs);
  }
  const said = await readText(ctx.files, logFile, { maxBytes: talkMaxBytes }).catch(() => null);
  throw cliErrors.DAEMON_DID_NOT_START({ said: printable(said?.trim() ?? '') });
}

async function runningNow(invocation: Invocation): Promise<{ readonly pid: number; readonly isReplaced: boolean } | null> {
  const asked = await askDaemonIfThere(invocation, async (daemon) => {
    const { pid } = await daemon.request('status', {});
    return { pid, isReplaced: daemon.asksReplacement() };
  });
  return asked?.of ?? null;
}
