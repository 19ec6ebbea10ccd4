import { parseInstant } from '@terok/sandbox';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consumeFirstTurn,
  daemonStatePath,
  DIGEST_SHOW_THRESHOLD_HOURS,
  FIRST_TURN_PENDING_TTL_SEC_DEFAULT,
  FIRST_TURN_TTL_HOURS,
  getPendingDigest,
  loadDaemonState,
  markSessionOpened,
  MAX_FIRST_TURN_ENTRIES,
  pruneFirstTurnPending,
  pruneStaleFirstTurn,
  saveDaemonState,
  type DaemonState,
} from './daemon-state.ts';
import { digests, pendingPrunes, stalePrunes } from './daemon-state.test.vectors.ts';
import { lifecycleContext } from './testing/lifecycle-context.ts';

const path = '/state/lifecycle/.daemon-state.json';
const now = new Date('2026-05-02T15:00:00.000Z');
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const hourMs = 3_600_000;
const firstTurns = (state: DaemonState): Record<string, unknown> => state['first_turn_pending'] as Record<string, unknown>;

test('the constants are those of the reference', () => {
  expect([DIGEST_SHOW_THRESHOLD_HOURS, FIRST_TURN_TTL_HOURS, MAX_FIRST_TURN_ENTRIES, FIRST_TURN_PENDING_TTL_SEC_DEFAULT]).toEqual([
    18, 24, 100, 3600,
  ]);
});

describe('what the reference answered', () => {
  test('E-94: when it reaped sessions by the hour', () => {
    for (const { state, dropped, after } of pendingPrunes) expect(pruneFirstTurnPending(state, { now })).toEqual({ state: after, dropped });
  });

  test('E-91: when it took out stale sessions', () => {
    for (const { state, removed, after } of stalePrunes) expect(pruneStaleFirstTurn(state, { now })).toEqual({ state: after, removed });
  });

  test('when it was asked for a digest', () => {
    for (const { state, digest, after } of digests) {
      const answer = getPendingDigest(state, now);
      expect([answer.digest, withInstants(answer.state)]).toEqual([digest, withInstants(after)]);
    }
  });
});

describe('sessions whose first turn is to come', () => {
  test('are marked with the moment they opened, and consumed once', () => {
    const opened = markSessionOpened({ 'x-keep': 1 }, 's1', now);
    expect(opened).toEqual({ 'x-keep': 1, first_turn_pending: { s1: '2026-05-02T15:00:00.000+00:00' } });

    const first = consumeFirstTurn(opened, 's1');
    expect(first).toEqual({ state: { 'x-keep': 1, first_turn_pending: {} }, consumed: true });
    expect(consumeFirstTurn(first.state, 's1').consumed).toBe(false);
  });

  test.each([null, true, false, [], ['s1'], 'x', 7])('E-93: replace a map that is %j', (damaged) => {
    expect(markSessionOpened({ first_turn_pending: damaged }, 's1', now)).toEqual({
      first_turn_pending: { s1: '2026-05-02T15:00:00.000+00:00' },
    });
    expect(consumeFirstTurn({ first_turn_pending: damaged }, 's1')).toEqual({ state: { first_turn_pending: damaged }, consumed: false });
    expect(pruneStaleFirstTurn({ first_turn_pending: damaged }, { now })).toEqual({ state: { first_turn_pending: damaged }, removed: 0 });
    expect(pruneFirstTurnPending({ first_turn_pending: damaged }, { now })).toEqual({
      state: { first_turn_pending: damaged },
      dropped: [],
    });
  });

  test('without an ID are none', () => {
    const state = { first_turn_pending: { '': 'x' } };
    expect(markSessionOpened(state, '', now)).toBe(state);
    expect(consumeFirstTurn(state, '')).toEqual({ state, consumed: false });
  });

  test.each([
    [true, true],
    [null, true],
    ['', true],
    [0, true],
    [false, false],
  ])('marked by an old release with %j count: %s, and are gone either way', (value, consumed) => {
    expect(consumeFirstTurn({ first_turn_pending: { s1: value, s2: 'kept' } }, 's1')).toEqual({
      state: { first_turn_pending: { s2: 'kept' } },
      consumed,
    });
  });

  test.each(['__proto__', 'toString', 'constructor', '5', 'hasOwnProperty'])('may be called %s', (id) => {
    expect(consumeFirstTurn({ first_turn_pending: { other: 'x' } }, id).consumed).toBe(false);
    const opened = markSessionOpened({}, id, now);
    expect(Object.keys(firstTurns(opened))).toEqual([id]);
    const reread: unknown = JSON.parse(JSON.stringify(opened));
    expect(consumeFirstTurn(reread as DaemonState, id)).toEqual({ state: { first_turn_pending: {} }, consumed: true });
  });

  test('E-95: stay for exactly their time, and not a millisecond more', () => {
    const state = { first_turn_pending: { hour: ago(hourMs), more: ago(hourMs + 1), day: ago(24 * hourMs), older: ago(24 * hourMs + 1) } };
    expect(pruneFirstTurnPending(state, { now }).dropped).toEqual(['more', 'day', 'older']);
    expect(Object.keys(firstTurns(pruneStaleFirstTurn(state, { now }).state))).toEqual(['hour', 'more', 'day']);
    expect(pruneFirstTurnPending(state, { now, ttlSec: 0 }).dropped).toEqual(['hour', 'more', 'day', 'older']);
  });

  test('from the future age from now on, unless a clock was only a little ahead', () => {
    const state = { first_turn_pending: { far: ago(-6 * 60_000), near: ago(-4 * 60_000) } };
    const pruned = pruneFirstTurnPending(state, { now }).state;
    expect(pruned).toEqual({ first_turn_pending: { far: '2026-05-02T15:00:00.000+00:00', near: ago(-4 * 60_000) } });
    expect(pruneFirstTurnPending(pruned, { now: new Date(now.getTime() + 2 * hourMs) }).dropped).toEqual(['far', 'near']);
  });

  test('E-92: are at most a hundred, the newest, however they come', () => {
    let state: DaemonState = {};
    for (let number = 0; number < 150; number++) state = markSessionOpened(state, `s${number}`, new Date(now.getTime() + number * 1000));
    expect(Object.keys(firstTurns(state)).toSorted()).toEqual(Array.from({ length: 100 }, (_, number) => `s${number + 50}`).toSorted());
  });

  test('are limited by a whole number from 0', () => {
    const state = { first_turn_pending: { a: ago(2), b: ago(1), c: 'x' } };
    expect(pruneStaleFirstTurn(state, { now, maxEntries: 0 })).toEqual({ state: { first_turn_pending: {} }, removed: 3 });
    expect(pruneStaleFirstTurn(state, { now, maxEntries: 1 })).toEqual({ state: { first_turn_pending: { b: ago(1) } }, removed: 2 });
    for (const maxEntries of [-1, 1.5, NaN]) expect(() => pruneStaleFirstTurn(state, { now, maxEntries })).toThrow(RangeError);
    for (const ttlSec of [-1, NaN]) expect(() => pruneFirstTurnPending(state, { now, ttlSec })).toThrow(RangeError);
  });

  test('are pruned to the same whether it is done once or twice, without a change to what came in', () => {
    const value = fc.oneof(
      fc.integer({ min: -40 * hourMs, max: 40 * hourMs }).map(ago),
      fc.constantFrom<unknown>(
        true,
        false,
        null,
        7,
        {},
        [],
        '',
        'banana',
        '2026-02-30T00:00:00Z',
        '2026-05-02T15:00:00',
        '2026-05-02 15:00:00+0530',
      ),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', '5')), value),
        fc.nat({ max: 20 }),
        (pending, maxEntries) => {
          const state = { first_turn_pending: pending, other: [1] };
          const before = structuredClone(state);
          const once = pruneStaleFirstTurn(state, { now, maxEntries });
          expect(state).toEqual(before);

          const left = firstTurns(once.state);
          expect(Object.keys(left).length).toBe(Object.keys(pending).length - once.removed);
          expect(Object.keys(left).length).toBeLessThanOrEqual(maxEntries);
          for (const moment of Object.values(left)) expect(parseInstant(String(moment))).not.toBeNull();
          expect(pruneStaleFirstTurn(once.state, { now, maxEntries })).toEqual({ state: once.state, removed: 0 });

          const reaped = pruneFirstTurnPending(state, { now });
          const kept = Object.keys(pending).length === 0 ? [] : Object.keys(firstTurns(reaped.state));
          expect([...reaped.dropped, ...kept].toSorted()).toEqual(Object.keys(pending).toSorted());
        },
      ),
    );
  });
});

describe('the digest', () => {
  const due = { pending_digest: { finished: 3 }, 'x-keep': 0 };

  test('E-89: is handed out once, and marked with the moment', () => {
    const { state, digest } = getPendingDigest(due, now);
    expect(digest).toEqual({ finished: 3 });
    expect(state).toEqual({ 'x-keep': 0, last_digest_shown_at: '2026-05-02T15:00:00.000+00:00' });
    expect(getPendingDigest(state, now)).toEqual({ state, digest: null });
    expect(due).toEqual({ pending_digest: { finished: 3 }, 'x-keep': 0 });
  });

  test.each<[last: unknown, shown: boolean]>([
    [ago(18 * hourMs), true],
    [ago(18 * hourMs - 1), false],
    [ago(0), false],
    [ago(-4 * 60_000), false],
    [ago(-6 * 60_000), true],
    ['banana', true],
    ['', true],
    [null, true],
    [1_777_000_000, true],
    [{}, true],
    [undefined, true],
  ])('E-90: last shown at %j is due: %s', (last, shown) => {
    const state = { ...due, last_digest_shown_at: last };
    const answer = getPendingDigest(state, now);
    expect(answer.digest !== null).toBe(shown);
    expect(answer.state === state).toBe(!shown);
  });

  test.each([{}, [], 0, '', null, false, undefined])('that is %j stays to be filled', (empty) => {
    const state = { pending_digest: empty };
    expect(getPendingDigest(state, now)).toEqual({ state, digest: null });
  });

  test.each(['text', [1], 5, true])('that is %j is dropped, and blocks none that comes after it', (damaged) => {
    expect(getPendingDigest({ pending_digest: damaged, a: 1 }, now)).toEqual({ state: { a: 1 }, digest: null });
  });
});

describe('the file', () => {
  test('lies where the paths say, and is empty when it is not there', async () => {
    const files = memoryFiles();
    expect(daemonStatePath(lifecycleContext(files).paths)).toBe(path);
    expect(await loadDaemonState(lifecycleContext(files))).toEqual({});
    expect(files.paths()).toEqual([]);
  });

  test('keeps every key, for the owner alone', async () => {
    const files = memoryFiles();
    const state = {
      fsm_state: 'WAKE',
      daemon_pid: 4242,
      quiet_window: [44, 16],
      pending_digest: { claude_call_used: false },
      first_turn_pending: { '6f0c': '2026-05-02T08:15:00.120000+00:00' },
    };
    await saveDaemonState(lifecycleContext(files), state);
    expect(files.entries.get(path)).toMatchObject({ kind: 'file', mode: 0o600 });
    expect(files.text(path)).toBe(`${JSON.stringify(state, undefined, 2)}\n`);
    expect(await loadDaemonState(lifecycleContext(files))).toEqual(state);
  });

  test.each<[what: string, content: string | Uint8Array]>([
    ['no JSON', '{"a":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['empty', ''],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['very deep', `{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ])('that is %s counts as empty and is kept aside', async (_what, content) => {
    const files = memoryFiles({ [path]: content });
    expect(await loadDaemonState(lifecycleContext(files))).toEqual({});
    const [copy, ...others] = files.paths().filter((each) => each !== path);
    expect(others).toEqual([]);
    expect(copy).toMatch(/^\/state\/lifecycle\/\.daemon-state\.json\.corrupt-/);
    expect(files.text(copy ?? '')).toBe(files.text(path));
  });

  test('behind a link is refused', async () => {
    const files = memoryFiles({ '/elsewhere.json': '{}' });
    files.link('/elsewhere.json', path);
    await expect(loadDaemonState(lifecycleContext(files))).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
    await expect(saveDaemonState(lifecycleContext(files), {})).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
  });

  test('is never made larger than it can be read', async () => {
    const files = memoryFiles();
    await expect(saveDaemonState(lifecycleContext(files), { pad: 'x'.repeat(2 ** 20) })).rejects.toMatchObject({
      code: 'DAEMON_STATE_TOO_LARGE',
    });
    expect(files.paths()).toEqual([]);
  });

  test('is old or new after a power cut at any step', async () => {
    const before = memoryFiles({ [path]: '{"a":1}' });
    const uncut = memoryFiles(before);
    await saveDaemonState(lifecycleContext(uncut), { a: 2 });
    expect(uncut.steps()).toBeGreaterThan(2);
    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(before, { cutAt });
      await expect(saveDaemonState(lifecycleContext(disk), { a: 2 })).rejects.toThrow(PowerCut);
      expect([{ a: 1 }, { a: 2 }]).toContainEqual(await loadDaemonState(lifecycleContext(reboot(disk))));
    }
  });
});

/** The reference writes the same moment with fewer digits. */
function withInstants(state: DaemonState): unknown {
  return Object.fromEntries(
    Object.entries(state).map(([key, value]) => [key, key === 'last_digest_shown_at' ? (parseInstant(String(value)) ?? value) : value]),
  );
}
