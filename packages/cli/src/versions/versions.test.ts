import { expect, test } from 'vitest';
import { mixedVersions } from './versions.ts';

test('a package beside the bundle in another version is named', () => {
  expect(mixedVersions({ terok: '1.0.0', '@terok/sandbox': '1.0.0' }, { terok: '1.0.0', '@terok/sandbox': '1.1.0' })).toEqual([
    '@terok/sandbox 1.0.0 built in, 1.1.0 installed',
  ]);
});

test('a package that is in the bundle alone is fine', () =>
  expect(mixedVersions({ terok: '1.0.0', '@terok/sandbox': '1.0.0' }, { terok: '1.0.0' })).toEqual([]));
