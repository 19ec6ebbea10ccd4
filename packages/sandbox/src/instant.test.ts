import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInstant, parseInstant } from './instant.ts';

const year1Ms = -62_135_596_800_000;
const year9999Ms = 253_402_300_799_999;
const instants = fc.integer({ min: year1Ms, max: year9999Ms }).map((ms) => new Date(ms));

describe('reads', () => {
  test.each([
    ['2026-05-02T15:00:00+00:00', '2026-05-02T15:00:00.000Z'],
    ['2026-05-02T15:00:00Z', '2026-05-02T15:00:00.000Z'],
    ['2026-05-02T15:00:00', '2026-05-02T15:00:00.000Z'],
    ['2026-05-02 15:00:00', '2026-05-02T15:00:00.000Z'],
    ['2026-05-02T15:00:00-04:00', '2026-05-02T19:00:00.000Z'],
    ['2026-05-02T15:00:00+0530', '2026-05-02T09:30:00.000Z'],
    ['2026-05-02T00:00:00+14:00', '2026-05-01T10:00:00.000Z'],
    ['2026-05-02T15:00:00.1Z', '2026-05-02T15:00:00.100Z'],
    ['2026-05-02T15:00:00.123456+00:00', '2026-05-02T15:00:00.123Z'],
    ['2026-05-02T15:00:00.999999999Z', '2026-05-02T15:00:00.999Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s', (text, expected) => {
    expect(parseInstant(text)?.toISOString()).toBe(expected);
  });
});

describe('refuses', () => {
  test.each([
    '',
    '2026',
    '2026-05',
    '2026-05-02',
    '2026-05-02T15',
    '2026-05-02T15:00',
    '2026-05-02T',
    '2026-05-02T24:00:00Z',
    '2026-05-02T23:60:00Z',
    '2026-05-02T23:59:60Z',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-5-2T15:00:00Z',
    '2026-05-02T15:00:00z',
    '2026-05-02t15:00:00Z',
    '2026-05-02T15:00:00ZZ',
    '2026-05-02T15:00:00 Z',
    '2026-05-02T15:00:00+24:00',
    '2026-05-02T15:00:00+05:60',
    '2026-05-02T15:00:00+05:30:15',
    '2026-05-02T15:00:00+00',
    '2026-05-02T15:00:00\u221204:00',
    '2026-05-02T15:00:00,123+00:00',
    '2026-05-02T15:00:00.Z',
    '2026-05-02T15:00:00.1234567890Z',
    '2026-05-02T15:00:00[UTC]',
    ' 2026-05-02T15:00:00Z',
    '2026-05-02T15:00:00Z\n',
    '2026-05-02  15:00:00Z',
    '2026-05-02x15:00:00Z',
    '20260502T150000Z',
    '2026-W18-6T15:00:00Z',
    'May 2 2026',
    '+002026-05-02T15:00:00Z',
    '-000001-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '\u0662026-05-02T15:00:00Z',
  ])('%j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test('a moment that its offset moves out of the years 1 to 9999', () => {
    expect(parseInstant('0001-01-01T00:00:00+14:00')).toBeNull();
    expect(parseInstant('9999-12-31T23:59:59-00:01')).toBeNull();
  });
});

test('what is written is read back to the millisecond, and sorts as the moments do', () => {
  fc.assert(
    fc.property(instants, instants, (a, b) => {
      const [left, right] = [formatInstant(a), formatInstant(b)];
      expect(parseInstant(left)).toEqual(a);
      expect(left).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+00:00$/);
      expect(Math.sign(left < right ? -1 : left > right ? 1 : 0)).toBe(Math.sign(a.getTime() - b.getTime()));
    }),
  );
});

test('an offset moves the moment and nothing else', () => {
  const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
  const inside = fc.integer({ min: year1Ms + 86_400_000, max: year9999Ms - 86_400_000 });
  fc.assert(
    fc.property(inside, offset, fc.boolean(), (ms, minutes, colon) => {
      const local = new Date(ms + minutes * 60_000).toISOString().slice(0, 23);
      const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) => String(part).padStart(2, '0'));
      expect(parseInstant(`${local}${minutes < 0 ? '-' : '+'}${hours}${colon ? ':' : ''}${rest}`)?.getTime()).toBe(ms);
    }),
  );
});

test('any text is a moment or null', () => {
  const alike = fc.stringMatching(/^[0-9T :.,Zz+-]{0,32}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), alike), (text) => {
      const instant = parseInstant(text);
      expect(instant === null || Number.isInteger(instant.getTime())).toBe(true);
    }),
  );
});

test('a moment that cannot be written is a mistake of the caller', () => {
  expect(() => formatInstant(new Date(Number.NaN))).toThrow(RangeError);
  expect(() => formatInstant(new Date(year9999Ms + 1))).toThrow(RangeError);
});
