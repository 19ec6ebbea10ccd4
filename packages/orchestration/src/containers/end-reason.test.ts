import { expect, test } from 'vitest';
import type { TaskRecord } from '../tasks/meta-record.ts';
import { endOf } from './end-reason.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 7, 20, 12, 0, seconds));
const iso = (seconds: number) => at(seconds).toISOString().replace('Z', '+00:00');
const started: TaskRecord = { mode: 'run', launching_at: iso(0), started_at: iso(1) };
const ran = (seconds: number, exitCode: number | null) => ({ startedAt: at(1), finishedAt: at(1 + seconds), exitCode });

test.each([
  ['the agent ended by itself', started, ran(5, 0), true, 'agent'],
  ['the agent failed', started, ran(5, 1), true, 'agent'],
  ['the agent said 124 long before its time was up', { ...started, time_limit_s: 600 }, ran(5, 124), true, 'agent'],
  ['the agent said 128 once it had begun', started, ran(5, 128), true, 'agent'],
  ['the workspace could not be made ready', started, ran(1, 128), false, 'terok_error'],
  ['the container ended early for another reason', started, ran(1, 127), false, 'agent'],
  ['the time limit ended it', { ...started, time_limit_s: 60 }, ran(60, 124), true, 'time_limit'],
  ['the time limit ended it, in whole seconds', { ...started, time_limit_s: 60 }, ran(59, 124), true, 'time_limit'],
  ['the time limit had to kill it', { ...started, time_limit_s: 60 }, ran(70, 137), true, 'time_limit'],
  ['podman ended it when the limit was long over', { ...started, time_limit_s: 60 }, ran(90, 143), true, 'time_limit'],
  ['it ended by itself just when its time was up', { ...started, time_limit_s: 60 }, ran(60, 0), true, 'agent'],
  ['it was killed and had no limit', { ...started, time_limit_s: null }, ran(9000, 137), true, 'agent'],
  ['a limit of zero is none', { ...started, time_limit_s: 0 }, ran(5, 137), true, 'agent'],
  ['somebody asked it to stop', { ...started, stop_requested_at: iso(3) }, ran(5, 143), true, 'stopped'],
  [
    'somebody asked it to stop and its time was up',
    { ...started, time_limit_s: 4, stop_requested_at: iso(3) },
    ran(5, 137),
    true,
    'stopped',
  ],
  [
    'it was interrupted, and asked to stop',
    { ...started, interrupted_at: iso(3), stop_requested_at: iso(4) },
    ran(5, 143),
    true,
    'interrupted',
  ],
  ['it was interrupted before its workspace was ready', { ...started, interrupted_at: iso(3) }, ran(5, 128), false, 'interrupted'],
  [
    'somebody asked a run before this one to stop',
    { ...started, stop_requested_at: '2026-08-20T11:59:59.000+00:00' },
    ran(5, 0),
    true,
    'agent',
  ],
  [
    'podman does not say when it ran',
    { ...started, time_limit_s: 60 },
    { startedAt: null, finishedAt: null, exitCode: 137 },
    true,
    'agent',
  ],
  ['podman does not say how it ended', started, ran(5, null), true, 'agent'],
  ['the record remembers another end', { ...started, ended: 'stopped' as const }, ran(5, 0), true, 'agent'],
] as const)('%s', (_, record, row, prepared, end) => {
  expect(endOf(record, row, prepared)).toBe(end);
});
