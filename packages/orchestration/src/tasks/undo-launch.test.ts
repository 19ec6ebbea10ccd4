import { expect, test } from 'vitest';
import { changedRecord, type TaskRecord } from './meta-record.ts';
import { keptForUndo, noRun, undoneLaunch } from './undo-launch.ts';

const launched = (before: TaskRecord | null): TaskRecord => ({
  ...before,
  ...noRun,
  mode: 'run',
  launch_id: 'new',
  launching_at: 'now',
  session_id: 'other',
  agent: 'codex',
  log_format: 'plain',
  before_launch: keptForUndo(before),
});
const undone = (record: TaskRecord) => changedRecord(record, undoneLaunch(record));

test('a task that was never run is one again', () => {
  expect(undone(launched(null))).toMatchObject({ mode: null, launch_id: null, launching_at: null, before_launch: null, ...noRun });
});

test('the end of the run before is as it was', () => {
  const before: TaskRecord = {
    mode: 'run',
    launch_id: 'old',
    ended: 'stopped',
    exit_code: 143,
    started_at: 'then',
    finished_at: 'later',
    session_id: 's',
    agent: 'claude',
    log_format: 'claude',
    x_other: 'kept',
  };
  expect(undone(launched(before))).toEqual({ ...before, launching_at: null, before_launch: null });
});

test.each([
  ['a record of an older release that ran', { ready_at: 'x', mode: 'run' }, { mode: 'run', ended: 'terok_error', launch_id: null }],
  ['one that did not', { mode: 'run' }, { mode: null, launch_id: null }],
  ['one whose memory makes no sense', { mode: 'run', before_launch: { exit_code: 'x' } }, { mode: null, launch_id: null }],
])('%s', (_, record, expected) => {
  expect(undone({ ...record, launch_id: 'new', launching_at: 'now' })).toMatchObject({ ...expected, launching_at: null });
});
