import { describe, expect, test } from 'vitest';
import { defaultLifecycleState, type LifecycleStateRecord } from '../lifecycle-state.ts';
import { waitingClock, type WaitingClock } from '../testing/waiting-clock.ts';
import { liftQuarantine } from './cycle-record.ts';
import { runSleepCycle, runSleepStep, type SleepCycleOptions, type SleepCycleResult } from './run-sleep-cycle.ts';
import type { SleepEvent } from './sleep-event.ts';
import { registeredSteps, sleepStepIds, sleepStepNumbers, type SleepStep, type SleepStepId } from './sleep-step.ts';
import { stepStatesOf } from './step-states.ts';
import { stepSlot } from './step-slot.ts';

const asleep: LifecycleStateRecord = {
  ...defaultLifecycleState(new Date('2026-05-02T12:00:00.000Z')),
  current_state: 'SLEEP',
  wrapper_event_seq: 7,
};
const progress = (done: number, more: object = {}) => ({
  last_completed_step: done,
  attempt: 0,
  last_error: null,
  started_at: '2026-05-02T11:59:00.000+00:00',
  ...more,
});

type Bedroom = {
  record: LifecycleStateRecord;
  readonly clock: WaitingClock;
  readonly ran: SleepStepId[];
  readonly events: SleepEvent[];
  /** How often the record was kept. */
  writes: number;
  sleep(signal?: AbortSignal): Promise<SleepCycleResult>;
};

type Behaviour = SleepStep['run'];
const fails: Behaviour = () => Promise.reject(new Error('disk full'));

/** A daemon's memory with seven steps that do nothing but what `behaviours` say. */
function bedroom({
  record = asleep,
  behaviours = {},
  steps = sleepStepIds,
}: { record?: LifecycleStateRecord; behaviours?: { [Id in SleepStepId]?: Behaviour }; steps?: readonly SleepStepId[] } = {}): Bedroom {
  const clock = waitingClock();
  const slot = stepSlot(clock);
  const room: Bedroom = {
    record,
    clock,
    ran: [],
    events: [],
    writes: 0,
    sleep: (signal = new AbortController().signal) => runSleepCycle({ clock }, { ...options, signal }),
  };
  const options: Omit<SleepCycleOptions, 'signal'> = {
    slot,
    steps: steps.map((id) => ({
      id,
      number: sleepStepNumbers[id],
      title: id,
      run: async (run) => {
        room.ran.push(id);
        return (await behaviours[id]?.(run)) ?? { problems: [] };
      },
    })),
    update: async (change) => {
      const next = change(room.record);
      if (next !== room.record) room.writes++;
      room.record = next;
      return next;
    },
    onEvent: (event) => void room.events.push(event),
  };
  return room;
}

const kinds = ({ events }: Bedroom) => events.map(({ event }) => event);

describe('a cycle', () => {
  test('runs seven steps in their order, and leaves no progress behind (edge case 81)', async () => {
    const room = bedroom();
    expect(await room.sleep()).toEqual({ kind: 'complete', completed: sleepStepIds, skipped: [] });
    expect(room.ran).toEqual(sleepStepIds);
    expect(room.record.sleep_cycle_progress).toBeNull();
    expect(kinds(room).filter((kind) => kind === 'sleep_step_started')).toHaveLength(7);
    expect(kinds(room).filter((kind) => kind === 'sleep_step_completed')).toHaveLength(7);
    expect(kinds(room).at(-1)).toBe('sleep_cycle_completed');
  });

  test.each([
    [2, sleepStepIds.slice(2)],
    [0, sleepStepIds],
    [7, sleepStepIds],
  ])('that got to step %i goes on after it, and from the beginning after the last (edge case 82)', async (done, ran) => {
    const room = bedroom({ record: { ...asleep, sleep_cycle_progress: progress(done) } });
    await room.sleep();
    expect(room.ran).toEqual(ran);
  });

  test('of more than a day ago is begun anew', async () => {
    const room = bedroom({ record: { ...asleep, sleep_cycle_progress: progress(5, { started_at: '2026-05-01T11:59:59.000+00:00' }) } });
    await room.sleep();
    expect(room.ran).toEqual(sleepStepIds);
  });

  test('touches neither the state nor the count of events (edge case 88)', async () => {
    const room = bedroom({ behaviours: { images: fails } });
    await room.sleep();
    expect(room.record).toMatchObject({ current_state: 'SLEEP', wrapper_event_seq: 7, since_ts: asleep.since_ts });
  });

  test('tells what each step decided and freed', async () => {
    const room = bedroom({
      behaviours: {
        images: async ({ report }) => {
          report({ subject: 'image a', decision: 'remove', reason: 'no project needs it any more', bytes: 1000 });
          report({ subject: 'image b', decision: 'keep', reason: 'a project needs it' });
          return { problems: [{ subject: 'image c', problem: 'it is in use' }] };
        },
      },
    });
    await room.sleep();
    expect(room.events).toContainEqual({
      event: 'sleep_step_completed',
      step: 'images',
      step_num: 5,
      duration_sec: 0,
      decisions: { remove: 1, keep: 1 },
      bytes_reclaimed: 1000,
      problems: [{ subject: 'image c', problem: 'it is in use' }],
    });
  });

  test('passes a step over that nobody registered, and says so', async () => {
    const room = bedroom({ steps: sleepStepIds.filter((id) => id !== 'images') });
    expect(await room.sleep()).toMatchObject({ kind: 'complete', skipped: ['images'] });
    expect(room.events).toContainEqual({
      event: 'sleep_step_skipped',
      step: 'images',
      step_num: 5,
      reason: 'not_registered',
      until_ts: null,
    });
  });

  test('does not begin when somebody is there', async () => {
    const room = bedroom();
    expect(await room.sleep(AbortSignal.abort())).toEqual({ kind: 'aborted' });
    expect([room.ran, room.writes]).toEqual([[], 0]);
  });
});

describe('a failing step', () => {
  test('is tried again after one minute and after ten, and then left for a day while the others go on (edge cases 83, 84)', async () => {
    const room = bedroom({ behaviours: { archive: fails } });
    const at = (iso: string) => ({ kind: 'waiting', step: 'archive', until: new Date(iso) });

    expect(await room.sleep()).toEqual(at('2026-05-02T12:01:00.000Z'));
    expect(room.record.sleep_cycle_progress).toMatchObject({ last_completed_step: 3, attempt: 1, last_error: 'disk full' });
    expect(room.record.quarantine).toBeNull();

    expect(await room.sleep()).toEqual(at('2026-05-02T12:01:00.000Z'));
    expect(room.ran).toEqual(['reconcile-tasks', 'orphans', 'logs', 'archive']);

    await room.clock.advance(60_000);
    expect(await room.sleep()).toEqual(at('2026-05-02T12:11:00.000Z'));
    expect(room.record.sleep_cycle_progress).toMatchObject({ last_completed_step: 3, attempt: 2 });
    expect(room.record.quarantine).toBeNull();

    await room.clock.advance(600_000);
    expect(await room.sleep()).toMatchObject({ kind: 'complete', skipped: ['archive'] });
    expect(room.record.quarantine).toEqual({
      until_ts: '2026-05-03T12:11:00.000+00:00',
      reason: 'sleep step 4 (archive) failed 3x',
      since_ts: '2026-05-02T12:11:00.000+00:00',
    });
    expect(room.ran.slice(-4)).toEqual(['archive', 'images', 'state-hygiene', 'health']);
    expect(room.events).toContainEqual({
      event: 'quarantine_entered',
      step: 'archive',
      step_num: 4,
      reason: 'sleep step 4 (archive) failed 3x',
      until_ts: '2026-05-03T12:11:00.000+00:00',
      ttl_hours: 24,
    });
  });

  test('that succeeds in the end has no failures any more', async () => {
    let broken = true;
    const room = bedroom({ behaviours: { logs: async (run) => (broken ? fails(run) : { problems: [] }) } });
    await room.sleep();
    broken = false;
    await room.clock.advance(60_000);
    expect(await room.sleep()).toMatchObject({ kind: 'complete' });
    expect(stepStatesOf(room.record)).toEqual({});
  });

  test('keeps its strikes when the cycle is another one', async () => {
    const room = bedroom({ behaviours: { logs: fails } });
    await room.sleep();
    room.record = { ...room.record, sleep_cycle_progress: null };
    await room.clock.advance(60_000);
    await room.sleep();
    expect(stepStatesOf(room.record).logs?.failures).toBe(2);
  });

  test('is quarantined by its time as by its errors', async () => {
    const room = bedroom({ behaviours: { health: () => new Promise(() => {}) } });
    const cycle = room.sleep();
    await room.clock.advance(601_000);
    expect(await cycle).toMatchObject({ kind: 'waiting', step: 'health' });
    expect(stepStatesOf(room.record).health).toMatchObject({ failures: 1, reason: 'It was not done after 600 s.' });
  });
});

describe('a quarantine', () => {
  const held = {
    ...asleep,
    quarantine: {
      until_ts: '2026-05-03T00:00:00.000+00:00',
      reason: 'sleep step 4 (archive) failed 3x',
      since_ts: '2026-05-02T00:00:00.000+00:00',
    },
    'x-steps': { archive: { failures: 3, until_ts: '2026-05-03T00:00:00.000+00:00', reason: 'disk full' } },
  };

  test('keeps its step out, and no other', async () => {
    const room = bedroom({ record: held });
    expect(await room.sleep()).toMatchObject({ kind: 'complete', skipped: ['archive'] });
    expect(room.events).toContainEqual({
      event: 'sleep_step_skipped',
      step: 'archive',
      step_num: 4,
      reason: 'quarantined',
      until_ts: '2026-05-03T00:00:00.000+00:00',
    });
  });

  test('that is over is lifted, told, and its step runs (edge case 85)', async () => {
    const room = bedroom({ record: held });
    await room.clock.advance(12 * 60 * 60_000);
    expect(await room.sleep()).toMatchObject({ kind: 'complete', completed: sleepStepIds });
    expect(room.events[0]).toEqual({
      event: 'quarantine_lifted',
      step: 'archive',
      reason: 'auto_recovery_after_ttl',
      prior_until_ts: '2026-05-03T00:00:00.000+00:00',
    });
    expect(room.record.quarantine).toBeNull();
  });

  test('of a record that knows no single steps keeps all out until it is over (edge case 85)', async () => {
    const { 'x-steps': _, ...older } = held;
    const room = bedroom({ record: older });
    expect(await room.sleep()).toEqual({ kind: 'held', until: new Date('2026-05-03T00:00:00.000Z') });
    expect([room.ran, room.writes]).toEqual([[], 0]);
    await room.clock.advance(12 * 60 * 60_000);
    expect(await room.sleep()).toMatchObject({ kind: 'complete' });
    expect(room.events[0]).toMatchObject({ event: 'quarantine_lifted', step: null });
  });

  test('is lifted by a person without a mark on how far the cycle got (edge case 85)', () => {
    const record = { ...held, sleep_cycle_progress: progress(3, { attempt: 3 }) };
    const lifted = liftQuarantine(record, 'archive');
    expect(lifted).toMatchObject({ quarantine: null, 'x-steps': {}, sleep_cycle_progress: { last_completed_step: 3, attempt: 0 } });
    expect(liftQuarantine(record, 'all').quarantine).toBeNull();
    expect(liftQuarantine(asleep, 'archive')).toBe(asleep);
  });

  test('that was lifted while a step ran stays lifted', async () => {
    const room = bedroom({
      record: held,
      behaviours: {
        'reconcile-tasks': async () => {
          room.record = liftQuarantine(room.record, 'archive');
          return { problems: [] };
        },
      },
    });
    expect(await room.sleep()).toMatchObject({ completed: sleepStepIds });
  });

  test('does not hold off a step that a person asks for, and stays (edge case 85)', async () => {
    const room = bedroom({ record: held });
    const ran: boolean[] = [];
    const step: SleepStep = {
      id: 'archive',
      number: 4,
      title: 'archive',
      run: async ({ dryRun }) => {
        ran.push(dryRun);
        return { problems: [] };
      },
    };
    const options = {
      slot: stepSlot(room.clock),
      signal: new AbortController().signal,
      onEvent: (event: SleepEvent) => void room.events.push(event),
    };
    expect(await runSleepStep(step, { ...options, dryRun: true })).toMatchObject({ kind: 'completed' });
    expect(room.events).toEqual([]);
    await runSleepStep(step, { ...options, dryRun: false });
    expect(ran).toEqual([true, false]);
    expect(kinds(room)).toEqual(['sleep_step_started', 'sleep_step_completed']);
    expect(room.record).toBe(held);
  });
});

describe('when somebody comes', () => {
  const listens: Behaviour = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told'))));

  test('the cycle ends without a strike, and goes on with that step (edge case 86)', async () => {
    const controller = new AbortController();
    const room = bedroom({ behaviours: { logs: listens } });
    const cycle = room.sleep(controller.signal);
    await room.clock.advance(1000);
    controller.abort();
    expect(await cycle).toEqual({ kind: 'aborted' });
    expect(room.record.sleep_cycle_progress).toMatchObject({ last_completed_step: 2, attempt: 0, last_error: 'deferred:step=logs' });
    expect(stepStatesOf(room.record)).toEqual({});
  });

  test('three times, there still is no strike (edge case 86)', async () => {
    const room = bedroom({ behaviours: { logs: listens } });
    for (let visit = 0; visit < 3; visit++) {
      const controller = new AbortController();
      const cycle = room.sleep(controller.signal);
      await room.clock.advance(1000);
      controller.abort();
      await cycle;
    }
    expect(room.record.sleep_cycle_progress).toMatchObject({ last_completed_step: 2, attempt: 0 });
    expect(room.ran).toEqual(['reconcile-tasks', 'orphans', 'logs', 'logs', 'logs']);
  });

  test('an error that is still to be told is not written over', async () => {
    const room = bedroom({
      record: { ...asleep, sleep_cycle_progress: progress(2, { attempt: 1, last_error: 'disk full' }) },
      behaviours: { logs: listens },
    });
    const controller = new AbortController();
    const cycle = room.sleep(controller.signal);
    await room.clock.advance(1000);
    controller.abort();
    await cycle;
    expect(room.record.sleep_cycle_progress).toMatchObject({ last_error: 'disk full' });
  });

  test('a step that does not listen keeps every other from running, until it has ended', async () => {
    let finish = () => {};
    const controller = new AbortController();
    const room = bedroom({ behaviours: { logs: () => new Promise((resolve) => (finish = () => resolve({ problems: [] }))) } });
    const cycle = room.sleep(controller.signal);
    await room.clock.advance(1000);
    controller.abort();
    await room.clock.advance(500);
    expect(await cycle).toEqual({ kind: 'aborted' });
    expect(await room.sleep()).toEqual({ kind: 'busy', step: 'logs' });
    finish();
    await room.clock.advance(0);
    const again = room.sleep();
    await room.clock.advance(0);
    finish();
    expect(await again).toMatchObject({ kind: 'complete' });
  });
});

describe('the registry', () => {
  const step = { id: 'logs', number: 3, title: '', run: async () => ({ problems: [] }) } as const;
  test('takes no step under another number, and none twice', () => {
    expect(() => registeredSteps([{ ...step, number: 4 }])).toThrow('has the number 4');
    expect(() => registeredSteps([step, step])).toThrow('twice');
  });
});
