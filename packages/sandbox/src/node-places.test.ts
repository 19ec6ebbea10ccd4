import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOfRead } from './durable-file.ts';
import { hostContext } from './node-context.ts';
import { hostPlaces } from './node-places.ts';

let root = '';
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), 'terok-places-'))));
afterAll(() => rm(root, { recursive: true }));

test.each([
  ['nothing', null, {}],
  ['a configuration of other things', 'run: {time_limit: 1h}\n', {}],
  ['what has root in its name', 'podman: {storage_root: /a, run_root: /b}\n', {}],
  ['a state that was moved in a map of one line', 'run: {}\npaths: {root: ROOT/moved}\n', {}],
  ['a state that was moved by a key in quotes', '"paths": {"root": "ROOT/moved"}\n', {}],
  ['a state that was moved', 'paths:\n  root: ROOT/moved\n', {}],
  ['a state that was moved by a key with an escape', '{"paths": {"r\\x6fot": "ROOT/moved"}}\n', {}],
  ['a state that only a comment moves', '# paths: {root: /nowhere}\n', {}],
  ['a state that the environment moves', 'paths: {root: ROOT/moved}\n', { TEROK_ROOT: '/elsewhere' }],
  ['another file instead', 'paths: {root: ROOT/moved}\n', { TEROK_CONFIG_FILE: 'override.yml' }],
])('%s is found where the whole context finds it', async (_, text, more) => {
  const config = await mkdtemp(join(root, 'config-'));
  await mkdir(config, { recursive: true });
  if (text !== null) await writeFile(join(config, 'config.yml'), text.replace('ROOT', root));
  await writeFile(join(config, 'override.yml'), `paths: {root: ${root}/override}\n`);
  const options = { env: { TEROK_CONFIG_DIR: config, HOME: root, ...more }, cwd: config };
  const { paths } = await hostPlaces(options);
  expect((await hostContext(options)).paths).toMatchObject(paths);
});

test('what cannot be read is said as it is elsewhere', async () => {
  await mkdir(join(root, 'unreadable/config.yml'), { recursive: true });
  const env = { TEROK_CONFIG_DIR: join(root, 'unreadable'), HOME: root };
  await expect(hostPlaces({ env })).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
});

test('folders and files are what the whole context finds in them', async () => {
  const directory = await mkdtemp(join(root, 'names-'));
  await mkdir(join(directory, 'folder'));
  await writeFile(join(directory, 'file'), 'text');
  await symlink('nowhere', join(directory, 'link'));
  const env = { TEROK_ROOT: root, TEROK_CONFIG_DIR: join(root, 'no-config'), HOME: root };
  const [places, whole] = [await hostPlaces({ env }), await hostContext({ env })];
  for (const path of [directory, join(directory, 'missing')])
    for (const options of [undefined, { startsWith: 'f' }, { startsWith: 'zzz' }])
      expect(await places.files.list(path, options)).toEqual(await whole.files.list(path, options));
  const read = await places.files.readMany([join(directory, 'file')], { maxBytes: 10 });
  expect(read.map((each) => textOfRead(each, 'file'))).toEqual(['text']);
});

test('a configuration file may be a link', async () => {
  const config = await mkdtemp(join(root, 'linked-'));
  await writeFile(join(config, 'kept.yml'), `paths: {root: ${root}/linked}\n`);
  await symlink('kept.yml', join(config, 'config.yml'));
  const { paths } = await hostPlaces({ env: { TEROK_CONFIG_DIR: config, HOME: root } });
  expect(paths.stateRoot).toBe(join(root, 'linked'));
});
