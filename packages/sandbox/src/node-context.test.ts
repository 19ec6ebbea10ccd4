import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, test as base } from 'vitest';
import { bareHost, hostContext } from './node-context.ts';
import { hostLocations } from './node-locations.ts';
import { checkSetup, writeStamp } from './setup-stamp.ts';
import { fakeClock } from './testing/fake-clock.ts';

const test = base.extend<{ root: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
  root: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'terok-context-'));
    await use(root);
    await rm(root, { recursive: true });
  },
});

test('two installations share nothing, and looking makes nothing', async ({ root }) => {
  const contexts = await Promise.all(
    ['a', 'b'].map((name) =>
      hostContext({ env: { TEROK_ROOT: join(root, name), TEROK_CONFIG_DIR: join(root, `${name}-config`), HOME: root } }),
    ),
  );
  const [a, b] = contexts.map(({ paths }) => Object.values(paths).filter((path) => path !== null && path !== paths.systemConfigFile));
  expect(a?.filter((path) => b?.includes(path))).toEqual([]);
  expect(await readdir(root)).toEqual([]);
});

test('the state, and the stamp in it, move with paths.root of the configuration', async ({ root }) => {
  await mkdir(join(root, 'config'));
  await writeFile(join(root, 'config/config.yml'), `paths: {root: ${root}/moved}\nlimts: {}\n`);
  const clock = fakeClock();
  const ctx = await hostContext({ env: { TEROK_CONFIG_DIR: join(root, 'config'), HOME: root }, clock });
  expect(ctx.paths.stateRoot).toBe(join(root, 'moved'));
  expect(ctx.configProblems).toMatchObject([{ severity: 'note', path: 'limts', line: 2, hint: 'Did you mean `limits`?' }]);
  writeStamp(ctx, { terok: '1.0.0' });
  expect(checkSetup(ctx, { terok: '1.0.0' })).toEqual({ verdict: 'ok' });
  expect(await readdir(join(root, 'moved'))).toEqual(['setup.stamp']);
});

test('a host whose configuration cannot be read is still a host', async ({ root }) => {
  await writeFile(join(root, 'config.yml'), 'paths: [\n');
  const env = { TEROK_CONFIG_DIR: root, HOME: root };
  await expect(hostContext({ env })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  const { paths, files } = bareHost({ env });
  expect((await files.read(paths.userConfigFile, { maxBytes: 100 }))?.length).toBe(9);
});

test('a working directory that is gone is only missed where something is relative to it', async ({ root }) => {
  const gone = join(root, 'gone');
  const script = `
    const { hostContext, hostPlaces } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    process.chdir(${JSON.stringify(gone)});
    process.getBuiltinModule('node:fs').rmdirSync(${JSON.stringify(gone)});
    const env = { TEROK_ROOT: '/state', TEROK_CONFIG_DIR: '/config', HOME: '/home' };
    console.log((await hostContext({ env })).paths.stateRoot, (await hostPlaces({ env })).paths.configRoot);
    await hostContext({ env: { ...env, TEROK_ROOT: 'state' } }).catch(({ code }) => console.log(code));`;
  await mkdir(gone);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(stdout).toBe('/state /config\nPATH_NOT_ABSOLUTE\n');
});

test('a relative TEROK_ROOT is taken from the working directory', async ({ root }) => {
  expect((await hostContext({ env: { TEROK_ROOT: 'state', TEROK_CONFIG_DIR: root, HOME: root }, cwd: root })).paths.stateRoot).toBe(
    join(root, 'state'),
  );
});

base('the host is this one', async () => {
  const whole = /^\s*0\s+0\s+4294967295\s*$/.test(await readFile('/proc/self/uid_map', 'utf8'));
  expect(hostLocations({})).toMatchObject({ uid: process.geteuid?.(), home: homedir(), initialUserNamespace: whole });
  expect(hostLocations({ HOME: '/elsewhere' }).home).toBe('/elsewhere');
});
