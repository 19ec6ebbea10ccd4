import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAgo, formatDuration, parseDuration } from './duration.ts';

test.each([
  ['90', 90],
  ['45s', 45],
  ['30m', 1800],
  ['1h30m', 5400],
  ['2d', 172_800],
  ['1d1h1m1s', 90_061],
  ['365d', 31_536_000],
])('reads %s as %i seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

test.each(['', '0', '0s', '-5', '5x', '1.5h', '30m1h', ' 5s', '5 s', '366d', '9999999999', '5s\n', 'h'])('refuses %j', (text) =>
  expect(parseDuration(text)).toBe(null),
);

test.each([
  [0, '0s'],
  [59.6, '1m'],
  [61, '1m 1s'],
  [3600, '1h'],
  [90_061, '1d 1h'],
  [-3, '0s'],
])('writes %d seconds as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test('what is written of up to two units reads back the same', () => {
  const seconds = fc.oneof(
    fc.integer({ min: 1, max: 3599 }),
    fc.integer({ min: 60, max: 1439 }).map((minutes) => minutes * 60),
  );
  fc.assert(
    fc.property(seconds, (count) => {
      expect(parseDuration(formatDuration(count).replace(' ', ''))).toBe(count);
    }),
  );
});

test('a moment ahead of the clock is now', () => {
  const now = new Date('2026-01-01T12:00:00.000Z');
  expect(formatAgo(new Date('2026-01-01T12:00:09.000Z'), now)).toBe('now');
  expect(formatAgo(new Date('2026-01-01T10:29:00.000Z'), now)).toBe('1h ago');
});
