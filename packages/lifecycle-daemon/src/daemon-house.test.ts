import { memoryFiles, reboot } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import type { DigestTask } from './digest/digest.ts';
import { sleepStepIds } from './sleep/sleep-step.ts';
import { hourMs, minuteMs, newWorld, start } from './testing/house-world.ts';
import { settled } from './testing/waiting-clock.ts';
import { isWakeMarked, markWake } from './wake-signal.ts';
import { lifecycleContext } from './testing/lifecycle-context.ts';

const recordPath = '/state/lifecycle/lifecycle_state.json';
const bagPath = '/state/lifecycle/.daemon-state.json';
const stored = (text: string | null): Record<string, unknown> => JSON.parse(text ?? 'null') as Record<string, unknown>;

describe('a night', () => {
  test('E-35: goes from WAKE over DROWSY and SLEEP, through every step once, to HIBERNATION after two idle hours', async () => {
    const world = newWorld();
    const { live, state, house, logged } = await start(world);
    await live(5 * minuteMs - 1);
    expect(state()).toBe('WAKE');
    await live(1);
    expect(state()).toBe('DROWSY');
    await live(25 * minuteMs);
    expect(state()).toBe('SLEEP');
    await live(80 * minuteMs);
    expect([state(), house.ended(), world.ran]).toEqual(['SLEEP', null, sleepStepIds]);
    await live(10 * minuteMs);
    expect([state(), house.ended(), world.ran]).toEqual(['HIBERNATION', 'hibernation', sleepStepIds]);
    expect((await logged()).filter((line) => line.startsWith('state_transition'))).toEqual([
      'state_transition DROWSY',
      'state_transition SLEEP',
      'state_transition HIBERNATION',
    ]);
  });

  test('writes nothing while nothing changes', async () => {
    const world = newWorld();
    const { live } = await start(world);
    await live(6 * minuteMs);
    const steps = world.files.steps();
    await live(20 * minuteMs);
    expect(world.files.steps()).toBe(steps);
    await live(10 * minuteMs);
    const asleep = world.files.steps();
    await live(80 * minuteMs);
    expect(world.files.steps()).toBe(asleep);
  });

  test('compresses old days of the event log when it grows drowsy, once a day', async () => {
    const world = newWorld();
    const old = '/state/lifecycle/events/lifecycle-events-2026-04-01.jsonl';
    world.files = memoryFiles({ [old]: '{"ts":"2026-04-01T00:00:00.000+00:00","event":"resumed"}\n' });
    const { live, logged } = await start(world);
    await live(6 * minuteMs);
    // What compresses is a thread, which knows nothing of this clock.
    await expect.poll(async () => (await logged()).filter((line) => line === 'log_compressed'), { timeout: 20_000 }).toHaveLength(1);
    expect([world.files.paths().includes(old), world.files.paths().includes(`${old}.gz`)]).toEqual([false, true]);
  });

  test('E-39: a resident daemon stays in HIBERNATION, looks around slowly, and wakes for whoever comes', async () => {
    const world = newWorld();
    const { live, state, house, ask, logged } = await start(world, { resident: true });
    await live(3 * hourMs);
    expect([state(), house.ended(), house.restMs()]).toEqual(['HIBERNATION', null, 5 * minuteMs]);
    expect(stored(world.files.text(recordPath))).toMatchObject({ shadow_run: true });
    expect((await logged()).filter((line) => line === 'shadow_run_warning')).toHaveLength(1);
    expect(await ask('wake', {})).toEqual({ state: 'WAKE' });
    await live(3 * hourMs);
    expect([state(), world.ran.length]).toEqual(['HIBERNATION', 14]);
  });

  test('a client that stays connected keeps it from ending, not from sleeping', async () => {
    const world = newWorld();
    world.clients = 1;
    const { live, state } = await start(world);
    await live(3 * hourMs);
    expect(state()).toBe('SLEEP');
    world.clients = 0;
    await live(minuteMs);
    expect(state()).toBe('HIBERNATION');
  });

  test('whoever leaves a mark while the last look is made does not wait for a start', async () => {
    const world = newWorld();
    const { live, state, house } = await start(world);
    await live(2 * hourMs - minuteMs);
    await markWake({ ...lifecycleContext(world.files), clock: world.clock });
    await live(2 * minuteMs);
    expect([state(), house.ended()]).toEqual(['WAKE', null]);
  });
});

describe('somebody comes', () => {
  test.each(['wake', 'session-opened', 'keep-awake', 'pause', 'claim-digest', 'ack'] as const)(
    'with `%s`, and the house wakes',
    async (op) => {
      const world = newWorld();
      const { live, state, ask } = await start(world);
      await live(40 * minuteMs);
      expect(state()).toBe('SLEEP');
      const args = {
        wake: {},
        'session-opened': { session_id: 's' },
        'keep-awake': { for_sec: 1, reason: 'r' },
        pause: { for_sec: 1 },
        'claim-digest': {},
        ack: { digest_id: 'x' },
      };
      await ask(op, args[op]);
      expect(state()).toBe('WAKE');
    },
  );

  test.each(['status', 'subscribe', 'digest'] as const)('only to look, with `%s`, and the house sleeps on', async (op) => {
    const { live, state, ask } = await start(newWorld());
    await live(40 * minuteMs);
    await ask(op, {});
    await live(minuteMs);
    expect(state()).toBe('SLEEP');
  });

  test('while a step runs that does not listen: it is left behind within half a second, and never runs twice at once', async () => {
    const world = newWorld();
    let release: () => void = () => undefined;
    world.acts.set('images', () => new Promise((resolve) => (release = resolve)));
    const { live, state, ask, house } = await start(world);
    await live(31 * minuteMs);
    expect([state(), house.cycle.occupant()]).toEqual(['SLEEP', 'images']);
    expect(await ask('status', {})).toMatchObject({ fsm_state: 'DREAMING', cycle: { running_step: 'images', last_completed_step: 4 } });

    const woken = ask('wake', {});
    await world.clock.advance(500);
    expect(await woken).toEqual({ state: 'WAKE' });
    expect(house.cycle.occupant()).toBe('images');
    await expect(ask('run-step', { id: 'logs' })).rejects.toMatchObject({ code: 'STEP_BUSY' });

    await live(40 * minuteMs);
    expect([state(), world.ran.filter((id) => id === 'images')]).toEqual(['SLEEP', ['images']]);
    release();
    await settled();
    world.acts.delete('images');
    await live(5 * minuteMs);
    expect([world.ran.filter((id) => id === 'images').length, house.cycle.isComplete()]).toEqual([2, true]);
    expect(world.ran.filter((id) => id === 'orphans')).toHaveLength(1);
  });

  test('at the very moment at which a step begins: only one of the two runs, and the daemon goes on', async () => {
    const world = newWorld();
    world.acts.set('logs', () => world.clock.sleep(1000));
    const { house, ask, live } = await start(world);
    const asking = Promise.allSettled([ask('run-step', { id: 'logs' }), ask('run-step', { id: 'images' }), ask('sleep-now', {})]);
    await world.clock.advance(1000);
    const asked = await asking;
    expect(asked[0]).toMatchObject({ status: 'fulfilled', value: { outcome: 'completed' } });
    expect(asked[1]).toMatchObject({ status: 'rejected', reason: { code: 'STEP_BUSY' } });
    await live(3 * minuteMs);
    expect([house.troubles(), house.cycle.isComplete()]).toEqual([[], true]);
    expect(world.ran).toEqual(['logs', ...sleepStepIds]);
  });

  test('and goes: the next sleep has a cycle of its own', async () => {
    const world = newWorld();
    const { live, ask } = await start(world);
    await live(40 * minuteMs);
    await ask('wake', {});
    await live(40 * minuteMs);
    expect(world.ran).toEqual([...sleepStepIds, ...sleepStepIds]);
  });

  test('often: what is written down of it is little', async () => {
    const world = newWorld();
    const { ask } = await start(world);
    const steps = world.files.steps();
    for (let n = 0; n < 100; n++) {
      await world.clock.advance(1000);
      await ask('wake', {});
    }
    expect(world.files.steps()).toBe(steps);
    await world.clock.advance(5 * minuteMs);
    await ask('wake', {});
    expect(stored(world.files.text(recordPath))).toMatchObject({ wrapper_event_seq: 2, last_activity_ts: '2026-05-02T12:06:40.000+00:00' });
  });

  test('by a mark where no message was possible: it is kept first, then taken away', async () => {
    const world = newWorld();
    const { live, state, logged } = await start(world);
    await live(40 * minuteMs);
    await markWake({ ...lifecycleContext(world.files), clock: world.clock });
    await live(30_000);
    expect([state(), await isWakeMarked(lifecycleContext(world.files))]).toEqual(['WAKE', false]);
    expect((await logged()).at(-1)).toBe('wake_signal_consumed');
  });
});

describe('what runs', () => {
  test('keeps the house from sleeping, not from being drowsy; when it ends, that is somebody who comes', async () => {
    const world = newWorld();
    world.running = ['task demo/k3v8h runs'];
    const { live, state, ask } = await start(world);
    await live(10 * hourMs);
    expect([state(), world.ran]).toEqual(['DROWSY', []]);
    expect(await ask('status', {})).toMatchObject({ vetoes: ['task demo/k3v8h runs'] });
    world.running = [];
    world.change({ kind: 'ended', subject: 'task demo/k3v8h' });
    await settled();
    expect(state()).toBe('WAKE');
    await live(31 * minuteMs);
    expect(state()).toBe('SLEEP');
  });

  test('when it cannot be known, counts as running; that is told once', async () => {
    const world = newWorld();
    world.probeFails = true;
    const { live, state, ask, logged } = await start(world);
    await live(10 * hourMs);
    expect(state()).toBe('DROWSY');
    expect((await ask('status', {})).vetoes).toEqual(['unknown whether anything runs (containers: podman does not answer)']);
    expect((await logged()).filter((line) => line === 'probe_failed')).toHaveLength(1);
    world.probeFails = false;
    await live(6 * minuteMs);
    expect([state(), world.ran]).toEqual(['HIBERNATION', sleepStepIds]);
  });

  test('after the steps keeps the daemon from ending', async () => {
    const world = newWorld();
    const { live, state } = await start(world);
    await live(40 * minuteMs);
    world.running = ['build'];
    await live(5 * hourMs);
    expect(state()).toBe('SLEEP');
  });
});

describe('a start', () => {
  test.each(['WAKE', 'DROWSY', 'SLEEP', 'HIBERNATION'])(
    'after a crash in %s is WAKE, and loses no progress, no quarantine, no flag, no digest',
    async (was) => {
      const world = newWorld();
      const quarantine = {
        until_ts: '2026-05-03T00:00:00.000+00:00',
        reason: 'sleep step 3 (logs) failed 3x',
        since_ts: '2026-05-02T00:00:00.000+00:00',
      };
      const steps = { logs: { failures: 3, until_ts: '2026-05-03T00:00:00.000+00:00', reason: 'no' } };
      world.files = memoryFiles({
        [recordPath]: JSON.stringify({
          current_state: was,
          since_ts: '2026-05-02T10:00:00.000+00:00',
          last_activity_ts: '2026-05-02T10:00:00.000+00:00',
          wrapper_event_seq: 7,
          sleep_cycle_progress: { last_completed_step: 4, attempt: 0, last_error: null, started_at: '2026-05-02T11:00:00.000+00:00' },
          quarantine,
          shadow_run: false,
          'x-steps': steps,
        }),
        [bagPath]: JSON.stringify({ first_turn_pending: { s1: '2026-05-02T11:59:00.000+00:00' }, pending_digest: { a: 1 }, mine: 1 }),
      });
      const { state, live, ask } = await start(world);
      expect(state()).toBe('WAKE');
      expect(stored(world.files.text(recordPath))).toMatchObject({
        wrapper_event_seq: 8,
        sleep_cycle_progress: { last_completed_step: 4 },
        quarantine,
        'x-steps': steps,
      });
      expect(stored(world.files.text(bagPath))).toMatchObject({ pending_digest: { a: 1 }, mine: 1, daemon_pid: 4242 });
      expect(await ask('consume-first-turn', { session_id: 's1' })).toEqual({ first_turn: true });
      expect(await ask('consume-first-turn', { session_id: 's1' })).toEqual({ first_turn: false });
      await live(31 * minuteMs);
      expect(world.ran).toEqual(['images', 'state-hygiene', 'health']);
    },
  );

  test('on a damaged record keeps what is good and a copy of the rest, and says so', async () => {
    const world = newWorld();
    world.files = memoryFiles({ [recordPath]: '{"current_state":"SLEEP","wrapper_event_seq":41,"since_ts":"banana"}' });
    const { state, logged } = await start(world);
    expect(state()).toBe('WAKE');
    expect(stored(world.files.text(recordPath))).toMatchObject({ wrapper_event_seq: 42 });
    expect(await logged()).toContain('state_recovered');
    expect(world.files.paths().some((path) => path.startsWith(`${recordPath}.corrupt-`))).toBe(true);
  });

  test('with a mark takes it, and goes on as any start', async () => {
    const world = newWorld();
    await markWake(lifecycleContext(world.files));
    const { logged } = await start(world);
    expect(await isWakeMarked(lifecycleContext(world.files))).toBe(false);
    expect(await logged()).toEqual(['daemon_started', 'wake_signal_consumed']);
  });

  test('on the record of a newer release is refused, and the record stays as it is', async () => {
    const world = newWorld();
    const newer = JSON.stringify({ current_state: 'WAKE', schema_version: 9 });
    world.files = memoryFiles({ [recordPath]: newer });
    await expect(start(world)).rejects.toMatchObject({ code: 'LIFECYCLE_STATE_NEWER' });
    expect(world.files.text(recordPath)).toBe(newer);
  });

  test('and an end in good order leave no number of a process behind', async () => {
    const world = newWorld();
    const { house, logged } = await start(world);
    await house.close('signal');
    expect(stored(world.files.text(bagPath))).not.toHaveProperty('daemon_pid');
    expect((await logged()).at(-1)).toBe('daemon_stopped');
  });
});

describe('time', () => {
  test.each([8 * hourMs, -8 * hourMs])('that jumps by %i ms is noticed; nobody is sent to sleep by it', async (jump) => {
    const world = newWorld();
    const { live, state, logged, house } = await start(world);
    await live(29 * minuteMs);
    world.clock.setWall(new Date(world.clock.now().getTime() + jump));
    await live(10 * minuteMs);
    expect([state(), house.idleMs() <= 10 * minuteMs]).toEqual(['DROWSY', true]);
    expect((await logged()).filter((line) => line === 'clock_jump')).toHaveLength(1);
    await live(30 * minuteMs);
    expect(state()).toBe('SLEEP');
  });

  test('set back while a step waits to be tried again does not keep it waiting', async () => {
    const world = newWorld();
    let fails = true;
    world.acts.set('archive', async () => {
      if (fails) throw new Error('no room');
    });
    const { live, house } = await start(world);
    await live(30 * minuteMs);
    fails = false;
    world.clock.setWall('2020-01-01T00:00:00.000Z');
    await live(5 * minuteMs);
    expect(house.cycle.isComplete()).toBe(true);
  });
});

describe('a step that fails', () => {
  test('is tried after one minute and after ten, then left out for a day, while the others go on; the person can lift that', async () => {
    const world = newWorld();
    world.acts.set('archive', () => Promise.reject(new Error('no room')));
    const { live, ask, house } = await start(world);
    await live(30 * minuteMs);
    expect(await ask('status', {})).toMatchObject({ cycle: { last_completed_step: 3, retry_ts: '2026-05-02T12:31:00.000+00:00' } });
    await live(15 * minuteMs);
    expect(world.ran.filter((id) => id === 'archive')).toHaveLength(3);
    expect([world.ran.at(-1), house.cycle.isComplete()]).toEqual(['health', true]);
    expect(await ask('status', {})).toMatchObject({ quarantine: { reason: 'sleep step 4 (archive) failed 3x' } });
    expect(await ask('lift-quarantine', { id: 'archive' })).toEqual({ lifted: ['archive'] });
    expect(await ask('lift-quarantine', {})).toEqual({ lifted: [] });
    expect((await ask('status', {})).quarantine).toBeNull();
  });

  test('can be run alone, dry or not, without a strike', async () => {
    const world = newWorld();
    world.acts.set('logs', async ({ report, dryRun }) =>
      report({ subject: 'a log', decision: 'compress', reason: `dry: ${dryRun}`, bytes: 5 }),
    );
    world.acts.set('archive', () => Promise.reject(new Error('no room')));
    const { ask } = await start(world);
    expect(await ask('run-step', { id: 'logs', dry_run: true })).toMatchObject({
      outcome: 'completed',
      bytes_reclaimed: 5,
      counts: { compress: 1 },
      decisions: [{ subject: 'a log', reason: 'dry: true' }],
    });
    expect(await ask('run-step', { id: 'archive' })).toMatchObject({ outcome: 'failed', error: 'no room' });
    expect((await ask('status', {})).steps.find(({ id }) => id === 'archive')).toMatchObject({ failures: 0 });
  });
});

describe('pauses and leases', () => {
  test('a pause keeps it from sleeping until its end, which a restart remembers', async () => {
    const world = newWorld();
    const first = await start(world);
    expect(await first.ask('pause', { for_sec: 7200 })).toEqual({ paused_until_ts: '2026-05-02T14:00:00.000+00:00' });
    await first.live(hourMs);
    expect(first.state()).toBe('DROWSY');
    await expect(first.ask('sleep-now', {})).rejects.toMatchObject({ code: 'SLEEP_VETOED' });

    world.files = reboot(world.files);
    const second = await start(world);
    expect((await second.ask('status', {})).paused_until_ts).toBe('2026-05-02T14:00:00.000+00:00');
    await second.live(59 * minuteMs);
    expect(second.state()).toBe('DROWSY');
    await second.live(2 * minuteMs);
    expect([second.state(), (await second.logged()).includes('resumed')]).toEqual(['SLEEP', true]);
  });

  test('a pause can be ended early', async () => {
    const { ask, live, state } = await start(newWorld());
    await ask('pause', { for_sec: 86_400 });
    expect([await ask('resume', {}), await ask('resume', {})]).toEqual([{ was_paused: true }, { was_paused: false }]);
    await live(31 * minuteMs);
    expect(state()).toBe('SLEEP');
  });

  test('a clock set back makes no pause longer than it was meant', async () => {
    const world = newWorld();
    const { ask, live, state } = await start(world);
    await ask('pause', { for_sec: 3600 });
    world.clock.setWall('2020-01-01T00:00:00.000Z');
    expect((await ask('status', {})).paused_until_ts).toBe('2020-01-01T01:00:00.000+00:00');
    await live(62 * minuteMs);
    expect(state()).not.toBe('WAKE');
  });

  test('a lease counts as somebody who is there, survives a crash, and ends by itself', async () => {
    const world = newWorld();
    const { ask, live, state } = await start(world);
    const lease = await ask('keep-awake', { for_sec: 3600, reason: 'a demonstration' });
    await live(30 * minuteMs);
    expect([state(), (await ask('status', {})).leases]).toEqual(['WAKE', [lease]]);
    world.files = reboot(world.files);
    const again = await start(world);
    await again.live(29 * minuteMs);
    expect(again.state()).toBe('WAKE');
    await again.live(7 * minuteMs);
    expect([again.state(), (await again.ask('status', {})).leases]).toEqual(['DROWSY', []]);
    expect((await again.logged()).includes('lease_ended')).toBe(true);
  });

  test('a lease can be given back, once; there are at most a hundred', async () => {
    const { ask } = await start(newWorld());
    const { lease_id: id } = await ask('keep-awake', { for_sec: 60, reason: 'x' });
    expect([await ask('release-lease', { lease_id: id }), await ask('release-lease', { lease_id: id })]).toEqual([
      { released: true },
      { released: false },
    ]);
    for (let n = 0; n < 100; n++) await ask('keep-awake', { for_sec: 60, reason: 'x' });
    await expect(ask('keep-awake', { for_sec: 60, reason: 'x' })).rejects.toMatchObject({ code: 'TOO_MANY_LEASES' });
  });
});

describe('a person', () => {
  test('can send it to sleep; what runs forbids it', async () => {
    const world = newWorld();
    const { ask, state, live } = await start(world);
    world.running = ['task demo/a runs'];
    await expect(ask('sleep-now', {})).rejects.toMatchObject({ code: 'SLEEP_VETOED' });
    expect(state()).toBe('WAKE');
    world.running = [];
    expect(await ask('sleep-now', {})).toEqual({ state: 'SLEEP' });
    expect(await ask('sleep-now', {})).toEqual({ state: 'SLEEP' });
    await live(minuteMs);
    expect([state(), world.ran]).toEqual(['SLEEP', sleepStepIds]);
  });

  test('of a newer release does not end the step that somebody else asked for', async () => {
    const world = newWorld();
    world.acts.set('logs', () => world.clock.sleep(1000));
    const { ask, house } = await start(world);
    const running = ask('run-step', { id: 'logs' });
    await settled();
    await ask('status', {}, { version: '1.3.0' });
    await settled();
    expect(house.ended()).toBeNull();
    await world.clock.advance(1000);
    expect([await running, house.ended()]).toMatchObject([{ outcome: 'completed' }, 'outdated']);
  });

  test('of a newer release gets an answer, and the daemon ends after the step that runs', async () => {
    const world = newWorld();
    let finish: () => void = () => undefined;
    world.acts.set('orphans', () => new Promise((resolve) => (finish = resolve)));
    const { ask, live, house } = await start(world);
    await live(31 * minuteMs);
    for (const version of ['1.2.3', '1.0.0', 'zzz', null]) await ask('status', {}, { version });
    expect(await ask('status', {}, { version: '1.3.0' })).toMatchObject({ state: 'SLEEP' });
    await settled();
    expect(house.ended()).toBeNull();
    finish();
    await settled();
    expect([house.ended(), world.ran]).toEqual(['outdated', ['reconcile-tasks', 'orphans']]);
    expect(stored(world.files.text(recordPath))).toMatchObject({ sleep_cycle_progress: { last_completed_step: 2 } });
  });

  test('can end it', async () => {
    const { ask, house } = await start(newWorld());
    await ask('shutdown', {});
    expect(house.ended()).toBe('shutdown');
  });
});

test('a disk that refuses is told by the tick, and the daemon goes on when it is mended', async () => {
  const world = newWorld();
  const { house, state } = await start(world);
  await world.files.remove(recordPath);
  await world.files.createDirectory(recordPath);
  await world.clock.advance(6 * minuteMs);
  await expect(house.tick()).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
  expect(state()).toBe('WAKE');
  await world.files.removeTree(recordPath);
  await house.tick();
  expect(state()).toBe('DROWSY');
});

test('a person is not kept waiting by a disk that refuses: the step that runs is ended all the same', async () => {
  const world = newWorld();
  let ended = false;
  world.acts.set(
    'images',
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener(
          'abort',
          () => {
            ended = true;
            reject(new Error('aborted'));
          },
          { once: true },
        ),
      ),
  );
  const { live, ask, house } = await start(world);
  await live(31 * minuteMs);
  expect(house.cycle.occupant()).toBe('images');
  await world.files.remove(recordPath);
  await world.files.createDirectory(recordPath);
  await expect(ask('wake', {})).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
  expect([ended, house.cycle.isRunning()]).toEqual([true, false]);
});

test("what ends after the daemon writes nothing: the files are the next one's", async () => {
  const world = newWorld();
  const facts = Promise.withResolvers<never>();
  const { house } = await start(world, { collect: () => facts.promise });
  world.change({ kind: 'ended', subject: 'task demo/k3v8h' });
  await settled();
  const closing = house.close('signal');
  await world.clock.advance(1000);
  await closing;
  const steps = world.files.steps();
  facts.reject(new Error('podman was not patient'));
  await settled();
  expect(world.files.steps()).toBe(steps);
  await expect(house.bag.update((state) => ({ ...state, late: true }))).rejects.toMatchObject({ code: 'DAEMON_STOPPING' });
  expect(stored(world.files.text(bagPath))).not.toHaveProperty('late');
});

describe('the digest', () => {
  const failed: DigestTask = {
    ...{ project: 'demo', task: 'k3v8h', name: 'a task', agent: null, outcome: 'failed', status: 'failed' },
    ...{ exit_code: 3, started_at: null, duration_sec: 1, message: null },
  };
  const collect = async () => ({ tasks: [failed], unmerged: [] });
  const somebody = () => new AbortController();

  test('is claimed by one of many that ask at once, and offered again when whoever has it goes without a word', async () => {
    const { ask, live } = await start(newWorld(), { collect });
    await live(6 * minuteMs);
    const people = Array.from({ length: 20 }, somebody);
    const claims = await Promise.all(people.map(({ signal: gone }) => ask('claim-digest', { session_id: 's' }, { gone })));
    expect(claims.map(({ digest }) => digest !== null)).toEqual(people.map((_, nth) => nth === 0));
    expect(await ask('claim-digest', {}, { gone: people[0]!.signal })).toEqual(claims[0]);

    people[0]!.abort();
    expect(await ask('claim-digest', {}, { gone: people[0]!.signal })).toEqual({ digest: null, digest_id: null });
    expect(await ask('claim-digest', {}, { gone: people[1]!.signal })).toEqual(claims[0]);
    expect(await ask('ack', { digest_id: claims[0]!.digest_id! }, { gone: people[1]!.signal })).toEqual({ acknowledged: true });
    expect((await ask('claim-digest', {})).digest).toBeNull();
  });

  test('is somebody else’s to claim once it was acknowledged, also while whoever did so stays connected', async () => {
    const { ask, live } = await start(newWorld(), { collect, resident: true });
    await live(6 * minuteMs);
    const [first, second] = [somebody(), somebody()];
    const { digest_id: id } = await ask('claim-digest', {}, { gone: first.signal });
    await ask('ack', { digest_id: id! }, { gone: first.signal });
    await live(19 * hourMs);
    await ask('wake', {});
    await live(6 * minuteMs);
    expect((await ask('claim-digest', {}, { gone: second.signal })).digest).not.toBeNull();
  });

  test('that is claimed is seen by whoever looks, and ends the first turn of the session that claims it', async () => {
    const { ask, live } = await start(newWorld(), { collect });
    await live(6 * minuteMs);
    await ask('session-opened', { session_id: 's' });
    const { digest_id: id } = await ask('claim-digest', { session_id: 's' }, { gone: somebody().signal });
    expect(await ask('digest', {})).toMatchObject({ digest_id: id });
    expect(await ask('consume-first-turn', { session_id: 's' })).toEqual({ first_turn: false });
  });
});

test('a digest that cannot be made is told until one can; the one of before stays', async () => {
  const world = newWorld();
  let broken = true;
  const collect = async () => {
    if (broken) throw new Error('no records\u001b[2J');
    return { tasks: [], unmerged: [] };
  };
  const { live, ask, logged } = await start(world, { collect });
  await live(6 * minuteMs);
  expect((await ask('status', {})).troubles).toEqual(['The digest could not be made: no records']);
  expect(await logged()).toContain('digest_failed');
  broken = false;
  world.change({ kind: 'ended', subject: 'task demo/k3v8h' });
  await settled();
  expect((await ask('status', {})).troubles).toEqual([]);
});
