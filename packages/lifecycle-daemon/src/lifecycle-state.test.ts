import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultLifecycleState,
  LifecycleState,
  lifecycleStatePath,
  loadLifecycleState,
  saveLifecycleState,
  validateLifecycleState,
  type LifecycleStateRecord,
} from './lifecycle-state.ts';
import { acceptedRecords } from './lifecycle-state.test.vectors.ts';
import { lifecycleContext } from './testing/lifecycle-context.ts';

const path = '/state/lifecycle/lifecycle_state.json';
const now = new Date('2026-05-02T12:00:00.000Z');
const fresh = defaultLifecycleState(now);
const everyKey = Object.keys(fresh);

const asleep = {
  current_state: 'SLEEP',
  since_ts: '2026-05-02T03:00:00.123456+00:00',
  last_activity_ts: '2026-05-02T02:28:11+00:00',
  wrapper_event_seq: 7,
  sleep_cycle_progress: {
    last_completed_step: 3,
    attempt: 1,
    last_error: 'deferred:step=OPTIMIZE_LANCE:chunk_idx=0',
    started_at: '2026-05-02T03:00:00.500000+00:00',
  },
  quarantine: {
    until_ts: '2026-05-03T03:00:00+00:00',
    reason: 'sleep step 4 (OPTIMIZE_LANCE) failed 3x',
    since_ts: '2026-05-02T03:00:00+00:00',
  },
  shadow_run: false,
} as const satisfies LifecycleStateRecord;

const load = (content: string | Uint8Array) => loadLifecycleState(lifecycleContext(memoryFiles({ [path]: content })));
const loadValue = (value: unknown) => load(JSON.stringify(value, undefined, 2));

describe('the record of a fresh daemon', () => {
  test('E-1: is awake, with nothing behind it', () => {
    expect(fresh).toEqual({
      current_state: 'WAKE',
      since_ts: '2026-05-02T12:00:00.000+00:00',
      last_activity_ts: '2026-05-02T12:00:00.000+00:00',
      wrapper_event_seq: 0,
      sleep_cycle_progress: null,
      quarantine: null,
      shadow_run: false,
    });
    expect(validateLifecycleState(fresh)).toEqual(fresh);
  });

  test('E-2: is what an absent file reads as, and reading does not make it', async () => {
    const files = memoryFiles();
    expect(await loadLifecycleState(lifecycleContext(files))).toEqual({ record: fresh, recovered: [] });
    expect(files.paths()).toEqual([]);
  });

  test('lies where the paths say', () => {
    expect(lifecycleStatePath(lifecycleContext(memoryFiles()).paths)).toBe(path);
  });
});

describe('a record of the reference', () => {
  test.each(acceptedRecords)(
    '%s, seq %d, shadow run %s, step %s, quarantine %s is accepted as it is, and comes back from the disk',
    async (state, seq, shadowRun, step, quarantined) => {
      const record = {
        current_state: state,
        since_ts: '2026-05-02T15:00:00.123+00:00',
        last_activity_ts: '2026-05-02T15:00:00.456+00:00',
        wrapper_event_seq: seq,
        shadow_run: shadowRun,
        sleep_cycle_progress:
          step === null ? null : { last_completed_step: step, attempt: 1, last_error: null, started_at: '2026-05-02T15:00:00.000+00:00' },
        quarantine: quarantined
          ? { until_ts: '2026-05-02T15:00:00.000+00:00', reason: 'sleep step 4 failed 3x', since_ts: '2026-05-02T15:00:00.000+00:00' }
          : null,
      };
      expect(validateLifecycleState(record)).toEqual(record);
      expect(await loadValue(record)).toEqual({ record, recovered: [] });
    },
  );

  test('E-6, E-7: loads equal, microseconds and missing fractions included', async () => {
    expect(await loadValue(asleep)).toEqual({ record: asleep, recovered: [] });
  });

  test('may leave progress and quarantine out', async () => {
    const { sleep_cycle_progress: _progress, quarantine: _quarantine, ...short } = asleep;
    expect(await loadValue(short)).toEqual({ record: { ...short, sleep_cycle_progress: null, quarantine: null }, recovered: [] });
  });

  test('E-17: keeps the keys that we do not know, at every level', async () => {
    const extended = {
      ...asleep,
      quarantine: { ...asleep.quarantine, by: 'x' },
      sleep_cycle_progress: { ...asleep.sleep_cycle_progress, y: [1] },
      'x-steps': { logs: { failures: 2 } },
      schema_version: 1,
    };
    const { record, recovered } = await loadValue(extended);
    expect([record, recovered]).toEqual([extended, []]);

    const files = memoryFiles();
    await saveLifecycleState(lifecycleContext(files), record);
    expect(JSON.parse(files.text(path) ?? '')).toEqual(extended);
  });

  test('E-16: may begin with a byte-order mark, and of a key written twice the last counts', async () => {
    expect(await load(`\ufeff${JSON.stringify(asleep)}`)).toEqual({ record: asleep, recovered: [] });
    expect(await load(JSON.stringify(asleep).replace('{', '{"current_state": "WAKE",'))).toEqual({ record: asleep, recovered: [] });
  });

  test('E-14: may write whole numbers with a fraction of zero', async () => {
    expect((await load(JSON.stringify(asleep).replace('"wrapper_event_seq":7', '"wrapper_event_seq":7.0'))).record.wrapper_event_seq).toBe(
      7,
    );
  });
});

/** One bad value of each kind that files were seen, or can be made, to hold. */
const badValues: readonly (readonly [key: string, value: unknown])[] = [
  ...[undefined, null, [], '', 'wake', ' WAKE', 'AWAKE', 'DREAMING', 0, 'toString'].map((value) => ['current_state', value] as const),
  ...[
    undefined,
    null,
    '',
    ' ',
    'banana',
    0,
    '2026-02-30T00:00:00+00:00',
    '2026-05-02T24:00:00+00:00',
    '2026-05-02T15:00:00z',
    '2026-05-02',
    '2026-W18-6',
    ' 2026-05-02T15:00:00Z',
    '2026-05-02T15:00:00Z\n',
  ].flatMap((value) => [['since_ts', value] as const, ['last_activity_ts', value] as const]),
  ...[undefined, null, -1, '7', 7.5, true, false, 2 ** 53, [], {}].map((value) => ['wrapper_event_seq', value] as const),
  ...[undefined, null, 0, 1, 'true', []].map((value) => ['shadow_run', value] as const),
  ...[
    [],
    0,
    false,
    '',
    { last_completed_step: -1 },
    { last_completed_step: 8 },
    { last_completed_step: '3' },
    { last_completed_step: 2.9 },
    { last_completed_step: true },
    { last_completed_step: null },
    { attempt: -1 },
    { attempt: 'one' },
    { last_error: 5 },
    { started_at: 'banana' },
  ].map((value) => ['sleep_cycle_progress', value] as const),
  ...[
    {},
    [],
    false,
    'x',
    { until_ts: '', reason: '', since_ts: '' },
    { ...asleep.quarantine, until_ts: 'soon' },
    { ...asleep.quarantine, reason: null },
    { until_ts: asleep.quarantine.until_ts },
  ].map((value) => ['quarantine', value] as const),
  ...[0, -1, '1', null, 1.5].map((value) => ['schema_version', value] as const),
];

describe('a damaged record', () => {
  test.each(badValues)('E-4, E-5, E-13: with %s: %j keeps everything else, and tells which value it lost', async (key, value) => {
    const { [key]: _lost, ...rest }: Record<string, unknown> = { ...asleep, 'x-kept': [1] };
    const { record, recovered } = await loadValue(value === undefined ? rest : { ...rest, [key]: value });
    const { [key]: replacement }: Record<string, unknown> = fresh;
    expect(recovered).toEqual([key]);
    expect(record).toEqual(replacement === undefined ? rest : { ...rest, [key]: replacement });
  });

  test.each(badValues)('E-10, E-11: with %s: %j is refused by the writer', async (key, value) => {
    const broken: unknown = { ...asleep, [key]: value };
    expect(() => validateLifecycleState(broken)).toThrow(
      expect.objectContaining({ code: 'LIFECYCLE_STATE_INVALID', message: expect.stringContaining(key) as unknown }),
    );
  });

  test('of several bad values loses just these', async () => {
    const { record, recovered } = await loadValue({ ...asleep, current_state: 'AWAKE', wrapper_event_seq: true });
    expect(recovered).toEqual(['current_state', 'wrapper_event_seq']);
    expect(record).toEqual({ ...asleep, current_state: 'WAKE', wrapper_event_seq: 0 });
  });

  test('E-19: with an empty reason is not damaged', async () => {
    const quiet = { ...asleep, quarantine: { ...asleep.quarantine, reason: '' } };
    expect(await loadValue(quiet)).toEqual({ record: quiet, recovered: [] });
  });

  test.each<[what: string, content: string | Uint8Array]>([
    ['empty', ''],
    ['no JSON', '{not valid json'],
    ['JSON with more behind it', `${JSON.stringify(asleep)}x`],
    ['JSON with a comment', `// hello\n${JSON.stringify(asleep)}`],
    ['JSON with NaN', '{"wrapper_event_seq": NaN}'],
    ['a list', '[]'],
    ['a text', '"WAKE"'],
    ['null', 'null'],
    ['nothing but NULs', '\0\0\0'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['UTF-16', new Uint8Array(Buffer.from(JSON.stringify(asleep), 'utf16le'))],
    ['too large', JSON.stringify({ ...asleep, pad: 'x'.repeat(64 * 1024) })],
    ['very deep', `{"a": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('E-3, E-15: that is %s is the default, in every value', async (_what, content) => {
    const files = memoryFiles({ [path]: content });
    expect(await loadLifecycleState(lifecycleContext(files))).toEqual({ record: fresh, recovered: everyKey });
    expect(files.steps()).toBe(0);
  });

  test('E-18: that is a directory reads as the default and cannot be written over', async () => {
    const files = memoryFiles({ [`${path}/x`]: '' });
    expect(await loadLifecycleState(lifecycleContext(files))).toEqual({ record: fresh, recovered: everyKey });
    await expect(saveLifecycleState(lifecycleContext(files), fresh)).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
    expect(files.paths()).toEqual([`${path}/x`]);
  });

  test('behind a link is refused, for reading and for writing', async () => {
    const files = memoryFiles({ '/elsewhere.json': JSON.stringify(asleep) });
    files.link('/elsewhere.json', path);
    await expect(loadLifecycleState(lifecycleContext(files))).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
    await expect(saveLifecycleState(lifecycleContext(files), fresh)).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
  });

  test('whatever is in the file, there is a record that can be saved, and a second reading finds nothing wrong', async () => {
    const plausible = fc.record(
      Object.fromEntries(
        everyKey.map((key) => [
          key,
          fc.oneof(
            fc.constant((asleep as Record<string, unknown>)[key]),
            fc.jsonValue(),
            fc.constantFrom(...badValues.map(([, value]) => value)),
          ),
        ]),
      ),
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          plausible.map((value) => JSON.stringify(value)),
          fc.json(),
          fc.string({ unit: 'binary' }),
        ),
        async (text) => {
          const files = memoryFiles({ [path]: text });
          const { record } = await loadLifecycleState(lifecycleContext(files));
          await saveLifecycleState(lifecycleContext(files), record);
          expect(await loadLifecycleState(lifecycleContext(files))).toEqual({ record, recovered: [] });
          expect(referenceRefuses(JSON.parse(files.text(path) ?? '') as Record<string, unknown>)).toBeNull();
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('saving', () => {
  test('E-8, E-9: makes the directories, and a file for the owner alone', async () => {
    const files = memoryFiles();
    await saveLifecycleState(lifecycleContext(files), { ...asleep, current_state: LifecycleState.DROWSY, wrapper_event_seq: 42 });
    expect(files.entries.get(path)).toMatchObject({ kind: 'file', mode: 0o600 });
    expect(files.paths()).toEqual([path]);
    expect((await loadLifecycleState(lifecycleContext(files))).record).toEqual({
      ...asleep,
      current_state: 'DROWSY',
      wrapper_event_seq: 42,
    });
  });

  test('is JSON as the reference prints it', async () => {
    const files = memoryFiles();
    await saveLifecycleState(lifecycleContext(files), fresh);
    expect(files.text(path)).toBe(`${JSON.stringify(fresh, undefined, 2)}\n`);
  });

  test('goes where it is told', async () => {
    const files = memoryFiles();
    await saveLifecycleState(lifecycleContext(files), fresh, '/other/place.json');
    expect(files.paths()).toEqual(['/other/place.json']);
    expect(await loadLifecycleState(lifecycleContext(files), '/other/place.json')).toEqual({ record: fresh, recovered: [] });
  });

  test.each<[what: string, record: unknown]>([
    ['a state that is none', { ...fresh, current_state: 'NOT_A_STATE' }],
    ['a negative count', { ...fresh, wrapper_event_seq: -1 }],
    ['no object', null],
    ['a list', [fresh]],
    ['more than could be read again', { ...fresh, pad: 'x'.repeat(70_000) }],
    ['what is nested too deep to be read again', { ...fresh, pad: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown }],
  ])('of %s writes nothing', async (_what, record) => {
    const files = memoryFiles();
    await expect(saveLifecycleState(lifecycleContext(files), record as LifecycleStateRecord)).rejects.toMatchObject({
      code: 'LIFECYCLE_STATE_INVALID',
    });
    expect(files.steps()).toBe(0);
  });

  test('over the file of a newer release is refused, and its values are read all the same', async () => {
    const newer = { ...asleep, schema_version: 2, current_state: 'HIBERNATION' };
    const files = memoryFiles({ [path]: JSON.stringify(newer) });
    const { record } = await loadLifecycleState(lifecycleContext(files));
    expect(record).toEqual(newer);
    await expect(saveLifecycleState(lifecycleContext(files), record)).rejects.toMatchObject({ code: 'LIFECYCLE_STATE_NEWER', exitCode: 4 });
    expect(files.text(path)).toBe(JSON.stringify(newer));
  });

  test('E-12: is old or new after a power cut at any step', async () => {
    const before = memoryFiles({ [path]: JSON.stringify(asleep) });
    const uncut = memoryFiles(before);
    await saveLifecycleState(lifecycleContext(uncut), fresh);
    expect(uncut.steps()).toBeGreaterThan(2);

    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(before, { cutAt });
      await expect(saveLifecycleState(lifecycleContext(disk), fresh)).rejects.toThrow(PowerCut);
      const { record, recovered } = await loadLifecycleState(lifecycleContext(reboot(disk)));
      expect([asleep, fresh]).toContainEqual(record);
      expect(recovered).toEqual([]);
    }
  });
});

/** The reference's own rules for a record, told once more: what it would complain of, or null. */
function referenceRefuses(raw: Record<string, unknown>): string | null {
  for (const key of ['current_state', 'since_ts', 'last_activity_ts']) if (typeof raw[key] !== 'string' || raw[key] === '') return key;
  if (!['WAKE', 'DROWSY', 'SLEEP', 'HIBERNATION'].includes(String(raw['current_state']))) return 'current_state';
  if (!Number.isInteger(raw['wrapper_event_seq']) || Number(raw['wrapper_event_seq']) < 0) return 'wrapper_event_seq';
  if (typeof raw['shadow_run'] !== 'boolean') return 'shadow_run';

  const { sleep_cycle_progress: progress, quarantine } = raw;
  if (progress !== null && (typeof progress !== 'object' || Array.isArray(progress))) return 'sleep_cycle_progress';
  if (quarantine === null) return null;
  if (typeof quarantine !== 'object' || Array.isArray(quarantine)) return 'quarantine';
  const members: Record<string, unknown> = { ...quarantine };
  return ['until_ts', 'reason', 'since_ts'].find((key) => typeof members[key] !== 'string') ?? null;
}
