/** The lifecycle daemon in the foreground: what systemd and `daemon start` start. */
import { inheritedSocket, runDaemon, type DaemonExit } from '@terok/lifecycle-daemon';
import { exitStatus } from '@terok/sandbox';
import { freshDaemonSteps } from '../daemon-steps/daemon-steps.ts';
import { digestFacts } from '../daemon-steps/digest-facts.ts';
import { buildProbe } from '../daemon/build-probe.ts';
import { containerProbe } from '../daemon/container-probe.ts';
import { diskProbe } from '../daemon/disk-probe.ts';
import type { Invocation } from '../invocation.ts';
import { ownVersion } from '../versions.ts';

/** Without `resident`, it stays where nobody would start it again: where it was handed no socket. */
export async function runDaemonRun({ engine, note, world }: Invocation, { resident }: { readonly resident?: boolean }): Promise<number> {
  const ctx = await engine();
  const reopen = async () => world.openEngine(await world.openHost());
  const listenFd = inheritedSocket(world.environment, world.pid) ?? undefined;
  const stop = new AbortController();
  const forgets = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => world.onSignal(signal, () => stop.abort()));
  try {
    const exit = await runDaemon(ctx, {
      version: ownVersion(),
      steps: freshDaemonSteps(ctx, reopen),
      probes: [containerProbe(ctx), buildProbe(ctx, { ownPid: world.pid }), diskProbe(ctx, reopen)],
      collect: async (period) => digestFacts(await reopen(), period),
      resident: resident ?? listenFd === undefined,
      listenFd,
      signal: stop.signal,
      onReady: () => note.say('The lifecycle daemon runs.'),
    });
    note.say(farewells[exit.reason]);
    // Only the end of the process lets go of what a step holds that does not end.
    if (exit.leftBehind !== null) world.exit(exitStatus.ok);
    return exitStatus.ok;
  } finally {
    for (const forget of forgets) forget();
  }
}

const farewells: Readonly<Record<DaemonExit['reason'], string>> = {
  hibernation: 'Nothing is left to do; it ends until somebody needs it.',
  shutdown: 'It was told to end.',
  outdated: 'A newer terok is here; it ends, to be started again from that.',
  signal: 'It was told to end.',
};
