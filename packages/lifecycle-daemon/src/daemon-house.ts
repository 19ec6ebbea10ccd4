/**
 * The daemon without its socket and its loop: what it knows, and what it does when time goes on and when somebody comes. Whoever drives it
 * calls `tick` now and then, `arrived` when a person did something, and ends it when `ended` says so.
 */
import { formatInstant, keepCorruptCopy, type Clock, type Config, type Paths } from '@terok/sandbox';
import { bagOf, type Bag } from './daemon-bag.ts';
import { choresOf } from './daemon-chores.ts';
import { cycleOf, type Cycle } from './daemon-cycle.ts';
import { digestMaker } from './daemon-digest.ts';
import { leasesOf, pausedUntil, pauseIsOver, pruneLeases, withoutPause } from './daemon-holds.ts';
import { probesOf, type Probe, type ProbeChange, type Probes } from './daemon-probes.ts';
import { restMs } from './daemon-rest.ts';
import { FIRST_TURN_PENDING_TTL_SEC_DEFAULT, loadDaemonState, pruneFirstTurnPending } from './daemon-state.ts';
import type { DigestSources } from './digest/rebuild-digest.ts';
import { dispatcher, type DispatchContext, type Dispatcher } from './dispatch.ts';
import { lifecycleErrors } from './errors.ts';
import { rotateEventLog } from './event-log.ts';
import { lifecycleStatePath, loadLifecycleState } from './lifecycle-state.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { dueEvent, idleThresholds, needsVetoes, presence, type Circumstances } from './presence.ts';
import type { SleepStep } from './sleep/sleep-step.ts';
import { consumeWakeMark, isWakeMarked } from './wake-signal.ts';

export type HouseContext = DispatchContext & {
  readonly paths: Pick<Paths, 'wakeSignal' | 'digest'>;
  readonly config: Pick<Config, 'lifecycle'>;
};

export type HouseOptions = {
  readonly version: string;
  readonly pid: number;
  readonly steps: readonly SleepStep[];
  readonly probes?: readonly Probe[];
  /** What became of the tasks, for the digest. Without it there is none. */
  readonly collect?: DigestSources['collect'];
  /** Nothing would start the daemon again: in HIBERNATION it stays, and looks around slowly. */
  readonly resident?: boolean;
  /** How many are connected now; while anybody is, the daemon does not end. */
  readonly clients?: () => number;
  /** Something changed that may be due earlier than was said. */
  readonly onNudge?: () => void;
};

/** Why a daemon ended by itself. */
export type HouseEnd = 'hibernation' | 'shutdown' | 'outdated';

export interface House {
  readonly dispatcher: Dispatcher;
  readonly bag: Bag;
  readonly cycle: Cycle;
  readonly steps: readonly SleepStep[];
  readonly resident: boolean;
  readonly startedAt: Date;
  /** Looks around: what is due happens. Rejects with what keeps it from that; the next one tries again. */
  tick(): Promise<void>;
  /** How long nothing is due, in milliseconds. */
  restMs(): number;
  /** Somebody did something. */
  arrived(cause: string): Promise<void>;
  /** A person wants the house to sleep. SLEEP_VETOED when something keeps it awake. */
  sleepNow(): Promise<void>;
  idleMs(): number;
  upMs(): number;
  lastVetoes(): readonly string[] | null;
  troubles(): readonly string[];
  /** What keeps the ticks from their work, until one succeeds again. */
  tickTrouble(problem: string | null): void;
  /** Why it should end, once it should. */
  ended(): HouseEnd | null;
  end(why: HouseEnd): void;
  /** Ends what goes on, within seconds. What does not end writes nothing any more. */
  close(reason: string): Promise<void>;
}

/** In WAKE, what people do is written down at most this often. */
const activityKeptMs = 5 * 60_000;
const dayMs = 86_400_000;
/** How long the end waits for what is under way beside the cycle. */
const closingMs = 1000;

/** Reads what is on the disk and wakes up: a start is somebody who wants the daemon. */
export async function openHouse(ctx: HouseContext, options: HouseOptions): Promise<House> {
  const { version, pid, resident = false } = options;
  const { record, recovered } = await loadLifecycleState(ctx);
  const keptAs = recovered.length === 0 ? '' : await keepCorruptCopy(ctx.files, ctx.clock, lifecycleStatePath(ctx.paths));
  const dispatching = dispatcher(ctx, { record, shadowRun: resident });
  const bag = bagOf(ctx, await loadDaemonState(ctx));
  const startedAt = ctx.clock.now();

  const house = houseOf(ctx, { ...options, resident, dispatching, bag, startedAt });
  await dispatching.tell({ event: 'daemon_started', pid, version, resident });
  if (recovered.length > 0) await dispatching.tell({ event: 'state_recovered', fields: recovered, kept_as: keptAs });
  await dispatching.dispatch('request_arrived', { cause: 'start' });
  const { state: pruned, dropped } = pruneFirstTurnPending(bag.state(), { now: startedAt });
  await bag.update(() => ({ ...pruned, daemon_started_at: formatInstant(startedAt), daemon_pid: pid }));
  if (dropped.length > 0) await dispatching.tell(firstTurnsExpired(dropped, 'startup'));
  if (await isWakeMarked(ctx)) {
    await consumeWakeMark(ctx);
    await dispatching.tell({ event: 'wake_signal_consumed', phase: 'start' });
  }
  house.watchProbes();
  return house;
}

type Inside = HouseOptions & {
  readonly resident: boolean;
  readonly dispatching: Dispatcher;
  readonly bag: Bag;
  readonly startedAt: Date;
};

function houseOf(ctx: HouseContext, inside: Inside): House & { watchProbes(): void } {
  const { steps, dispatching, bag, collect, resident, startedAt, clients = () => 0, onNudge = () => undefined } = inside;
  const thresholds = idleThresholds(ctx.config.lifecycle);
  const here = presence(ctx.clock);
  const inTurn = oneAtATime();
  const stopped = new AbortController();
  let ended: HouseEnd | null = null;
  let tickTrouble: string | null = null;
  const startedMs = ctx.clock.monotonicMs();
  let activityKeptAtMs = startedMs;
  let rotatedAtMs = -Infinity;

  const chores = choresOf({ onMistake: onNudge });
  const cycle = cycleOf(ctx, {
    steps,
    dispatcher: dispatching,
    onEnd: (failure) => {
      chores.note('sleep cycle', failure);
      onNudge();
    },
  });
  const probes: Probes = probesOf(ctx.clock, {
    probes: inside.probes ?? [],
    onFailure: (probe, problem) => chores.begin('log', () => dispatching.tell({ event: 'probe_failed', probe, problem })),
  });

  const now = (): Date => ctx.clock.now();
  const state = (): Circumstances['state'] => dispatching.record().current_state;

  const makeDigest = collect === undefined ? async () => undefined : digestMaker(ctx, { bag, dispatcher: dispatching, collect });
  const rotate = async (): Promise<void> => {
    if (ctx.clock.monotonicMs() - rotatedAtMs < dayMs) return;
    rotatedAtMs = ctx.clock.monotonicMs();
    const done = await rotateEventLog(ctx);
    if (done.compressed + done.removed > 0) await dispatching.tell({ event: 'log_compressed', ...done });
  };

  const arrived = async (cause: string): Promise<void> => {
    here.seen();
    const wasAwake = state() === 'WAKE';
    if (wasAwake && ctx.clock.monotonicMs() - activityKeptAtMs < activityKeptMs) return;
    activityKeptAtMs = ctx.clock.monotonicMs();
    try {
      await dispatching.dispatch('request_arrived', { cause });
    } finally {
      await cycle.abort(); // also when that cannot be kept: nobody waits for a step
    }
    cycle.renew();
    if (!wasAwake) onNudge();
  };
  const fellDrowsy = (): void => {
    chores.begin('digest', makeDigest);
    chores.begin('event log', rotate);
  };

  const holds = (): readonly string[] => {
    const pause = pausedUntil(bag.state(), now());
    const leases = leasesOf(bag.state(), now());
    return [
      ...(pause === null ? [] : [`paused until ${formatInstant(pause)}`]),
      ...leases.map(({ reason, until }) => `kept awake until ${formatInstant(until)}: ${reason}`),
    ];
  };
  const connected = (): readonly string[] => (clients() === 0 ? [] : [`${clients()} connected`]);
  const circumstances = async (): Promise<Circumstances> => {
    const known = { state: state(), idleMs: here.idleMs(), cycleComplete: cycle.isComplete() };
    if (!needsVetoes(known, thresholds)) return { ...known, vetoes: null };
    const vetoes = [...holds(), ...(await probes.vetoes()), ...(known.state === 'SLEEP' && known.cycleComplete ? connected() : [])];
    // Somebody may have come during the look.
    return { state: state(), idleMs: here.idleMs(), cycleComplete: cycle.isComplete(), vetoes };
  };

  const noticeTime = async (): Promise<void> => {
    const jumpMs = here.noticeJump();
    if (jumpMs === null) return;
    cycle.forgetWaiting();
    probes.forget();
    await dispatching.tell({ event: 'clock_jump', ahead_ms: jumpMs });
  };
  const noticeMark = async (): Promise<void> => {
    if (!(await isWakeMarked(ctx))) return;
    await arrived('wake.signal'); // first, so that a crash in between wakes twice rather than never
    await consumeWakeMark(ctx);
    await dispatching.tell({ event: 'wake_signal_consumed', phase: 'tick' });
  };
  const noticeHolds = async (): Promise<void> => {
    const before = bag.state();
    const { ended: leasesEnded } = pruneLeases(before, now());
    const { dropped } = pruneFirstTurnPending(before, { now: now() });
    const pauseOver = pauseIsOver(before, now());
    if (leasesEnded.length > 0 || dropped.length > 0 || pauseOver) {
      await bag.update((bagState) => {
        const awake = pruneLeases(pauseIsOver(bagState, now()) ? withoutPause(bagState) : bagState, now()).state;
        return pruneFirstTurnPending(awake, { now: now() }).state;
      });
    }
    if (pauseOver) await dispatching.tell({ event: 'resumed', reason: 'expired' });
    for (const id of leasesEnded) await dispatching.tell({ event: 'lease_ended', lease_id: id, reason: 'expired' });
    if (dropped.length > 0) await dispatching.tell(firstTurnsExpired(dropped, 'tick'));
    if (leasesOf(bag.state(), now()).length > 0) here.seen();
  };
  /** As many states as the time has gone through. */
  const noticeIdleness = async (): Promise<void> => {
    for (;;) {
      const seen = await circumstances();
      const due = dueEvent(seen, thresholds);
      if (due === null) {
        if (seen.state === 'SLEEP' && seen.vetoes?.length === 0) cycle.begin();
        return;
      }
      const stillIdle = (): boolean => here.idleMs() >= seen.idleMs;
      const { transition } = await dispatching.dispatch(due.event, { payload: due.payload, onlyIf: stillIdle });
      if (transition === null) return;
      if (transition.to === 'DROWSY') fellDrowsy();
    }
  };

  return {
    dispatcher: dispatching,
    bag,
    cycle,
    steps,
    resident,
    startedAt,
    tick: () =>
      inTurn(async () => {
        chores.rethrowMistake();
        await noticeTime();
        await noticeMark();
        await noticeHolds();
        await noticeIdleness();
        if (state() === 'HIBERNATION') await noticeMark(); // left during the last look: nobody would see it before the next start
      }),
    restMs: () => {
      const retryAt = cycle.retryAt();
      const retryInMs = retryAt === null ? null : retryAt.getTime() - now().getTime();
      const cycleNow = { isRunning: cycle.isRunning(), isComplete: cycle.isComplete(), retryInMs };
      return restMs({ state: state(), idleMs: here.idleMs(), thresholds, cycle: cycleNow });
    },
    arrived,
    sleepNow: () =>
      inTurn(async () => {
        probes.forget();
        const vetoes = [...holds(), ...(await probes.vetoes())];
        if (vetoes.length > 0) throw lifecycleErrors.SLEEP_VETOED({ vetoes });
        here.pretendIdle(Math.max(thresholds.sleepMs, thresholds.drowsyMs));
        const drowsy = await dispatching.dispatch('idle_5min', { cause: 'sleep-now' });
        if (drowsy.transition !== null) fellDrowsy();
        await dispatching.dispatch('idle_30min', { payload: { sleep_eligible: true }, cause: 'sleep-now' });
        if (state() === 'SLEEP') cycle.begin();
        onNudge();
      }),
    idleMs: () => here.idleMs(),
    upMs: () => ctx.clock.monotonicMs() - startedMs,
    lastVetoes: () => {
      const found = probes.lastVetoes();
      return found === null ? null : [...holds(), ...found];
    },
    troubles: () => [
      ...(tickTrouble === null ? [] : [tickTrouble]),
      ...chores.troubles(),
      ...(dispatching.eventsLost() === 0 ? [] : [`${dispatching.eventsLost()} lines of the event log could not be written`]),
    ],
    tickTrouble: (problem) => {
      tickTrouble = problem;
    },
    ended: () => ended ?? (state() === 'HIBERNATION' && !resident && here.idleMs() >= thresholds.hibernateMs ? 'hibernation' : null),
    end: (why) => {
      ended ??= why;
      onNudge();
    },
    close: async (reason) => {
      stopped.abort();
      await cycle.abort();
      await atMost(ctx.clock, closingMs, chores.settled());
      try {
        await bag.close(({ daemon_pid: _, ...rest }) => ({ ...rest, daemon_stopped_at: formatInstant(now()) }));
      } finally {
        await dispatching.tell({ event: 'daemon_stopped', reason });
        dispatching.close();
      }
    },
    watchProbes: () => {
      const changed = ({ kind, subject }: ProbeChange): void => {
        chores.begin('arrival', () => arrived(`${subject} ${kind}`));
        if (kind === 'ended') chores.begin('digest', makeDigest);
      };
      chores.begin('probes', () => probes.watch(changed, stopped.signal));
    },
  };
}

/** Waits, and leaves no timer behind that would keep the process. */
async function atMost(clock: Clock, ms: number, act: Promise<void>): Promise<void> {
  const done = new AbortController();
  const tooLong = clock.sleep(ms, done.signal).catch((error: unknown) => {
    if (!done.signal.aborted) throw error;
  });
  await Promise.race([act, tooLong]).finally(() => done.abort());
}

function firstTurnsExpired(dropped: readonly string[], phase: 'startup' | 'tick') {
  return {
    event: 'first_turn_pending_expired',
    dropped_count: dropped.length,
    session_ids: dropped,
    ttl_sec: FIRST_TURN_PENDING_TTL_SEC_DEFAULT,
    phase,
  } as const;
}
