import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultLifecycleState } from '../lifecycle-state.ts';
import { sleepStepIds } from '../sleep/sleep-step.ts';
import { afterStepFailed } from '../sleep/cycle-record.ts';
import { buildDigest, Digest, digestEnd, type DigestTask } from './digest.ts';
import { sleepFacts } from './sleep-facts.ts';

const now = new Date('2026-05-02T12:00:00.123Z');
const period = { since: new Date('2026-05-01T12:00:00.000Z'), until: now };
const record = defaultLifecycleState(now);
const quiet = sleepFacts([], record, now);
const task = (fields: Partial<DigestTask> = {}): DigestTask => ({
  project: 'demo',
  task: 'k3v8h',
  name: '',
  agent: null,
  outcome: 'finished',
  status: 'completed',
  exit_code: 0,
  started_at: null,
  duration_sec: 1,
  message: null,
  ...fields,
});
const tasks = (...list: readonly DigestTask[]) => ({ tasks: list, unmerged: [] });
const completed = (step: string, more: object = {}) => ({
  event: 'sleep_step_completed',
  step,
  step_num: 1,
  bytes_reclaimed: 0,
  problems: [],
  ...more,
});

describe('what is worth telling', () => {
  const work = { project: 'demo', task: 'k3v8h', name: '', branch: null, fix: 'terok task fetch demo/k3v8h' };
  test.each([
    ['nothing', tasks(), [], false],
    ['a task that goes on', tasks(task({ outcome: 'running' })), [], false],
    ['work that was not merged before either', { tasks: [], unmerged: [work] }, [], false],
    ['a step that found nothing to do', tasks(), [completed('images')], false],
    ['a task that finished', tasks(task()), [], true],
    ['a task that failed', tasks(task({ outcome: 'failed' })), [], true],
    ['a task that waits for a person', tasks(task({ outcome: 'waiting' })), [], true],
    ['bytes', tasks(), [completed('images', { bytes_reclaimed: 1 })], true],
    ['a problem', tasks(), [completed('health', { problems: [{ subject: 'the disk', problem: 'full' }] })], true],
    ['a step that failed', tasks(), [completed('images', { error: 'no podman' })], true],
  ])('%s', (_, facts, events, told) => {
    expect(buildDigest(period, facts, sleepFacts(events, record, now)) !== null).toBe(told);
  });
});

describe('a digest', () => {
  test('names what waits first, then what failed, then what finished, then what goes on', () => {
    const outcomes = ['running', 'finished', 'waiting', 'failed'] as const;
    const digest = buildDigest(period, tasks(...outcomes.map((outcome) => task({ outcome }))), quiet);
    expect(digest?.tasks.items.map(({ outcome }) => outcome)).toEqual(['waiting', 'failed', 'finished', 'running']);
  });

  test('says of every list how much was left out', () => {
    const digest = buildDigest(period, tasks(...Array.from({ length: 70 }, (_, number) => task({ task: String(number) }))), quiet);
    expect([digest?.tasks.items.length, digest?.tasks.more]).toEqual([50, 20]);
  });

  test('follows its schema, and has the end of its period in its name', () => {
    const digest = buildDigest(period, tasks(task()), quiet);
    expect(Digest.parse(JSON.parse(JSON.stringify(digest)))).toEqual(digest);
    expect(digestEnd(digest?.digest_id ?? '')).toEqual(now);
  });

  test('has another name when it tells something else', () => {
    const ids = [task(), task({ task: 'm7q2x' })].map((one) => buildDigest(period, tasks(one), quiet)?.digest_id);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('the steps in a digest', () => {
  const of = (events: readonly unknown[], id: string, from = record) => sleepFacts(events, from, now).steps.find(({ step }) => step === id);

  test('are all there, and one that did not run says so and how to run it', () => {
    expect(quiet.steps.map(({ step, outcome }) => [step, outcome])).toEqual(sleepStepIds.map((id) => [id, 'not_run']));
    expect(of([], 'images')?.fix).toBe('terok daemon steps run images');
  });

  test('are as they were last, with what all runs freed', () => {
    const events = [
      completed('images', { bytes_reclaimed: 5 }),
      completed('images', { error: 'no podman' }),
      completed('images', { bytes_reclaimed: 7 }),
    ];
    expect(of(events, 'images')).toEqual({
      step: 'images',
      outcome: 'completed',
      runs: 2,
      bytes_reclaimed: 12,
      error: null,
      until_ts: null,
      fix: null,
    });
    expect(of(events.slice(0, 2), 'images')).toMatchObject({ outcome: 'failed', runs: 1, error: 'no podman' });
  });

  test.each([
    ['sleep_step_deferred', {}, 'deferred'],
    ['sleep_step_skipped', { reason: 'not_registered' }, 'not_registered'],
  ])('%s is not told as a success', (event, more, outcome) => {
    expect(of([{ event, step: 'images', ...more }], 'images')?.outcome).toBe(outcome);
  });

  test('in quarantine say until when, why, and the command that lifts it, whenever it began', () => {
    const failed = [1, 2, 3].reduce((before) => afterStepFailed(before, 'archive', { error: 'disk full', now }), record);
    expect(of([], 'archive', failed)).toMatchObject({
      outcome: 'quarantined',
      error: 'disk full',
      until_ts: '2026-05-03T12:00:00.123+00:00',
      fix: 'terok daemon steps reset archive',
    });
  });

  test('have the problems of their last run only', () => {
    const problems = [{ subject: 'the disk', problem: 'full', fix: 'terok image cleanup' }];
    expect(sleepFacts([completed('health', { problems })], record, now).problems).toEqual([{ step: 'health', ...problems[0] }]);
    expect(sleepFacts([completed('health', { problems }), completed('health')], record, now).problems).toEqual([]);
  });

  test('bring nothing to a terminal that moves its cursor', () => {
    const problems = [{ subject: '\u001b[2Jdisk', problem: 'a\nb', fix: 7 }];
    expect(sleepFacts([completed('health', { problems })], record, now).problems).toEqual([
      { step: 'health', subject: 'disk', problem: 'a b', fix: null },
    ]);
  });

  test('are not disturbed by any line of a log', () => {
    const line = fc.oneof(
      fc.jsonValue(),
      fc.record({
        event: fc.constantFrom('sleep_step_completed', 'sleep_step_skipped'),
        step: fc.constantFrom('images', 'toString', 7),
        problems: fc.jsonValue(),
        bytes_reclaimed: fc.jsonValue(),
      }),
    );
    fc.assert(
      fc.property(fc.array(line), (events) => {
        const facts = sleepFacts(events, record, now);
        const digest = buildDigest(period, tasks(task()), facts);
        expect(Digest.safeParse(digest).success).toBe(true);
      }),
    );
  });
});
