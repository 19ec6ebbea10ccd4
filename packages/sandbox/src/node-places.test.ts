import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostContext } from './node-context.ts';
import { hostPlaces } from './node-places.ts';

let root = '';
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), 'terok-places-'))));
afterAll(() => rm(root, { recursive: true }));

test.each([
  ['nothing', null, {}],
  ['a configuration of other things', 'run: {time_limit: 1h}\n', {}],
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
  expect(paths).toEqual((await hostContext(options)).paths);
});

test('what cannot be read is said as it is elsewhere', async () => {
  await mkdir(join(root, 'unreadable/config.yml'), { recursive: true });
  const env = { TEROK_CONFIG_DIR: join(root, 'unreadable'), HOME: root };
  await expect(hostPlaces({ env })).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
});
