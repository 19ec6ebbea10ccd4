import { expect, test } from 'vitest';
import { packedProblems, type Manifest, type Packed } from './packed-manifest.ts';

const released = new Map([
  ['terok', '0.2.0'],
  ['@terok/sandbox', '0.1.1'],
]);
const manifest: Manifest = {
  name: 'terok',
  version: '0.2.0',
  description: 'Runs agents.',
  license: 'Apache-2.0',
  engines: { node: '>=26' },
  bin: { terok: './dist/bin.js' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  dependencies: { '@terok/sandbox': '0.1.1', zod: '4.6.7' },
};
const { bin: _bin, ...library } = manifest;
const files = ['package.json', 'README.md', 'LICENSE', 'dist/bin.js', 'dist/index.js', 'dist/index.d.ts'].map((path) => `package/${path}`);
const packed = (change: Partial<Packed>): Packed => ({ manifest, files, released, ...change });

test('a tarball as it should be has no problems', () => {
  expect(packedProblems(packed({}))).toEqual([]);
});

test.each<[string, Partial<Packed>, readonly string[]]>([
  ['a missing licence', { files: files.filter((path) => path !== 'package/LICENSE') }, ['LICENSE is not in it']],
  [
    'an export that leads nowhere',
    { files: files.filter((path) => path !== 'package/dist/index.d.ts') },
    ['./dist/index.d.ts is not in it'],
  ],
  ['a command that leads nowhere', { files: files.filter((path) => path !== 'package/dist/bin.js') }, ['./dist/bin.js is not in it']],
  ['a test', { files: [...files, 'package/dist/a.test.js'] }, ['package/dist/a.test.js is in it']],
  ['a source', { files: [...files, 'package/src/a.ts'] }, ['package/src/a.ts is in it']],
  ['what a compiler keeps', { files: [...files, 'package/dist/.tsbuildinfo'] }, ['package/dist/.tsbuildinfo is in it']],
  ['an old version', { manifest: { ...manifest, version: '0.1.0' } }, ['its version is 0.1.0, not 0.2.0']],
  [
    'a range of the workspace',
    { manifest: { ...manifest, dependencies: { '@terok/sandbox': 'workspace:^' } } },
    ['it asks for @terok/sandbox as workspace:^'],
  ],
  ['a range of the catalog', { manifest: { ...manifest, peerDependencies: { zod: 'catalog:' } } }, ['it asks for zod as catalog:']],
  [
    'an old range',
    { manifest: { ...manifest, dependencies: { '@terok/sandbox': '^0.0.0' } } },
    ['it asks for @terok/sandbox ^0.0.0, and 0.1.1 is released'],
  ],
  [
    'a command that another version could stand beside',
    { manifest: { ...manifest, dependencies: { '@terok/sandbox': '^0.1.1' } } },
    ['it asks for @terok/sandbox ^0.1.1, and 0.1.1 is released'],
  ],
  [
    'a library that is tied to one version',
    { manifest: { ...library, dependencies: { '@terok/sandbox': '0.1.1' } } },
    ['it asks for @terok/sandbox 0.1.1, and ^0.1.1 is released'],
  ],
])('names %s', (_, change, problems) => {
  expect(packedProblems(packed(change))).toEqual(problems);
});

test('names what the manifest leaves out', () => {
  const { description: _description, engines: _engines, ...bare } = manifest;
  expect(packedProblems(packed({ manifest: bare }))).toEqual(['package.json has no description', 'package.json has no engines']);
});
