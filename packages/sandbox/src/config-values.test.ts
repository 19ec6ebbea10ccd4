import { expect, test } from 'vitest';
import { configTextProblems, loadConfig } from './config.ts';
import { configValues } from './config-values.ts';
import { writeConfigText } from './config-write.ts';
import { fakeClock, memoryFiles, seededRandom } from './testing/index.ts';

const paths = { systemConfigFile: '/etc/terok/config.yml', userConfigFile: '/home/config.yml', overrideConfigFile: null };
const system = 'run:\n  agent: codex\n  time_limit: 60\nlimits:\n  memory: 1g\n';
const user = 'run:\n  agent: claude\n  time_limit: null\nlimits:\n  memroy: 2g\nsecrets:\n  KEY:\n    file: /key\n';

async function found(disk: Readonly<Record<string, string>>) {
  const values = await configValues(memoryFiles(disk), paths);
  return (path: string) => values.find((value) => value.path.join('.') === path);
}

test('each value in force comes with its place', async () => {
  const value = await found({ [paths.systemConfigFile]: system, [paths.userConfigFile]: user });
  expect(value('run.agent')).toMatchObject({ value: 'claude', from: { file: paths.userConfigFile, line: 2, column: 3 } });
  expect(value('secrets.KEY.file')).toMatchObject({ value: '/key', from: { file: paths.userConfigFile, line: 8 } });
  expect(value('network.mode')).toMatchObject({ value: 'none', from: null });
});

test('what cannot be used has no place', async () => {
  const value = await found({ [paths.systemConfigFile]: system, [paths.userConfigFile]: user });
  expect(value('limits.memory')).toMatchObject({ value: '4g', from: null });
});

test('the values are those that are in force', async () => {
  const files = memoryFiles({ [paths.systemConfigFile]: system });
  const { config } = await loadConfig(files, paths);
  const values = await configValues(files, paths);
  expect(values).toContainEqual({ path: ['run', 'agent'], value: config.run.agent, from: expect.anything() as unknown });
  expect(values).toContainEqual({ path: ['secrets'], value: {}, from: null });
});

test.each([
  ['run:\n  agent: claude\n', []],
  ['', []],
  ['run:\n  agnet: claude\n', [2]],
  ['run: [', [1]],
  ['- a\n', [1]],
  ['secrets:\n  KEY: {}\n', [2]],
  ['run: {agnet: x}\nsecrets:\n  key: {}\n', [1, 3]],
])('%j has problems in the lines %j', (text, lines) => {
  expect(configTextProblems(text, '/config.yml').map(({ line }) => line)).toEqual(lines);
});

test('a text is written over the one that it was made from, and over no other', async () => {
  const files = memoryFiles({ [paths.userConfigFile]: 'run: {}\n' });
  const ctx = { files, paths, clock: fakeClock(new Date('2026-01-01T00:00:00.000Z')), random: seededRandom(1) };
  const was = new TextEncoder().encode('run: {}\n');
  await writeConfigText(ctx, { text: 'git: {}\n', was });
  await expect(writeConfigText(ctx, { text: 'tasks: {}\n', was })).rejects.toMatchObject({ code: 'CONFIG_CHANGED' });
  expect(new TextDecoder().decode((await files.read(paths.userConfigFile, { maxBytes: 100 })) ?? undefined)).toBe('git: {}\n');
});
