import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultLifecycleState, validateLifecycleState, type LifecycleStateRecord } from '../lifecycle-state.ts';
import { sleepStepIds, sleepStepNumbers } from './sleep-step.ts';
import { afterFailure, currentStepStates, judgeStep, stepStatesOf, withStepStates, type StepStates } from './step-states.ts';

const noon = new Date('2026-05-02T12:00:00.000Z');
const minutesLater = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);
const failedTimes = (times: number, states: StepStates = {}): StepStates =>
  Array.from({ length: times }).reduce<StepStates>((before) => afterFailure(before, 'archive', { error: 'disk full', now: noon }), states);
const recordWith = (steps: unknown): LifecycleStateRecord => ({ ...defaultLifecycleState(noon), 'x-steps': steps });

describe('the names of steps', () => {
  test('have the numbers that are on disk, from 1 to 7', () => {
    expect(sleepStepIds.map((id) => [sleepStepNumbers[id], id])).toEqual([
      [1, 'reconcile-tasks'],
      [2, 'orphans'],
      [3, 'logs'],
      [4, 'archive'],
      [5, 'images'],
      [6, 'state-hygiene'],
      [7, 'health'],
    ]);
  });
});

describe('a step that failed', () => {
  test.each([
    [1, '2026-05-02T12:01:00.000+00:00', 'waiting'],
    [2, '2026-05-02T12:10:00.000+00:00', 'waiting'],
    [3, '2026-05-03T12:00:00.000+00:00', 'quarantined'],
    [4, '2026-05-03T12:00:00.000+00:00', 'quarantined'],
  ])('%i times is left alone until %s', (times, until, kind) => {
    const state = failedTimes(times).archive;
    expect(state).toEqual({ failures: times, until_ts: until, reason: 'disk full' });
    expect(judgeStep(state, noon)).toEqual({ kind, until: new Date(until) });
    expect(judgeStep(state, new Date(new Date(until).getTime() - 1)).kind).toBe(kind);
    expect(judgeStep(state, new Date(until))).toEqual({ kind: 'due' });
  });

  test('says at most 500 characters of why', () => {
    expect(afterFailure({}, 'logs', { error: 'x'.repeat(5000), now: noon }).logs?.reason).toHaveLength(500);
  });
});

describe('the quarantine of the record', () => {
  test('is none while no step has failed three times', () => {
    expect(withStepStates(recordWith({}), failedTimes(2)).quarantine).toBeNull();
  });

  test('is that of the step whose own ends first, in the words of the reference (edge case 84)', () => {
    const later = ['images', 'images', 'images'].reduce<StepStates>(
      (states) => afterFailure(states, 'images', { error: 'locked', now: minutesLater(5) }),
      failedTimes(3),
    );
    expect(withStepStates(recordWith({}), later).quarantine).toEqual({
      until_ts: '2026-05-03T12:00:00.000+00:00',
      reason: 'sleep step 4 (archive) failed 3x',
      since_ts: '2026-05-02T12:00:00.000+00:00',
    });
  });

  test('over is gone with its failures; a step that only waits keeps them', () => {
    const states = afterFailure(failedTimes(3), 'logs', { error: 'busy', now: noon });
    const { states: current, lifted } = currentStepStates(states, minutesLater(24 * 60));
    expect([Object.keys(current), lifted]).toEqual([['logs'], ['archive']]);
  });

  test('is never longer than it was made, whatever the clock did since', () => {
    const yearBefore = new Date('2025-05-02T12:00:00.000Z');
    const { states } = currentStepStates(failedTimes(3), yearBefore);
    expect(states.archive?.until_ts).toBe('2025-05-03T12:00:00.000+00:00');
    expect(currentStepStates(states, yearBefore).states).toEqual(states);
  });
});

describe('what is on disk', () => {
  const good = { failures: 1, until_ts: '2026-05-02T12:01:00.000+00:00', reason: '' };
  test.each([
    ['nothing', undefined, {}],
    ['a list', [], {}],
    ['text', 'archive', {}],
    ['a step that there is not', { dream: good, archive: good }, { archive: good }],
    ['a state that is none', { archive: 3, logs: good }, { logs: good }],
    ['no failures', { archive: { ...good, failures: 0 } }, {}],
    ['failures that are no number', { archive: { ...good, failures: '3' } }, {}],
    ['a moment that is none', { archive: { ...good, until_ts: 'tomorrow' } }, {}],
    ['no reason', { archive: { failures: 1, until_ts: good.until_ts } }, {}],
    ['a name from the prototype', { toString: good, ['__proto__']: good }, {}],
  ])('%s is read for what makes sense of it', (_, raw, states) => {
    expect(stepStatesOf(recordWith(raw))).toEqual(states);
  });

  test('never makes reading throw', () => {
    const values = fc.dictionary(fc.constantFrom(...sleepStepIds, 'other'), fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(values, fc.jsonValue()), (raw) => {
        const { states } = currentStepStates(stepStatesOf(recordWith(raw)), noon);
        validateLifecycleState(withStepStates(recordWith(raw), states));
      }),
    );
  });

  test('of steps that we do not know stays, and a record that knew none gets no key for nothing', () => {
    const record = withStepStates(recordWith({ dream: 1, archive: good }), {});
    expect(record['x-steps']).toEqual({ dream: 1 });
    expect(withStepStates(defaultLifecycleState(noon), {})).toEqual(defaultLifecycleState(noon));
    expect(validateLifecycleState(withStepStates(record, failedTimes(3)))).toMatchObject({
      quarantine: { reason: 'sleep step 4 (archive) failed 3x' },
    });
  });
});
