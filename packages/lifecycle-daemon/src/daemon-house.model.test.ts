/** Whatever happens in whatever order: what has to hold of a daemon, over random lives of it and with the power cut at every write. */
import { TerokError } from '@terok/sandbox';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LifecycleLogEvent } from './event-log.ts';
import { loadDaemonState } from './daemon-state.ts';
import { loadLifecycleState } from './lifecycle-state.ts';
import { stepStatesOf } from './sleep/step-states.ts';
import { lifecycleContext } from './testing/lifecycle-context.ts';
import { hourMs, minuteMs, newWorld, start, type Driven, type World } from './testing/house-world.ts';
import { settled } from './testing/waiting-clock.ts';

type Happening =
  | { readonly kind: 'live'; readonly ms: number }
  | { readonly kind: 'come'; readonly op: 'wake' | 'session-opened' | 'lift-quarantine' }
  | { readonly kind: 'sleep-now' | 'look' | 'crash' | 'task-starts' | 'task-ends' | 'resume' }
  | { readonly kind: 'pause' | 'lease'; readonly forSec: number }
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'step'; readonly outcome: 'fails' | 'works' | 'hangs' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('live' as const), ms: fc.integer({ min: 1000, max: 3 * hourMs }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('come' as const), op: fc.constantFrom('wake', 'session-opened', 'lift-quarantine') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('sleep-now', 'look', 'crash', 'task-starts', 'task-ends', 'resume') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause', 'lease'), forSec: fc.integer({ min: 1, max: 7200 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), ms: fc.integer({ min: -48 * hourMs, max: 48 * hourMs }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('step' as const), outcome: fc.constantFrom('fails', 'works', 'hangs') }) },
);

const table = ['WAKE DROWSY', 'DROWSY WAKE', 'DROWSY SLEEP', 'SLEEP WAKE', 'SLEEP HIBERNATION', 'HIBERNATION WAKE'];

/** What is believed of the daemon from outside. */
type Belief = { seenAtMs: number; pausedUntilMs: number; leasedUntilMs: number };

function checkTransition(event: LifecycleLogEvent, world: World, belief: Belief): void {
  if (event.event !== 'state_transition') return;
  expect(table).toContain(`${event.from} ${event.to}`);
  const nowMs = world.clock.monotonicMs();
  const idleMs = nowMs - belief.seenAtMs;
  const asleep = event.to === 'SLEEP' || event.to === 'HIBERNATION';
  const neededMs = { WAKE: 0, DROWSY: 5, SLEEP: 30, HIBERNATION: 120 }[event.to] ?? 0;
  expect(idleMs).toBeGreaterThanOrEqual(neededMs * minuteMs);
  expect(asleep && (world.running.length > 0 || nowMs < Math.max(belief.pausedUntilMs, belief.leasedUntilMs))).toBe(false);
}

/** A world with one daemon after the other in it, and what is believed of them. */
type Life = { readonly world: World; readonly belief: Belief; driven: Driven; atOnce: number; mostAtOnce: number };

async function begun(): Promise<Life> {
  const world = newWorld();
  const belief: Belief = { seenAtMs: 0, pausedUntilMs: -1, leasedUntilMs: -1 };
  return { world, belief, driven: await awoken(world, belief), atOnce: 0, mostAtOnce: 0 };
}

async function awoken(world: World, belief: Belief): Promise<Driven> {
  came(world, belief);
  const driven = await start(world, { resident: true });
  driven.house.dispatcher.watch((event) => checkTransition(event, world, belief));
  expectState(driven, 'WAKE');
  return driven;
}

function expectState(driven: Driven, state: string): void {
  expect(driven.state()).toBe(state);
}

function came(world: World, belief: Belief): void {
  belief.seenAtMs = world.clock.monotonicMs();
}

/** As if nobody had been there for half an hour; refused while something keeps the house awake. */
async function sendToSleep({ world, belief, driven }: Life): Promise<void> {
  const before = belief.seenAtMs;
  belief.seenAtMs = Math.min(before, world.clock.monotonicMs() - 30 * minuteMs);
  try {
    await driven.ask('sleep-now', {});
  } catch (error) {
    if (!(error instanceof TerokError && error.code === 'SLEEP_VETOED')) throw error;
    belief.seenAtMs = before;
  }
  await settled();
}

async function happen(each: Happening, life: Life): Promise<void> {
  const { world, belief, driven } = life;
  const inMs = (seconds: number): number => world.clock.monotonicMs() + seconds * 1000;
  switch (each.kind) {
    case 'live':
      return driven.live(each.ms);
    case 'come':
      came(world, belief);
      await driven.ask(each.op, each.op === 'session-opened' ? { session_id: 's' } : {});
      return expectState(driven, 'WAKE');
    case 'sleep-now':
      return sendToSleep(life);
    case 'look':
      return expectState(driven, (await driven.ask('status', {})).state);
    case 'pause':
      came(world, belief);
      belief.pausedUntilMs = inMs(each.forSec);
      await driven.ask('pause', { for_sec: each.forSec });
      return;
    case 'resume':
      came(world, belief);
      belief.pausedUntilMs = -1;
      await driven.ask('resume', {});
      return;
    case 'lease':
      came(world, belief);
      belief.leasedUntilMs = Math.max(belief.leasedUntilMs, inMs(each.forSec));
      await driven.ask('keep-awake', { for_sec: each.forSec, reason: 'r' });
      return;
    case 'clock': // somebody sets it, or the machine sleeps: either way only the wall clock moves
      belief.pausedUntilMs -= Math.max(0, each.ms);
      belief.leasedUntilMs -= Math.max(0, each.ms);
      world.clock.setWall(new Date(world.clock.now().getTime() + each.ms));
      return;
    case 'task-starts':
    case 'task-ends':
      came(world, belief);
      world.running = each.kind === 'task-starts' ? ['task'] : [];
      world.change({ kind: each.kind === 'task-starts' ? 'started' : 'ended', subject: 'task' });
      return settled();
    case 'step':
      world.acts.set('archive', ({ signal }) => stepThat(each.outcome, life, signal));
      return;
    case 'crash':
      return crash(life);
  }
}

async function stepThat(outcome: 'fails' | 'works' | 'hangs', life: Life, signal: AbortSignal): Promise<void> {
  life.mostAtOnce = Math.max(life.mostAtOnce, ++life.atOnce);
  try {
    if (outcome === 'fails') throw new Error('no');
    if (outcome === 'hangs') await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    life.atOnce--;
  }
}

async function crash(life: Life): Promise<void> {
  const { record: before } = await loadLifecycleState(lifecycleContext(life.world.files));
  life.world.files = reboot(life.world.files);
  life.atOnce = 0;
  life.driven = await awoken(life.world, life.belief);
  const after = life.driven.house.dispatcher.record();
  expect(after.sleep_cycle_progress).toEqual(before.sleep_cycle_progress);
  expect(after.quarantine).toEqual(before.quarantine);
  expect(stepStatesOf(after)).toEqual(stepStatesOf(before));
}

test('however people, clocks, tasks, steps and crashes come, the daemon keeps to its table and to what it was asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (happenings) => {
      const life = await begun();
      for (const each of happenings) {
        await happen(each, life);
        const { record, recovered } = await loadLifecycleState(lifecycleContext(life.world.files));
        expect(recovered).toEqual([]);
        expect(record).toEqual(life.driven.house.dispatcher.record());
        expect(life.driven.house.troubles()).toEqual([]);
        expect(life.mostAtOnce).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);

/** A life with a flag, a quarantine and a digest in it. `told` is what the outside was promised. */
async function story(world: World, told: Set<string>): Promise<void> {
  world.acts.set('archive', () => Promise.reject(new Error('no room')));
  const collect = async () => ({
    tasks: [
      {
        project: 'demo',
        task: 'k3v8h',
        name: 'a task',
        agent: null,
        outcome: 'finished' as const,
        status: 'completed',
        exit_code: 0,
        started_at: null,
        duration_sec: 1,
        message: null,
      },
    ],
    unmerged: [],
  });
  const { live, ask, house } = await start(world, { collect });
  house.dispatcher.watch((event) => {
    if (event.event === 'quarantine_entered') told.add('quarantine');
    if (event.event === 'digest_built') told.add('digest');
    if (event.event === 'sleep_cycle_completed') told.add('cycle');
  });
  await ask('session-opened', { session_id: 's1' });
  told.add('session');
  await live(43 * minuteMs);
  const { digest_id: id } = await ask('digest', { due_only: true });
  expect(id).not.toBeNull();
  await ask('ack', { digest_id: String(id) });
  told.add('acknowledged');
  expect(await ask('consume-first-turn', { session_id: 's1' })).toEqual({ first_turn: true });
  told.add('consumed');
}

test('wherever the power goes, the next start is WAKE, and nothing that was promised is lost or comes again', async () => {
  const uncut = newWorld();
  const all = new Set<string>();
  await story(uncut, all);
  expect([...all].toSorted()).toEqual(['acknowledged', 'consumed', 'cycle', 'digest', 'quarantine', 'session']);
  expect(uncut.files.steps()).toBeGreaterThan(100);

  for (let cutAt = 0; cutAt < uncut.files.steps(); cutAt++) {
    const world = newWorld();
    world.files = memoryFiles({}, { cutAt });
    const told = new Set<string>();
    await expect(story(world, told), `cut at ${cutAt}`).rejects.toThrow(PowerCut);

    world.files = reboot(world.files);
    world.acts.clear();
    const { state, ask, live } = await start(world);
    expect(state()).toBe('WAKE');
    const { record } = await loadLifecycleState(lifecycleContext(world.files));
    const bag = await loadDaemonState(lifecycleContext(world.files));
    expect(record.quarantine !== null || !told.has('quarantine'), `quarantine, cut at ${cutAt}`).toBe(true);
    const offered = (await ask('digest', { due_only: true })).digest_id;
    expect(offered !== null || !told.has('digest') || bag['last_digest_shown_at'] !== undefined, `digest, cut at ${cutAt}`).toBe(true);
    expect(offered === null || !told.has('acknowledged'), `digest again, cut at ${cutAt}`).toBe(true);
    const pending = (await ask('consume-first-turn', { session_id: 's1' })).first_turn;
    expect(pending || !told.has('session') || told.has('acknowledged'), `flag, cut at ${cutAt}`).toBe(true);
    expect(pending && told.has('consumed'), `flag again, cut at ${cutAt}`).toBe(false);
    await live(31 * minuteMs);
    expect([state(), world.ran.at(-1)]).toEqual(['SLEEP', 'health']);
  }
}, 120_000);
