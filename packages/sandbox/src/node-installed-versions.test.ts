import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test as base } from 'vitest';
import { installedVersions, TRACKED_PACKAGES } from './node-installed-versions.ts';

const test = base.extend<{ root: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
  root: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'terok-versions-'));
    await use(root);
    await rm(root, { recursive: true });
  },
});

async function install(directory: string, manifest: object | string): Promise<void> {
  await mkdir(join(directory, 'dist'), { recursive: true });
  await writeFile(join(directory, 'package.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  await writeFile(join(directory, 'dist/main.js'), '');
}

test('npm, flat: packages lie side by side', async ({ root }) => {
  const modules = join(root, 'node_modules');
  await install(join(modules, 'terok'), { name: 'terok', version: '1.2.3' });
  await install(join(modules, '@terok/executor'), { name: '@terok/executor', version: '0.5.0-alpha.18' });
  await install(join(modules, '@terok/sandbox'), { name: '@terok/sandbox', version: '0.5.0' });
  await install(join(modules, 'semver'), { name: 'semver', version: '7.0.0' });
  const expected = { terok: '1.2.3', '@terok/executor': '0.5.0-alpha.18', '@terok/sandbox': '0.5.0' };
  const main = join(modules, 'terok/dist/main.js');
  for (const from of [main, pathToFileURL(main), pathToFileURL(main).href, join(modules, 'terok'), root]) {
    expect(installedVersions({ from })).toEqual(expected);
  }
});

test('npm, nested: the nearest one counts, as for an import', async ({ root }) => {
  const modules = join(root, 'node_modules');
  await install(join(modules, 'terok'), { name: 'terok', version: '2.0.0' });
  await install(join(modules, '@terok/sandbox'), { name: '@terok/sandbox', version: '1.0.0' });
  await install(join(modules, 'terok/node_modules/@terok/sandbox'), { name: '@terok/sandbox', version: '2.0.0' });
  expect(installedVersions({ from: join(modules, 'terok/dist/main.js') })).toEqual({ terok: '2.0.0', '@terok/sandbox': '2.0.0' });
  expect(installedVersions({ from: root })).toEqual({ terok: '2.0.0', '@terok/sandbox': '1.0.0' });
});

test('pnpm, strict: a front end finds what it depends on beside itself in the store', async ({ root }) => {
  const store = join(root, 'node_modules/.pnpm');
  await install(join(store, 'terok@1.0.0/node_modules/terok'), { name: 'terok', version: '1.0.0' });
  await install(join(store, '@terok+sandbox@0.9.0/node_modules/@terok/sandbox'), { name: '@terok/sandbox', version: '0.9.0' });
  await mkdir(join(store, 'terok@1.0.0/node_modules/@terok'), { recursive: true });
  await symlink('../../../@terok+sandbox@0.9.0/node_modules/@terok/sandbox', join(store, 'terok@1.0.0/node_modules/@terok/sandbox'));
  await symlink('.pnpm/terok@1.0.0/node_modules/terok', join(root, 'node_modules/terok'));
  const expected = { terok: '1.0.0', '@terok/sandbox': '0.9.0' };
  expect(installedVersions({ from: join(root, 'node_modules/terok/dist/main.js') })).toEqual(expected);
  expect(installedVersions({ from: root })).toEqual({ terok: '1.0.0' });
});

test('a global install: the command is a link into the package', async ({ root }) => {
  const modules = join(root, 'lib/node_modules');
  await install(join(modules, 'terok'), { name: 'terok', version: '1.0.0' });
  await install(join(modules, 'terok/node_modules/@terok/sandbox'), { name: '@terok/sandbox', version: '1.1.0' });
  await mkdir(join(root, 'bin'));
  await symlink('../lib/node_modules/terok/dist/main.js', join(root, 'bin/terok'));
  expect(installedVersions({ from: join(root, 'bin/terok') })).toEqual({ terok: '1.0.0', '@terok/sandbox': '1.1.0' });
});

test('what cannot be read is not installed', async ({ root }) => {
  const modules = join(root, 'node_modules');
  await install(join(modules, 'terok'), '{ broken');
  await install(join(modules, '@terok/sandbox'), { name: '@terok/sandbox', version: 5 });
  await install(join(modules, '@terok/executor'), { name: 'somebody-else', version: '1.0.0' });
  await install(join(modules, '@terok/orchestration'), 'null');
  expect(installedVersions({ from: root })).toEqual({});
  expect(installedVersions({ from: join(root, 'not/there/at/all.js') })).toEqual({});
});

base('a bundled front end hands in what it was built from, and nothing is looked up', () => {
  const recorded = { terok: '3.0.0', '@terok/sandbox': '3.0.0', zod: '4.0.0' };
  expect(installedVersions({ recorded, from: '/nonexistent' })).toEqual({ terok: '3.0.0', '@terok/sandbox': '3.0.0' });
});

base('this package finds itself', async () => {
  const own = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string };
  expect(installedVersions()['@terok/sandbox']).toBe(own.version);
});

base('the tracked packages are the public ones of this repository', async () => {
  const packages = join(import.meta.dirname, '../..');
  const manifests = await Promise.all(
    (await readdir(packages)).map(async (name) => {
      const text = await readFile(join(packages, name, 'package.json'), 'utf8').catch(() => '{"private":true}');
      return JSON.parse(text) as { name: string; private?: boolean };
    }),
  );
  const names = manifests.filter((manifest) => manifest.private !== true).map(({ name }) => name);
  expect([...TRACKED_PACKAGES].toSorted()).toEqual(names.toSorted());
});
