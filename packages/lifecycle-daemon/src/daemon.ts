/** The running daemon: one per installation, from its start, which is always awake, to its end. */
import { setImmediate } from 'node:timers/promises';
import { TerokError, type Paths } from '@terok/sandbox';
import { answersOf } from './daemon-answers.ts';
import { openHouse, type House, type HouseContext, type HouseEnd, type HouseOptions } from './daemon-house.ts';
import type { SleepStepId } from './sleep/sleep-step.ts';
import { serveDaemon, type DaemonServer } from './socket/server.ts';
import { holdSingleWriter } from './socket/single-writer.ts';
import { isDaemonWanted, isNewerRelease } from './succession.ts';

export type DaemonContext = HouseContext & { readonly paths: Pick<Paths, 'lifecycle' | 'runtime'> };

export type DaemonOptions = Pick<HouseOptions, 'version' | 'steps' | 'probes' | 'collect' | 'resident'> & {
  /** Nobody watches over this process: a client of a newer release, for whom it ends, is asked to start the next one. */
  readonly detached?: boolean;
  /** Only to follow another daemon: it ends at once where somebody ended the last one and wants none. */
  readonly successor?: boolean;
  /** Ends the daemon in good order. */
  readonly signal: AbortSignal;
  /** The number of a socket that is listened on already (`inheritedSocket`); without it the daemon makes its own. */
  readonly listenFd?: number | undefined;
  /** Clients are answered from now on. */
  readonly onReady?: () => void;
};

/** Why it ended. With a step that could not be stopped, the process has to end at once: only that lets go of what it holds. */
export type DaemonExit = { readonly reason: HouseEnd | 'signal' | 'unwanted'; readonly leftBehind: SleepStepId | null };

/**
 * Runs until it is told to end, hibernates, or meets a client of a newer release. Throws DAEMON_RUNNING when another one runs, and what
 * keeps its files or its socket from being used; what happens later is told in the status and the log.
 */
export async function runDaemon(ctx: DaemonContext, options: DaemonOptions): Promise<DaemonExit> {
  const { version, signal, detached = false, successor = false } = options;
  const hold = await holdSingleWriter(ctx, { version });
  let leftBehind: SleepStepId | null = null;
  try {
    if (successor && !(await isDaemonWanted(ctx))) return { reason: 'unwanted', leftBehind };
    const stopping = new AbortController();
    const loop = nudgeable(ctx, signal);
    let server: DaemonServer | null = null;
    const clients = (): number => server?.clients() ?? 0;
    const house = await openHouse(ctx, { ...options, pid: hold.pid, clients, onNudge: loop.nudge });
    let reason: DaemonExit['reason'] = 'signal';
    try {
      const answer = answersOf(ctx, { house, version, pid: hold.pid, clients, signal: stopping.signal });
      const onDropped = (why: string): void => void house.dispatcher.tell({ event: 'client_dropped', reason: why });
      const asksReplacement = (client: string | null): boolean => detached && isNewerRelease(client, version);
      const serving = await serveDaemon(ctx, { version, listenFd: options.listenFd, answer, asksReplacement, onDropped });
      server = serving;
      const unwatch = house.dispatcher.watch((event) => serving.publish(event));
      options.onReady?.();
      try {
        reason = await lookAround(house, loop, signal);
      } finally {
        stopping.abort();
        await serving.close();
        unwatch();
      }
    } finally {
      try {
        await house.close(reason);
      } finally {
        leftBehind = house.cycle.occupant();
      }
    }
    return { reason, leftBehind };
  } finally {
    if (leftBehind === null) await hold.release();
  }
}

const failuresUntilTrouble = 3;

async function lookAround(house: House, loop: Nudgeable, signal: AbortSignal): Promise<DaemonExit['reason']> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await house.tick();
      failures = 0;
      house.tickTrouble(null);
    } catch (error) {
      if (!(error instanceof TerokError)) throw error;
      failures++;
      if (failures === 1) await house.dispatcher.tell({ event: 'tick_failed', problem: error.message });
      if (failures >= failuresUntilTrouble) house.tickTrouble(error.message);
    }
    if (house.ended() !== null) await setImmediate(); // whoever connected just now is heard first
    const why = house.ended();
    if (why !== null) return why;
    await loop.rest(house.restMs());
  }
  return 'signal';
}

type Nudgeable = { readonly nudge: () => void; readonly rest: (ms: number) => Promise<void> };

/** A rest that a nudge ends, also one that came just before it. */
function nudgeable({ clock }: Pick<DaemonContext, 'clock'>, signal: AbortSignal): Nudgeable {
  let nudged = new AbortController();
  return {
    nudge: () => nudged.abort(),
    rest: async (ms) => {
      const wake = AbortSignal.any([signal, nudged.signal]);
      await clock.sleep(ms, wake).catch((error: unknown) => {
        if (!wake.aborted) throw error;
      });
      nudged = new AbortController();
    },
  };
}
