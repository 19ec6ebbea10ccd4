import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const known = ['memory', 'cpus', 'pids', 'disk_free_min', 'log_max'];

test.each([
  ['memry', 'memory'],
  ['Memory', 'memory'],
  ['cpu', 'cpus'],
  ['pdis', 'pids'],
  ['diskfreemin', 'disk_free_min'],
  ['colour', null],
  ['', null],
])('%j most likely means %j', (name, expected) => {
  expect(nearestName(name, known)).toBe(expected);
});

test('nothing is near to nothing', () => {
  expect(nearestName('x', [])).toBeNull();
});

test('a known name means itself, and one slip in a long name is understood', () => {
  fc.assert(
    fc.property(fc.constantFrom(...known.filter((name) => name.length > 4)), fc.nat(), (name, at) => {
      expect(nearestName(name, known)).toBe(name);
      const index = at % name.length;
      expect(nearestName(name.slice(0, index) + name.slice(index + 1), known)).toBe(name);
    }),
  );
});
