/** The lifecycle daemon in the foreground: what systemd and `daemon start` start. */
import { awaitTurn, consumeWakeMark, inheritedSocket, refuseClients, runDaemon, type DaemonExit } from '@terok/lifecycle-daemon';
import { exitStatus, TerokError } from '@terok/sandbox';
import { freshDaemonSteps } from '../daemon-steps/daemon-steps.ts';
import { digestFacts } from '../daemon-steps/digest-facts.ts';
import { buildProbe } from '../daemon/build-probe.ts';
import { containerProbe } from '../daemon/container-probe.ts';
import { diskProbe } from '../daemon/disk-probe.ts';
import type { Invocation } from '../invocation.ts';
import { shownVersions } from '../versions/recorded-versions.ts';
import { requireSetup } from '../setup-gate.ts';
import { ownVersion } from '../versions/versions.ts';
import type { World } from '../world/world.ts';

export type DaemonRunFlags = { readonly resident?: boolean; readonly detached?: boolean; readonly successor?: boolean };

/** Without `resident`, it stays where nobody would start it again: where it was handed no socket. */
export async function runDaemonRun(invocation: Invocation, flags: DaemonRunFlags): Promise<number> {
  const { world } = invocation;
  const listenFd = inheritedSocket(world.environment, world.pid) ?? undefined;
  const stop = new AbortController();
  const forgets = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => world.onSignal(signal, () => stop.abort()));
  let serves = false;
  try {
    return await run(invocation, flags, { listenFd, signal: stop.signal, onReady: () => (serves = true) });
  } catch (error) {
    if (listenFd !== undefined && !serves && error instanceof TerokError) await refuse(world, listenFd, error);
    throw error;
  } finally {
    for (const forget of forgets) forget();
  }
}

/** Nothing that systemd holds is left to start the next daemon, which could do no more: neither a client that waits nor a mark. */
async function refuse(world: World, listenFd: number, error: TerokError): Promise<void> {
  await refuseClients(listenFd, { version: (await shownVersions())['terok'] ?? 'unknown', error });
  try {
    await consumeWakeMark(await world.openBareHost());
  } catch (failure) {
    if (!(failure instanceof TerokError)) throw failure; // what is told is why the daemon cannot start
  }
}

type Run = { readonly listenFd: number | undefined; readonly signal: AbortSignal; readonly onReady: () => void };

async function run(
  invocation: Invocation,
  { resident, successor = false, detached = successor }: DaemonRunFlags,
  { listenFd, signal, onReady }: Run,
): Promise<number> {
  const { host, engine, note, world } = invocation;
  await requireSetup(invocation, { allowDowngrade: false });
  const version = ownVersion();
  if (detached && !(await awaitTurn(await host(), { version, signal }))) {
    note.say('Another process takes the place of the daemon that ran, or nobody wants one any more.');
    return exitStatus.ok;
  }
  const ctx = await engine();
  const reopen = async () => world.openEngine(await world.openHost());
  const exit = await runDaemon(ctx, {
    version,
    steps: freshDaemonSteps(ctx, reopen),
    probes: [containerProbe(ctx), buildProbe(ctx, { ownPid: world.pid }), diskProbe(ctx, reopen)],
    collect: async (period) => digestFacts(await reopen(), period),
    resident: resident ?? (detached || listenFd === undefined),
    detached,
    successor,
    listenFd,
    signal,
    onReady: () => {
      onReady();
      note.say('The lifecycle daemon runs.');
    },
  });
  note.say(farewells[exit.reason]);
  // Only the end of the process lets go of what a step holds that does not end.
  if (exit.leftBehind !== null) world.exit(exitStatus.ok);
  return exitStatus.ok;
}

const farewells: Readonly<Record<DaemonExit['reason'], string>> = {
  hibernation: 'Nothing is left to do; it ends until somebody needs it.',
  shutdown: 'It was told to end.',
  outdated: 'A newer terok is here; it ends, to be started again from that.',
  signal: 'It was told to end.',
  unwanted: 'The last one was told to end, and nobody has asked for another.',
};
