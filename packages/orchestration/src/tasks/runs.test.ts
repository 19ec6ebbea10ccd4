import { expect, test } from 'vitest';
import { changedRecord, type TaskRecord } from './meta-record.ts';
import { startedRun, taskRuns } from './runs.ts';
import { keptForUndo, noRun, undoneLaunch } from './undo-launch.ts';

const first: TaskRecord = { mode: 'run', agent: 'claude', launch_id: 'a', ended: 'agent', exit_code: 3 };
const launching = (before: TaskRecord, launch: string): TaskRecord => ({
  ...before,
  ...noRun,
  launch_id: launch,
  agent: 'codex',
  log_format: 'plain',
  launching_at: 'now',
  before_launch: keptForUndo(before),
});
const started = (record: TaskRecord) => changedRecord(record, startedRun(record));
const shown = (record: TaskRecord) => taskRuns(record).map(({ number, launchId, exitCode, agent }) => [number, launchId, agent, exitCode]);

test('a task that never ran has none, and one that ran once has one', () => {
  expect([taskRuns({}), taskRuns({ mode: null }), started({ before_launch: keptForUndo(null), mode: 'run' })]).toMatchObject([
    [],
    [],
    { before_launch: null, launching_at: null },
  ]);
  expect(taskRuns(first)).toEqual([
    {
      number: 1,
      launchId: 'a',
      mode: 'run',
      agent: 'claude',
      logFormat: 'plain',
      startedAt: null,
      finishedAt: null,
      ended: 'agent',
      exitCode: 3,
    },
  ]);
});

test('runs keep their numbers while a launch is under way, when it is through, and when it is taken back', () => {
  const second = launching(first, 'b');
  const both = [
    [1, 'a', 'claude', 3],
    [2, 'b', 'codex', null],
  ];
  expect(shown(second)).toEqual(both);
  expect(shown(started(second))).toEqual(both);
  expect(shown(started(started(second)))).toEqual(both);
  expect(shown(changedRecord(second, undoneLaunch(second)))).toEqual([[1, 'a', 'claude', 3]]);

  const third = launching({ ...started(second), ended: 'stopped', exit_code: 143 }, 'c');
  const all = [both[0], [2, 'b', 'codex', 143], [3, 'c', 'codex', null]];
  expect(shown(started(third))).toEqual(all);
  expect(shown(changedRecord(third, undoneLaunch(third)))).toEqual(all.slice(0, 2));
});

test('of very many the oldest are forgotten, and the numbers go on', () => {
  let record: TaskRecord = first;
  for (let launch = 2; launch <= 250; launch++) record = started(launching(record, String(launch)));
  const numbers = taskRuns(record).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: 101 }, (_, index) => 150 + index));
});

test.each([
  ['no list', 'x'],
  ['entries of other kinds', [null, 7, 'x', []]],
  ['entries that are misshapen', [{ run: 1, mode: 'run', exit_code: 'x' }, { mode: 'run' }, { run: 3 }]],
])('%s is read as no earlier run', (_, earlier) => {
  expect(taskRuns({ ...first, earlier_runs: earlier }).map(({ launchId }) => launchId)).toEqual(['a']);
});
