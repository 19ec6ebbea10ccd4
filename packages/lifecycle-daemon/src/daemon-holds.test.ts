import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { leasesOf, pausedUntil, pauseIsOver, pruneLeases, withLease, withoutLease, withoutPause, withPause } from './daemon-holds.ts';
import type { DaemonState } from './daemon-state.ts';

const now = new Date('2026-05-02T12:00:00.000Z');
const later = (ms: number) => new Date(now.getTime() + ms);

test('a pause holds until its end, and not a moment longer; others keys stay', () => {
  const paused = withPause({ mine: 1 }, 60, now);
  expect(paused).toEqual({ mine: 1, paused_until: '2026-05-02T12:01:00.000+00:00', paused_for_sec: 60 });
  expect([pausedUntil(paused, later(59_999)), pausedUntil(paused, later(60_000))]).toEqual([later(60_000), null]);
  expect([pauseIsOver(paused, later(59_999)), pauseIsOver(paused, later(60_000)), pauseIsOver({}, now)]).toEqual([false, true, false]);
  expect(withoutPause(paused)).toEqual({ mine: 1 });
  const none: DaemonState = { mine: 1 };
  expect(withoutPause(none)).toBe(none);
});

test.each<DaemonState>([
  { paused_until: true },
  { paused_until: 'tomorrow', paused_for_sec: 5 },
  { paused_until: '2030-01-01T00:00:00Z' },
  { paused_until: '2030-01-01T00:00:00Z', paused_for_sec: -1 },
  { paused_until: '2030-01-01T00:00:00Z', paused_for_sec: 'x' },
])('%j is no pause, and is cleared away as one that is over', (state) => {
  expect([pausedUntil(state, now), pauseIsOver(state, now)]).toEqual([null, true]);
});

test('leases hold side by side, those that end first first, and go one by one', () => {
  const one = withLease({ mine: 1 }, { id: 'a', reason: 'long', forSec: 100, now });
  const two = withLease(one, { id: '__proto__', reason: 'short', forSec: 50, now });
  expect(leasesOf(two, now).map(({ id, reason }) => [id, reason])).toEqual([
    ['__proto__', 'short'],
    ['a', 'long'],
  ]);
  expect(pruneLeases(two, later(50_000))).toEqual({ state: one, ended: ['__proto__'] });
  expect(pruneLeases(two, later(49_999)).state).toBe(two);
  expect(withoutLease(two, 'toString')).toBe(two);
  expect(leasesOf(withoutLease(two, 'a'), now).map(({ id }) => id)).toEqual(['__proto__']);
});

test('what is no lease holds nothing awake, and is cleared away', () => {
  const odd = { 'x-leases': { a: true, b: { reason: 5, until_ts: '2030-01-01T00:00:00Z', for_sec: 9 }, c: null } };
  expect(leasesOf(odd, now)).toEqual([]);
  expect(pruneLeases(odd, now)).toEqual({ state: { 'x-leases': {} }, ended: ['a', 'b', 'c'] });
  for (const leases of [null, [], 'x', 5]) expect(leasesOf({ 'x-leases': leases }, now)).toEqual([]);
});

test('wherever the clock goes, nothing holds longer than it was asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400 }), fc.integer({ min: -1e9, max: 1e9 }), (forSec, jumpMs) => {
      const state = withLease(withPause({}, forSec, now), { id: 'a', reason: 'r', forSec, now });
      const then = later(jumpMs);
      const ends = [pausedUntil(state, then), ...leasesOf(state, then).map(({ until }) => until)].filter((end) => end !== null);
      for (const end of ends) expect(end.getTime() - then.getTime()).toBeLessThanOrEqual(forSec * 1000);
      expect(ends).toHaveLength(jumpMs < forSec * 1000 ? 2 : 0);
    }),
  );
});
