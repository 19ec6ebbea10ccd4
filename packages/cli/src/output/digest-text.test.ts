import type { Digest } from '@terok/lifecycle-daemon';
import { expect, test } from 'vitest';
import { digestText } from './digest-text.ts';

const task = {
  project: 'demo',
  agent: 'shell',
  started_at: '2026-05-02T01:00:00.000+00:00',
  duration_sec: 754,
  message: null,
  exit_code: 0,
};
const step = { runs: 0, bytes_reclaimed: 0, error: null, until_ts: null, fix: null } as const;
const digest: Digest = {
  schema_version: 1,
  digest_id: '20260502T060000000Z-12345678',
  period: { since: '2026-05-01T18:00:00.000+00:00', until: '2026-05-02T06:00:00.000+00:00' },
  tasks: {
    items: [
      {
        ...task,
        task: 'a1111',
        name: 'ask',
        outcome: 'waiting',
        status: 'running',
        exit_code: null,
        duration_sec: null,
        message: 'which \u001B[31mdatabase?',
      },
      { ...task, task: 'b2222', name: 'mend', outcome: 'failed', status: 'timed_out', exit_code: 124 },
      { ...task, task: 'c3333', name: 'build', outcome: 'finished', status: 'completed' },
    ],
    more: 2,
  },
  unmerged: { items: [{ project: 'demo', task: 'c3333', name: 'build', branch: null, fix: 'terok task fetch demo c3333' }], more: 0 },
  bytes_reclaimed: 5 * 1024 * 1024,
  steps: [
    { ...step, step: 'reconcile-tasks', outcome: 'completed', runs: 1 },
    {
      ...step,
      step: 'images',
      outcome: 'quarantined',
      error: 'podman did not answer',
      until_ts: '2026-05-03T02:00:00.000+00:00',
      fix: 'terok daemon steps reset images',
    },
    { ...step, step: 'health', outcome: 'not_run' },
  ],
  problems: { items: [{ step: 'orphans', subject: 'container x', problem: 'no record knows it', fix: 'terok doctor --fix' }], more: 0 },
};
const plain = { paint: (_: unknown, text: string) => text, now: new Date('2026-05-02T07:30:00.000Z') };

test('what waits for the person comes first, and what did not run is said', () => {
  expect(digestText(digest, plain)).toMatchInlineSnapshot(`
    "Since 2026-05-01T18:00:00.000+00:00 (13h 30m): 1 waiting, 1 failed, 1 finished, 2 more
      waiting   demo/a1111  ask  (running)  which database?
      failed    demo/b2222  mend  (timed out, exit 124, 12m 34s)
      finished  demo/c3333  build  (completed, 12m 34s)
      … and 2 more tasks
    Not fetched yet:
      demo/c3333  build  terok task fetch demo c3333
    Needs you:
      step images failed, not tried before 2026-05-03T02:00:00.000+00:00: podman did not answer  terok daemon steps reset images
      container x: no record knows it  terok doctor --fix (orphans)
    Did not run:
      health: nobody was away for long enough
    Tidied up: 5 MiB freed.
    "
  `);
});

test('a night without tasks says so', () => {
  const quiet = {
    ...digest,
    tasks: { items: [], more: 0 },
    unmerged: { items: [], more: 0 },
    steps: [],
    problems: { items: [], more: 0 },
    bytes_reclaimed: 0,
  };
  expect(digestText(quiet, plain)).toBe('Since 2026-05-01T18:00:00.000+00:00 (13h 30m): no task ran\n');
});
