import type { Files } from '@terok/sandbox';
import { memoryFiles, type MemoryFiles } from '@terok/sandbox/testing';
import { answersOf } from '../daemon-answers.ts';
import { openHouse, type House, type HouseOptions } from '../daemon-house.ts';
import type { ProbeChange } from '../daemon-probes.ts';
import { eventsSince } from '../event-log.ts';
import { sleepStepIds, sleepStepNumbers, type SleepStep, type SleepStepId, type StepRun } from '../sleep/sleep-step.ts';
import type { CommandArgs, CommandName, CommandResult } from '../socket/protocol.ts';
import type { Command } from '../socket/requests.ts';
import type { Caller } from '../socket/server.ts';
import { lifecycleContext } from './lifecycle-context.ts';
import { settled, waitingClock, type WaitingClock } from './waiting-clock.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** A disk, a clock and what runs outside: what outlives a daemon. */
export type World = {
  files: MemoryFiles;
  readonly clock: WaitingClock;
  /** What the probe finds. */
  running: string[];
  probeFails: boolean;
  /** Tells the daemon that something started or ended. */
  change: (change: ProbeChange) => void;
  /** Which step was run, in order. */
  readonly ran: SleepStepId[];
  /** What a step does; unless it is here, it is done at once. */
  readonly acts: Map<SleepStepId, (run: StepRun) => Promise<void>>;
  clients: number;
};

export function newWorld(): World {
  return {
    files: memoryFiles(),
    clock: waitingClock(),
    running: [],
    probeFails: false,
    change: () => undefined,
    ran: [],
    acts: new Map(),
    clients: 0,
  };
}

function stepsOf(world: Pick<World, 'ran' | 'acts'>): readonly SleepStep[] {
  return sleepStepIds.map((id) => ({
    id,
    number: sleepStepNumbers[id],
    title: `the step ${id}`,
    run: async (options) => {
      world.ran.push(id);
      await world.acts.get(id)?.(options);
      return { problems: [] };
    },
  }));
}

export type Driven = {
  readonly house: House;
  readonly state: () => string;
  /** Lets the time go by, with the ticks that a running daemon makes. */
  readonly live: (ms: number) => Promise<void>;
  readonly ask: <N extends CommandName>(op: N, args: CommandArgs<N>, caller?: Partial<Caller>) => Promise<CommandResult<N>>;
  readonly logged: () => Promise<readonly string[]>;
};

const stays = new AbortController().signal;

/** A daemon in that world, as a start makes it. */
export async function start(world: World, options: Partial<HouseOptions> = {}): Promise<Driven> {
  const { paths } = lifecycleContext<Files>(world.files);
  const config = { lifecycle: { drowsy_after: 300, sleep_after: 1800, hibernate_after: 7200 } };
  const ctx = { paths, config, clock: world.clock, files: world.files };
  const probe = {
    id: 'containers',
    look: async () => {
      if (world.probeFails) throw new Error('podman does not answer');
      return world.running;
    },
    watch: (onChange: (change: ProbeChange) => void, signal: AbortSignal) => {
      world.change = onChange;
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
  };
  const clients = () => world.clients;
  const house = await openHouse(ctx, { version: '1.2.3', pid: 4242, steps: stepsOf(world), probes: [probe], clients, ...options });
  const answer = answersOf(ctx, { house, version: '1.2.3', pid: 4242, clients, signal: new AbortController().signal });
  const live = async (ms: number): Promise<void> => {
    const endMs = world.clock.monotonicMs() + ms;
    while (world.clock.monotonicMs() < endMs && house.ended() === null) {
      await world.clock.advance(Math.min(house.restMs(), endMs - world.clock.monotonicMs()));
      await house.tick();
      await settled();
    }
  };
  return {
    house,
    state: () => house.dispatcher.record().current_state,
    live,
    ask: async (op, args, { version = null, gone = stays } = {}) =>
      (await answer({ op, args } as Command, { version, gone })) as CommandResult<typeof op>,
    logged: async () =>
      (await eventsSince(ctx, new Date(0))).map((event) => ('to' in event ? `${event.event} ${String(event['to'])}` : event.event)),
  };
}
