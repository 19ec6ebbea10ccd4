import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultLifecycleState, LifecycleState, validateLifecycleState, type LifecycleStateRecord } from './lifecycle-state.ts';
import { afterEvent, computeTransition, fsmState, lifecycleEvents, type LifecycleEvent } from './machine.ts';
import { transitionTable } from './machine.test.vectors.ts';

const states = Object.values(LifecycleState);
const allFlags = { sleep_eligible: true, still_idle: true };
const start = new Date('2026-05-02T12:00:00.000Z');
const later = new Date('2026-05-02T12:30:00.000Z');

describe('a transition', () => {
  test('E-20 to E-32: is what the recorded table says, for every state and event', () => {
    const ours = states.flatMap((state) =>
      lifecycleEvents.map((event) => [state, event, computeTransition(state, event), computeTransition(state, event, allFlags)]),
    );
    expect(ours.map((row) => row.join()).toSorted()).toEqual(transitionTable.map((row) => row.join()).toSorted());
  });

  test.each(['false', 'true', 1, [0], {}, null, undefined, false, new Boolean(true)])(
    'E-23, E-26: is not made by a flag that is %j',
    (flag) => {
      expect(computeTransition('DROWSY', 'idle_30min', { sleep_eligible: flag })).toBeNull();
      expect(computeTransition('SLEEP', 'sleep_cycle_done', { still_idle: flag })).toBeNull();
    },
  );

  test('needs its own flag, not another one, and not an inherited one', () => {
    expect(computeTransition('DROWSY', 'idle_30min', { still_idle: true })).toBeNull();
    expect(computeTransition('SLEEP', 'sleep_cycle_done', { sleep_eligible: true })).toBeNull();
    expect(computeTransition('SLEEP', 'sleep_cycle_done', Object.create(allFlags) as object)).toBeNull();
  });

  test('is none for a word that is no state or no event', () => {
    for (const word of ['', 'wake', 'toString', '__proto__', 'constructor']) {
      expect(computeTransition(word as LifecycleState, 'wake_signal', allFlags)).toBeNull();
      expect(computeTransition('WAKE', word as LifecycleEvent, allFlags)).toBeNull();
    }
  });

  test('E-24: never leads past DROWSY on the way to sleep', () => {
    for (const event of lifecycleEvents) expect([null, 'WAKE', 'DROWSY']).toContain(computeTransition('WAKE', event, allFlags));
  });
});

describe('the record after an event', () => {
  const awake = defaultLifecycleState(start);
  const at = { now: later, shadowRun: false };

  test('is in the new state since now', () => {
    expect(afterEvent(awake, 'idle_5min', at)).toEqual({
      record: { ...awake, current_state: 'DROWSY', since_ts: '2026-05-02T12:30:00.000+00:00' },
      transition: { from: 'WAKE', to: 'DROWSY' },
    });
  });

  test('E-43: counts a request as activity, and stays since when it was', () => {
    expect(afterEvent(awake, 'request_arrived', at)).toEqual({
      record: { ...awake, last_activity_ts: '2026-05-02T12:30:00.000+00:00', wrapper_event_seq: 1 },
      transition: null,
    });
  });

  test('E-44: counts what a person did even where it moves nothing', () => {
    const hibernating: LifecycleStateRecord = { ...awake, current_state: 'HIBERNATION' };
    expect(afterEvent(hibernating, 'heartbeat_refresh', at)).toMatchObject({
      record: { current_state: 'HIBERNATION', wrapper_event_seq: 1 },
      transition: null,
    });
    expect(afterEvent(hibernating, 'wake_signal', at)).toMatchObject({
      record: { current_state: 'WAKE', wrapper_event_seq: 1 },
      transition: { from: 'HIBERNATION', to: 'WAKE' },
    });
  });

  test('is the same object when nothing changed', () => {
    expect(afterEvent(awake, 'tick', at).record).toBe(awake);
    expect(afterEvent(awake, 'wake_signal', at).record).not.toBe(awake);
  });

  test('says how this daemon runs, whatever it said before', () => {
    expect(afterEvent({ ...awake, shadow_run: true }, 'tick', at).record.shadow_run).toBe(false);
    expect(afterEvent(awake, 'tick', { ...at, shadowRun: true })).toEqual({ record: { ...awake, shadow_run: true }, transition: null });
  });

  test('stops counting where a number would lose count', () => {
    const full = { ...awake, wrapper_event_seq: Number.MAX_SAFE_INTEGER };
    expect(validateLifecycleState(afterEvent(full, 'request_arrived', at).record).wrapper_event_seq).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('E-33: is a good record after any events, moves only along the table, and keeps what it does not know', () => {
    const step = fc.record({
      event: fc.constantFrom(...lifecycleEvents),
      sleep_eligible: fc.boolean(),
      still_idle: fc.boolean(),
      shadowRun: fc.boolean(),
      jumpMs: fc.integer({ min: -3_600_000, max: 36_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let record: LifecycleStateRecord = { ...awake, 'x-steps': { logs: { failures: 1 } } };
        let nowMs = start.getTime();
        for (const { event, shadowRun, jumpMs, ...payload } of steps) {
          nowMs += jumpMs;
          const before = structuredClone(record);
          const { record: after, transition } = afterEvent(record, event, { now: new Date(nowMs), shadowRun, payload });

          expect(record).toEqual(before);
          expect(validateLifecycleState(after)).toEqual(after);
          expect(after['x-steps']).toEqual({ logs: { failures: 1 } });
          expect(after.current_state).toBe(computeTransition(record.current_state, event, payload) ?? record.current_state);
          expect(transition).toEqual(
            after.current_state === record.current_state ? null : { from: record.current_state, to: after.current_state },
          );
          expect(after.since_ts === record.since_ts || transition !== null).toBe(true);
          expect(after.wrapper_event_seq - record.wrapper_event_seq).toBe(
            ['heartbeat_refresh', 'request_arrived', 'wake_signal'].includes(event) ? 1 : 0,
          );
          record = after;
        }
      }),
      { numRuns: 200 },
    );
  });
});

test.each([
  ['WAKE', false, 'WAKE'],
  ['WAKE', true, 'WAKE'],
  ['DROWSY', false, 'TRANSITIONING'],
  ['SLEEP', false, 'SLEEP'],
  ['SLEEP', true, 'DREAMING'],
  ['HIBERNATION', false, 'SLEEP'],
] as const)('%s with a step running: %s reads %s in the older view', (state, stepRunning, older) => {
  expect(fsmState(state, { stepRunning })).toBe(older);
});
