/** What the daemon does for each command of the socket, and what it answers. */
import { randomUUID } from 'node:crypto';
import { formatInstant, type Clock } from '@terok/sandbox';
import { leasesMax, leasesOf, pausedUntil, withLease, withoutLease, withoutPause, withPause } from './daemon-holds.ts';
import type { House } from './daemon-house.ts';
import { consumeFirstTurn, markSessionOpened } from './daemon-state.ts';
import { digestClaim } from './digest/digest-claim.ts';
import { acknowledgeDigest, offeredDigest, pendingDigest } from './digest/digest-offer.ts';
import { lifecycleErrors } from './errors.ts';
import { fsmState } from './machine.ts';
import { liftQuarantine } from './sleep/cycle-record.ts';
import type { SleepStepId } from './sleep/sleep-step.ts';
import { stepStatesOf } from './sleep/step-states.ts';
import type { CommandArgs, CommandName, CommandResult, DaemonStatus } from './socket/protocol.ts';
import type { Command } from './socket/requests.ts';
import type { Caller } from './socket/server.ts';
import { isNewerRelease } from './succession.ts';

export type AnswersContext = { readonly clock: Clock };

export type AnswersOptions = {
  readonly house: House;
  readonly version: string;
  readonly pid: number;
  readonly clients: () => number;
  /** Aborts when the daemon ends. */
  readonly signal: AbortSignal;
};

type Answers = { readonly [N in CommandName]: (args: CommandArgs<N>, caller: Caller) => Promise<CommandResult<N>> };
export type Answer = (command: Command, caller: Caller) => Promise<CommandResult<CommandName>>;

/** Most that is sent of the decisions of a step, and of its problems. */
const listMaxBytes = 256 * 1024;

export function answersOf(ctx: AnswersContext, options: AnswersOptions): Answer {
  const { house, version } = options;
  const answers = answerTable(ctx, options);
  return async (command, caller) => {
    if (options.signal.aborted) throw lifecycleErrors.DAEMON_STOPPING({});
    // Each command has arguments of its own; the table is asked for the one that was read.
    const answer = answers[command.op] as (args: Command['args'], caller: Caller) => Promise<CommandResult<CommandName>>;
    const result = await answer(command.args, caller);
    if (isNewerRelease(caller.version, version)) void house.cycle.endAfterStep().then(() => house.end('outdated'));
    return result;
  };
}

function answerTable(ctx: AnswersContext, options: AnswersOptions): Answers {
  const { house, signal } = options;
  const { bag, dispatcher, cycle } = house;
  const now = (): Date => ctx.clock.now();
  const moved = () => ({ state: dispatcher.record().current_state });
  const claim = digestClaim();

  return {
    status: async () => statusOf(ctx, options),
    subscribe: async () => moved(),
    wake: async ({ reason = 'wake' }) => {
      await house.arrived(reason);
      return moved();
    },
    'sleep-now': async () => {
      await house.sleepNow();
      return moved();
    },
    pause: async ({ for_sec: forSec }) => {
      await house.arrived('pause');
      const until = pausedUntil(await bag.update((state) => withPause(state, forSec, now())), now()) ?? now();
      await dispatcher.tell({ event: 'paused', until_ts: formatInstant(until) });
      return { paused_until_ts: formatInstant(until) };
    },
    resume: async () => {
      await house.arrived('resume');
      const wasPaused = pausedUntil(bag.state(), now()) !== null;
      await bag.update(withoutPause);
      if (wasPaused) await dispatcher.tell({ event: 'resumed', reason: 'asked' });
      return { was_paused: wasPaused };
    },
    'keep-awake': async ({ for_sec: forSec, reason }) => {
      await house.arrived('keep-awake');
      const id = randomUUID();
      const state = await bag.update((before) => {
        if (leasesOf(before, now()).length >= leasesMax) throw lifecycleErrors.TOO_MANY_LEASES({ max: leasesMax });
        return withLease(before, { id, reason, forSec, now: now() });
      });
      const until = formatInstant(leasesOf(state, now()).find((lease) => lease.id === id)?.until ?? now());
      await dispatcher.tell({ event: 'lease_taken', lease_id: id, until_ts: until, reason });
      return { lease_id: id, reason, until_ts: until };
    },
    'release-lease': async ({ lease_id: id }) => {
      const before = bag.state();
      const released = (await bag.update((state) => withoutLease(state, id))) !== before;
      if (released) await dispatcher.tell({ event: 'lease_ended', lease_id: id, reason: 'asked' });
      return { released };
    },
    'session-opened': async ({ session_id: id }) => {
      await house.arrived('session-opened');
      await bag.update((state) => markSessionOpened(state, id, now()));
      return {};
    },
    'consume-first-turn': async ({ session_id: id }) => {
      await house.arrived('consume-first-turn');
      let firstTurn = false;
      await bag.update((before) => {
        const { state, consumed } = consumeFirstTurn(before, id);
        firstTurn = consumed;
        return state;
      });
      return { first_turn: firstTurn };
    },
    digest: async ({ due_only: dueOnly = false }) => {
      const digest = dueOnly ? (offeredDigest(bag.state(), now())?.digest ?? null) : pendingDigest(bag.state());
      return { digest, digest_id: digest?.digest_id ?? null };
    },
    'claim-digest': async ({ session_id: id }, { gone }) => {
      await house.arrived('claim-digest');
      // Nothing is waited for between the look and the claim: of two that ask at once, one is first.
      const due = offeredDigest(bag.state(), now());
      if (due === null || !claim.take(gone)) return { digest: null, digest_id: null };
      if (id !== undefined) await bag.update((state) => consumeFirstTurn(state, id).state);
      return due;
    },
    ack: async ({ digest_id: id }) => {
      await house.arrived('ack');
      let acknowledged = false;
      await bag.update((before) => {
        const after = acknowledgeDigest(before, id, now());
        acknowledged = after.acknowledged;
        return after.state;
      });
      if (acknowledged) {
        claim.giveUp();
        await dispatcher.tell({ event: 'digest_acknowledged', digest_id: id });
      }
      return { acknowledged };
    },
    'run-step': async ({ id, dry_run: dryRun = false }) => {
      const step = house.steps.find((each) => each.id === id);
      if (step === undefined) throw lifecycleErrors.STEP_NOT_REGISTERED({ id });
      await house.arrived('run-step');
      const end = await cycle.runStep(step, { dryRun, signal });
      const { decisions, counts, bytesReclaimed, durationMs } = end.work;
      return {
        outcome: end.kind,
        error: 'error' in end ? end.error : null,
        duration_sec: Math.round(durationMs) / 1000,
        bytes_reclaimed: bytesReclaimed,
        counts: { ...counts },
        decisions: fitting(decisions).map((decision) => ({ ...decision })),
        problems: fitting('problems' in end ? end.problems : []).map((problem) => ({ ...problem })),
      };
    },
    'lift-quarantine': async ({ id }) => {
      await house.arrived('lift-quarantine');
      const before = stepStatesOf(dispatcher.record());
      await dispatcher.update((record) => liftQuarantine(record, id ?? 'all'));
      const after = stepStatesOf(dispatcher.record());
      const lifted = Object.keys(before).filter((step): step is SleepStepId => !Object.hasOwn(after, step));
      for (const step of lifted)
        await dispatcher.tell({ event: 'quarantine_lifted', step, reason: 'manual_reset', prior_until_ts: before[step]?.until_ts ?? null });
      cycle.forgetWaiting();
      return { lifted };
    },
    shutdown: async () => {
      house.end('shutdown');
      return {};
    },
  };
}

function statusOf(ctx: AnswersContext, { house, pid, clients }: AnswersOptions): DaemonStatus {
  const { bag, dispatcher, cycle } = house;
  const record = dispatcher.record();
  const now = ctx.clock.now();
  const pause = pausedUntil(bag.state(), now);
  const states = stepStatesOf(record);
  return {
    state: record.current_state,
    since_ts: record.since_ts,
    fsm_state: fsmState(record.current_state, { stepRunning: cycle.occupant() !== null }),
    pid,
    started_ts: formatInstant(house.startedAt),
    uptime_sec: Math.round(house.upMs() / 1000),
    idle_sec: Math.round(house.idleMs() / 1000),
    last_activity_ts: record.last_activity_ts,
    resident: house.resident,
    paused_until_ts: pause === null ? null : formatInstant(pause),
    leases: leasesOf(bag.state(), now).map(({ id, reason, until }) => ({ lease_id: id, reason, until_ts: formatInstant(until) })),
    vetoes: house.lastVetoes()?.slice() ?? null,
    cycle: {
      running_step: cycle.occupant(),
      complete: cycle.isComplete(),
      last_completed_step: record.sleep_cycle_progress?.last_completed_step ?? 0,
      started_ts: record.sleep_cycle_progress?.started_at ?? null,
      retry_ts: instantOrNull(cycle.retryAt()),
    },
    quarantine: record.quarantine,
    steps: house.steps.map(({ id, number, title }) => ({
      id,
      number,
      title,
      failures: states[id]?.failures ?? 0,
      until_ts: states[id]?.until_ts ?? null,
    })),
    digest_id: pendingDigest(bag.state())?.digest_id ?? null,
    clients: clients(),
    troubles: [...house.troubles()],
  };
}

/** The first of them, as many as go into a line that a client takes. */
function fitting<T>(items: readonly T[]): readonly T[] {
  let leftBytes = listMaxBytes;
  return items.filter((item) => (leftBytes -= Buffer.byteLength(JSON.stringify(item))) >= 0);
}

function instantOrNull(instant: Date | null): string | null {
  return instant === null ? null : formatInstant(instant);
}
