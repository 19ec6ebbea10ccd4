import * as fc from 'fast-check';
import semver from 'semver';
import { expect, test } from 'vitest';
import { compareVersions } from './version-order.ts';

test.each([
  ['1.0.0', '1.0.0', 0],
  ['0.10.0', '0.9.0', 1],
  ['1.0.0-alpha', '1.0.0', -1],
  ['1.0.0-alpha', '1.0.0-alpha.1', -1],
  ['1.0.0-alpha.1', '1.0.0-alpha.beta', -1],
  ['1.0.0-alpha.9', '1.0.0-alpha.18', -1],
  ['1.0.0-a9', '1.0.0-a18', 1],
  ['1.0.0-rc.1', '1.0.0-beta.11', 1],
  ['1.0.0+one', '1.0.0+two', 0],
  ['v1.0.0', '1.0.0', 0],
  ['not-a-version', 'not-a-version', 0],
  ['zzz', 'aaa', 1],
  ['0.0.10', 'not-a-version', -1],
  ['1.0', '1.0.0', -1],
  ['01.0.0', '1.0.0', -1],
  ['', '1.0.0', -1],
  ['\u{1f600}', '\uffff', 1],
])('%j against %j', (a, b, expected) => {
  expect([compareVersions(a, b), compareVersions(b, a)]).toEqual([expected, expected === 0 ? 0 : -expected]);
});

const part = fc.constantFrom('0', '1', '9', '10', '18', '01', 'a', 'alpha', 'rc', 'a1', '1a', '-', '--1', '99999999999999999999', '');
const version = fc
  .tuple(fc.array(part, { minLength: 2, maxLength: 4 }), fc.option(fc.array(part, { minLength: 1, maxLength: 3 })), fc.option(part))
  .map(
    ([release, prerelease, build]) =>
      `${release.join('.')}${prerelease === null ? '' : `-${prerelease.join('.')}`}${build === null ? '' : `+${build}`}`,
  );
const sound = fc
  .tuple(
    fc.nat(3),
    fc.nat(3),
    fc.nat(3),
    fc.option(fc.array(fc.constantFrom('0', '1', '10', '9', 'a', 'rc', 'a9', 'a18', '-'), { minLength: 1, maxLength: 3 })),
  )
  .map(([major, minor, patch, prerelease]) => `${major}.${minor}.${patch}${prerelease === null ? '' : `-${prerelease.join('.')}`}`);

test('versions are taken for semver, and ordered, as the semver package does', () => {
  const expected = (a: string, b: string): number =>
    semver.valid(a) !== null && semver.valid(b) !== null ? semver.compare(a, b) : Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
  fc.assert(
    fc.property(fc.oneof(version, sound), fc.oneof(version, sound), (a, b) => {
      expect(compareVersions(a, b)).toBe(expected(a, b));
    }),
    { numRuns: 5000 },
  );
});

test('what is before stays before, whichever way it is asked', () => {
  fc.assert(
    fc.property(sound, sound, sound, (a, b, c) => {
      const [first, second, third] = [a, b, c].toSorted(compareVersions) as [string, string, string];
      expect([compareVersions(first, second), compareVersions(second, third), compareVersions(first, third)]).not.toContain(1);
      expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0);
    }),
  );
});

test('a text made to be slow is not', () => {
  expect(compareVersions(`1.0.0-${'0a'.repeat(50_000)}!`, '1.0.0')).toBe(1);
  expect(compareVersions(`1.0.0-${'1.'.repeat(120)}!`, '1.0.0')).toBe(1);
});
