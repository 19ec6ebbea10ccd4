import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { osRelease, packageFamily } from './package-family.ts';

/** The lines that matter of what these images ship, as their distributions document them. */
test.each([
  ['Debian 13', 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_CODENAME=trixie\n', 'deb'],
  ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', 'deb'],
  ['a child of Ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'deb'],
  ['Fedora', 'NAME="Fedora Linux"\nID=fedora\n', 'rpm'],
  ['RHEL', 'ID="rhel"\nID_LIKE="fedora"\n', 'rpm'],
  ['Rocky', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'rpm'],
  ['Alpine', 'ID=alpine\n', null],
  ['openSUSE', 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', null],
  ['nothing', '', null],
])('%s is known by what it says of itself', (_, text, expected) => {
  expect(packageFamily(osRelease(text))).toBe(expected);
});

test('any text has an answer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect([null, 'deb', 'rpm']).toContain(packageFamily(osRelease(text)));
    }),
  );
});
