import { gunzipSync, gzipSync } from 'node:zlib';
import { fakeClock, memoryFiles, PowerCut, reboot, type MemoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { appendEvent, eventDays, eventsSince, readEvents, rotateEventLog, type LifecycleLogEvent } from './event-log.ts';

const events = '/state/lifecycle/events';
const file = (day: string, end = '') => `${events}/lifecycle-events-${day}.jsonl${end}`;
const log = (files: MemoryFiles, now = '2026-05-02T12:00:00.000Z') => ({ paths: { events }, files, clock: fakeClock(now) });
const resumed: LifecycleLogEvent = { event: 'resumed', reason: 'asked' };
const lines = (count: number, day: string) =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify({ ts: `${day}T00:00:00.000+00:00`, event: 'paused', n })}\n`).join('');

test('E-45: a line ends in a newline and begins with the moment, unless the event brings its own; the event stays as it was', async () => {
  const files = memoryFiles();
  const event = { ...resumed };
  await appendEvent(log(files), event);
  await appendEvent(log(files), { ...resumed, ts: 'mine' });
  expect(files.text(file('2026-05-02'))).toBe(
    '{"ts":"2026-05-02T12:00:00.000+00:00","event":"resumed","reason":"asked"}\n{"ts":"mine","event":"resumed","reason":"asked"}\n',
  );
  expect(event).toEqual(resumed);
});

test.each([[], 'text', null, {}, { event: '' }, { event: 5 }, { event: 'nap' }, { event: 'toString' }])(
  'E-46: %j is no event and writes nothing',
  async (wrong) => {
    const files = memoryFiles();
    await expect(appendEvent(log(files), wrong as LifecycleLogEvent)).rejects.toThrow(TypeError);
    expect(files.paths()).toEqual([]);
  },
);

test('E-47: ten events are ten lines in order, in a file for the owner alone', async () => {
  const files = memoryFiles();
  for (let n = 0; n < 10; n++) await appendEvent(log(files), { event: 'clock_jump', ahead_ms: n });
  expect((await readEvents(log(files), '2026-05-02')).map((event) => event['ahead_ms'])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await files.stat(file('2026-05-02'))).toMatchObject({ mode: 0o600 });
});

test('E-48: half past eleven and half past midnight are two files', async () => {
  const files = memoryFiles();
  await appendEvent(log(files, '2026-05-02T23:30:00.000Z'), resumed);
  await appendEvent(log(files, '2026-05-03T00:30:00.000Z'), resumed);
  expect(files.paths()).toEqual([file('2026-05-02'), file('2026-05-03')]);
  expect(await eventDays(log(files))).toEqual(['2026-05-02', '2026-05-03']);
});

test('what came since a moment is found across days, that moment included', async () => {
  const files = memoryFiles();
  for (const now of ['2026-05-01T23:00:00.000Z', '2026-05-01T23:30:00.000Z', '2026-05-02T00:30:00.000Z'])
    await appendEvent(log(files, now), resumed);
  const since = await eventsSince(log(files), new Date('2026-05-01T23:30:00.000Z'));
  expect(since.map(({ ts }) => ts)).toEqual(['2026-05-01T23:30:00.000+00:00', '2026-05-02T00:30:00.000+00:00']);
});

test('E-49: an old day is compressed with the same content, today is not touched, and a second round does nothing', async () => {
  const content = lines(20, '2026-03-28');
  const files = memoryFiles({ [file('2026-03-28')]: content, [file('2026-05-02')]: lines(1, '2026-05-02') });
  expect(await rotateEventLog(log(files))).toEqual({ compressed: 1, removed: 0 });
  expect(files.paths()).toEqual([file('2026-03-28', '.gz'), file('2026-05-02')]);
  expect(gunzipSync((await files.read(file('2026-03-28', '.gz'), { maxBytes: 1e6 })) ?? '').toString()).toBe(content);
  expect(await files.stat(file('2026-03-28', '.gz'))).toMatchObject({ mode: 0o600 });
  const steps = files.steps();
  expect(await rotateEventLog(log(files))).toEqual({ compressed: 0, removed: 0 });
  expect(files.steps()).toBe(steps);
  expect(await readEvents(log(files), '2026-03-28')).toHaveLength(20);
});

test.each([
  ['six days old stays plain', '2026-04-26', { compressed: 0, removed: 0 }],
  ['seven days old is compressed', '2026-04-25', { compressed: 1, removed: 0 }],
  ['the last day that is kept', '2025-03-29', { compressed: 1, removed: 0 }],
  ['a day older than that is removed', '2025-03-28', { compressed: 0, removed: 1 }],
  ['a day to come is left alone', '2026-05-03', { compressed: 0, removed: 0 }],
])('%s', async (_, day, rotation) => {
  const files = memoryFiles({ [file(day)]: lines(1, day) });
  expect(await rotateEventLog(log(files))).toEqual(rotation);
});

test('no retention, however small, reaches what is written today', async () => {
  const files = memoryFiles({ [file('2026-05-02')]: lines(1, '2026-05-02') });
  expect(await rotateEventLog(log(files), { compressAfterDays: 0, keepDays: 0 })).toEqual({ compressed: 0, removed: 0 });
});

test('E-50: names that say no day are kept as they are', async () => {
  const names = ['lifecycle-events-not-a-date.jsonl', 'lifecycle-events-2026-02-30.jsonl', 'notes.txt'].map((name) => `${events}/${name}`);
  const files = memoryFiles(Object.fromEntries(names.map((path) => [path, 'x'])));
  expect(await rotateEventLog(log(files), { keepDays: 1 })).toEqual({ compressed: 0, removed: 0 });
  expect(files.paths()).toEqual(names.toSorted());
});

test('E-51, E-53: a torn line is skipped and what follows it is not; no file is no event', async () => {
  const files = memoryFiles({ [file('2026-05-02')]: `${lines(2, '2026-05-02')}[1]\n{"ts":"2026` });
  await appendEvent(log(files), resumed);
  expect((await readEvents(log(files), '2026-05-02')).map(({ event }) => event)).toEqual(['paused', 'paused', 'resumed']);
  expect(await readEvents(log(files), '2026-05-01')).toEqual([]);
});

test('a day that is written again after it was compressed, by a clock set back, keeps both halves', async () => {
  const files = memoryFiles({ [file('2026-04-01')]: lines(3, '2026-04-01') });
  await rotateEventLog(log(files));
  await appendEvent(log(files, '2026-04-01T12:00:00.000Z'), resumed);
  expect(await readEvents(log(files), '2026-04-01')).toHaveLength(4);
  await rotateEventLog(log(files));
  expect(files.paths()).toEqual([file('2026-04-01', '.gz')]);
  expect((await readEvents(log(files), '2026-04-01')).map(({ event }) => event)).toEqual(['paused', 'paused', 'paused', 'resumed']);
});

test('a compressed file that stops in the middle is kept aside and made anew', async () => {
  const half = gzipSync(lines(50, '2026-04-01')).subarray(0, 40);
  const files = memoryFiles({ [file('2026-04-01')]: lines(2, '2026-04-01'), [file('2026-04-01', '.gz')]: half });
  expect(await readEvents(log(files), '2026-04-01')).toHaveLength(2);
  await rotateEventLog(log(files));
  expect(files.paths().map((path) => path.replace(/corrupt-.*/, 'corrupt'))).toEqual([
    file('2026-04-01', '.gz'),
    file('2026-04-01', '.gz.corrupt'),
  ]);
  expect(await readEvents(log(files), '2026-04-01')).toHaveLength(2);
});

test('a busy day is turned over, read in order, and compressed file by file', async () => {
  const files = memoryFiles();
  const note = 'x'.repeat(1024 * 1024);
  for (let n = 0; n < 6; n++) await appendEvent(log(files), { event: 'tick_failed', problem: `${n}${note}` });
  const numbers = async () => (await readEvents(log(files), '2026-05-02')).map((event) => String(event['problem']).slice(0, 1)).join('');
  expect([files.paths(), await numbers()]).toEqual([[file('2026-05-02'), file('2026-05-02', '.1')], '012345']);
  expect(await rotateEventLog(log(files, '2026-06-02T00:00:00.000Z'))).toEqual({ compressed: 2, removed: 0 });
  expect([files.paths(), await numbers()]).toEqual([[file('2026-05-02', '.1.gz'), file('2026-05-02', '.gz')], '012345']);
});

test('wherever the power is cut, every line is read once, and the next round finishes', async () => {
  const before = memoryFiles({
    [file('2026-04-01')]: lines(3, '2026-04-01'),
    [file('2026-04-02')]: lines(2, '2026-04-02'),
    [file('2026-04-02', '.gz')]: gzipSync('{"ts":"","event":"resumed"}\n'),
    [file('2024-01-01', '.gz')]: gzipSync(''),
  });
  const uncut = memoryFiles(before);
  await rotateEventLog(log(uncut));
  expect(uncut.steps()).toBeGreaterThan(10);
  for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
    const disk = memoryFiles(before, { cutAt });
    await expect(rotateEventLog(log(disk))).rejects.toThrow(PowerCut);
    const again = reboot(disk);
    for (const round of [0, 1]) {
      expect(
        (await readEvents(log(again), '2026-04-01')).map((event) => event['n']),
        `cut at ${cutAt}, round ${round}`,
      ).toEqual([0, 1, 2]);
      expect((await readEvents(log(again), '2026-04-02')).map(({ event }) => event)).toEqual(['resumed', 'paused', 'paused']);
      await rotateEventLog(log(again));
    }
    const left = again.paths().filter((path) => !path.endsWith('.tmp'));
    expect(left).toEqual([file('2026-04-01', '.gz'), file('2026-04-02', '.gz')]);
  }
});
