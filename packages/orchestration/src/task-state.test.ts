import { describe, expect, test } from 'vitest';
import { effectiveStatus, isLaunching, taskState, taskStatuses, type EffectiveStatus, type TaskState } from './task-state.ts';

const containerStates = [
  null,
  'created',
  'configured',
  'initialized',
  'running',
  'paused',
  'stopping',
  'stopped',
  'exited',
  'dead',
  'removing',
  'something new',
  'unknown',
];
const flags = ['damaged', 'deleting', 'initialized', 'starting', 'stopRequested', 'interrupted', 'timedOut'] as const;

/** Every combination of facts that can be told apart. */
function* wholeMatrix(): Generator<Required<TaskState>> {
  for (const containerState of containerStates) {
    for (const exitCode of [null, 0, 1, 137]) {
      for (let bits = 0; bits < 2 ** flags.length; bits++) {
        const flag = (name: (typeof flags)[number]): boolean => (bits & (1 << flags.indexOf(name))) !== 0;
        yield {
          containerState,
          exitCode,
          damaged: flag('damaged'),
          deleting: flag('deleting'),
          initialized: flag('initialized'),
          starting: flag('starting'),
          stopRequested: flag('stopRequested'),
          interrupted: flag('interrupted'),
          timedOut: flag('timedOut'),
        };
      }
    }
  }
}

/** The same rules told a second time, as questions in order instead of rows. */
function statusByQuestions(facts: Required<TaskState>): EffectiveStatus {
  const { containerState, exitCode } = facts;
  const byExitCode = exitCode === null ? null : exitCode === 0 ? 'completed' : 'failed';
  if (facts.damaged) return 'damaged';
  if (facts.deleting) return 'deleting';
  if (containerState === 'unknown') return 'unknown';
  if (containerState === 'running') return facts.initialized ? 'running' : 'init';
  if (containerState === 'paused') return 'paused';
  if (containerState === null && facts.starting) return 'starting';
  if (facts.interrupted) return 'interrupted';
  if (facts.stopRequested) return 'stopped';
  if (facts.timedOut) return 'timed_out';
  if (containerState !== null) return byExitCode ?? 'stopped';
  return facts.initialized ? (byExitCode ?? 'not found') : 'created';
}

describe('the effective status', () => {
  test.each<
    [
      containerState: string | null,
      exitCode: number | null,
      initialized: boolean,
      deleting: boolean,
      starting: boolean,
      status: EffectiveStatus,
    ]
  >([
    ['running', null, true, false, false, 'running'],
    ['running', 0, true, false, false, 'running'],
    ['running', null, false, false, true, 'init'],
    ['exited', null, true, false, false, 'stopped'],
    ['exited', 0, true, false, false, 'completed'],
    ['exited', 1, true, false, false, 'failed'],
    [null, null, false, false, false, 'created'],
    [null, null, true, false, false, 'not found'],
    [null, 0, true, false, false, 'completed'],
    [null, 2, true, false, false, 'failed'],
    ['running', null, true, true, false, 'deleting'],
    [null, null, false, false, true, 'starting'],
    [null, null, false, true, true, 'deleting'],
  ])(
    'container %s, exit code %s, initialized %s, deleting %s, starting %s is %s',
    (containerState, exitCode, initialized, deleting, starting, status) => {
      expect(effectiveStatus({ containerState, exitCode, initialized, deleting, starting })).toBe(status);
    },
  );

  test.each<[facts: TaskState, status: EffectiveStatus]>([
    [{ containerState: 'exited', exitCode: 143, initialized: true, stopRequested: true }, 'stopped'],
    [{ containerState: 'exited', exitCode: 0, initialized: true, stopRequested: true }, 'stopped'],
    [{ containerState: 'exited', exitCode: 130, initialized: true, interrupted: true }, 'interrupted'],
    [{ containerState: 'exited', exitCode: 130, initialized: true, interrupted: true, stopRequested: true }, 'interrupted'],
    [{ containerState: 'exited', exitCode: 124, initialized: true, timedOut: true }, 'timed_out'],
    [{ containerState: null, exitCode: 124, timedOut: true }, 'timed_out'],
    [{ containerState: 'running', initialized: true, stopRequested: true }, 'running'],
    [{ containerState: 'paused', initialized: true, exitCode: 1 }, 'paused'],
    [{ containerState: 'unknown', initialized: true, exitCode: 0 }, 'unknown'],
    [{ containerState: 'running', damaged: true }, 'damaged'],
    [{ containerState: null, starting: true, interrupted: true }, 'starting'],
    [{}, 'created'],
  ])('%j is %s', (facts, status) => {
    expect(effectiveStatus(facts)).toBe(status);
  });

  test('is what the rules say, for every combination of facts', () => {
    for (const facts of wholeMatrix()) expect([facts, effectiveStatus(facts)]).toEqual([facts, statusByQuestions(facts)]);
  });

  test('reaches every status that has a name', () => {
    const reached = new Set([...wholeMatrix()].map(effectiveStatus));
    expect([...reached].toSorted()).toEqual([...taskStatuses].toSorted());
  });
});

describe('the facts in a record', () => {
  const launched = { launching_at: '2026-05-02T10:00:00.000+00:00', started_at: '2026-05-02T10:00:02.000+00:00' };
  const live = { containerState: 'exited' };

  test('ready_at counts by being there', () => {
    for (const ready_at of ['2026-05-02T10:00:00+00:00', null, 'nonsense', false])
      expect(taskState({ ready_at }, live).initialized).toBe(true);
    expect(taskState({}, live).initialized).toBe(false);
  });

  test('a run that ended was under way, whether or not anybody saw it ready', () => {
    expect(effectiveStatus(taskState({ exit_code: 3, finished_at: '2026-05-02T10:00:09.000+00:00' }, { containerState: null }))).toBe(
      'failed',
    );
  });

  test.each([
    [true, true],
    ['yes', true],
    [1, true],
    [false, false],
    [null, false],
    [0, false],
    ['', false],
  ])('deleting: %j reads %s', (deleting, expected) => {
    expect(taskState({ deleting }, live).deleting).toBe(expected);
  });

  test('the exit code that podman knows outranks the recorded one', () => {
    expect(taskState({ exit_code: 1 }, { ...live, exitCode: 0 }).exitCode).toBe(0);
    expect(taskState({ exit_code: 1 }, { ...live, exitCode: null }).exitCode).toBe(1);
    expect(taskState({ exit_code: 1 }, live).exitCode).toBe(1);
    expect(taskState({}, live).exitCode).toBeNull();
  });

  test.each([
    ['2026-05-02T10:00:03.000+00:00', true],
    ['2026-05-02T10:00:02.000+00:00', true],
    ['2026-05-02T10:00:01.999+00:00', false],
    ['2026-05-02T12:00:01.000+02:00', false],
    ['not a moment', true],
    [null, false],
  ])('a stop or an interruption at %j belongs to the last start: %s', (moment, expected) => {
    expect(taskState({ ...launched, stop_requested_at: moment }, live).stopRequested).toBe(expected);
    expect(taskState({ ...launched, interrupted_at: moment }, live).interrupted).toBe(expected);
  });

  test('a stop before the container was started again is one of the run before', () => {
    const stopped = { ...launched, stop_requested_at: '2026-05-02T10:00:03.000+00:00' };
    expect(taskState({ ...stopped, restarted_at: '2026-05-02T10:00:04.000+00:00' }, live).stopRequested).toBe(false);
    expect(taskState({ ...stopped, restarted_at: '2026-05-02T10:00:02.500+00:00' }, live).stopRequested).toBe(true);
  });

  test('a stop of a task that was never seen to start counts', () => {
    expect(taskState({ stop_requested_at: '2026-05-02T10:00:00.000+00:00' }, live).stopRequested).toBe(true);
  });

  test.each([
    ['time_limit', 'timed_out'],
    ['stopped', 'stopped'],
    ['interrupted', 'interrupted'],
    ['agent', 'failed'],
    ['terok_error', 'failed'],
  ] as const)('ended: %s with a code is %s', (ended, status) => {
    expect(effectiveStatus(taskState({ ...launched, ended, exit_code: 1, ready_at: 'x' }, live))).toBe(status);
  });
});

describe('a launch under way', () => {
  const launching_at = '2026-05-02T10:00:00.000+00:00';
  const [before, after] = ['2026-05-02T09:59:59.999+00:00', '2026-05-02T10:00:00.000+00:00'];

  test('shows until something comes of it', () => {
    expect(isLaunching({ launching_at })).toBe(true);
    expect(effectiveStatus(taskState({ launching_at }, { containerState: null }))).toBe('starting');
    for (const outcome of ['started_at', 'finished_at', 'stop_requested_at', 'interrupted_at', 'ready_at']) {
      expect([outcome, isLaunching({ launching_at, [outcome]: after })]).toEqual([outcome, false]);
      expect([outcome, isLaunching({ launching_at, [outcome]: before })]).toEqual([outcome, true]);
    }
  });

  test('is not what a task shows whose container is gone', () => {
    const ran = { launching_at, started_at: after, ready_at: after, finished_at: after, exit_code: 0 };
    expect(effectiveStatus(taskState(ran, { containerState: null }))).toBe('completed');
    expect(effectiveStatus(taskState({ ...ran, exit_code: null }, { containerState: null }))).toBe('not found');
  });

  test('is none without a record of it, or with one that cannot be read', () => {
    for (const record of [{}, { launching_at: null }, { launching_at: 'soon' }]) expect(isLaunching(record)).toBe(false);
    expect(taskState({ launching_at }, { containerState: null, starting: false }).starting).toBe(false);
  });
});
