/** A daemon in the background, and a command of a newer release: the old one ends, and the new one is there without anybody asking for it. */
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { runningDaemon } from '@terok/lifecycle-daemon';
import type { TaskContext } from '@terok/orchestration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { personsEnvironment } from '../cli/terminal.ts';
import { eventually } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { libraryContext } from '../orchestration/library.ts';
import { otherInstallation } from '../world.ts';
import { newerRelease } from './newer-release.ts';

const version = '9.0.0';
let installation: Installation;
let ctx: TaskContext;
let environment: Record<string, string>;
let bin: string;

beforeAll(async () => {
  installation = await otherInstallation('succession');
  await installation.answer(['setup', '--no-images']);
  environment = { TEROK_RUNTIME_DIR: join(installation.directory, 'runtime') };
  ctx = (await libraryContext(installation)).ctx;
  bin = await newerRelease(join(installation.directory, 'newer'), version);
});
afterAll(async () => {
  await older('daemon', 'stop');
});

const older = (...words: readonly string[]) => installation.terok(words, { environment });
const newer = (...words: readonly string[]) =>
  execa(process.execPath, [bin, ...words], {
    env: { ...personsEnvironment(installation), ...environment },
    extendEnv: false,
    reject: false,
  });
const started = async (): Promise<number> =>
  (JSON.parse((await older('daemon', 'start', '--json')).stdout) as { readonly pid: number }).pid;
/** Asked without a word to the daemon itself, which would count as a visit. */
const nextAfter = (pid: number) =>
  eventually(async () => {
    const running = await runningDaemon(ctx);
    return running === null || running.pid === pid ? undefined : running;
  });

test('of many `daemon start` at once one starts it, and the others find it', async () => {
  await older('daemon', 'stop');
  const sessions = await Promise.all(Array.from({ length: 6 }, () => older('daemon', 'start', '--json')));
  expect(sessions.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(sessions.map(() => [0, '']));
  const said = sessions.map(({ stdout }) => JSON.parse(stdout) as { readonly pid: number; readonly started: boolean });
  const { pid } = (await runningDaemon(ctx)) ?? {};
  expect(said.map((each) => each.pid)).toEqual(said.map(() => pid));
  expect(said.filter(({ started: own }) => own)).toHaveLength(1);
});

test.each(['daemon status', 'daemon wake', 'daemon start', 'digest'])(
  'after `%s` of a newer release the daemon of that release follows the older one',
  async (words) => {
    await older('daemon', 'stop');
    const before = await started();
    expect(await runningDaemon(ctx)).toEqual({ pid: before, version: '0.0.0' });
    const { exitCode, stderr } = await newer(...words.split(' '));
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain('none of this one was started');
    expect(await nextAfter(before)).toMatchObject({ version });
  },
);

test('of many commands at once one has the next daemon started, and `daemon stop` leaves none behind', async () => {
  await older('daemon', 'stop');
  const before = await started();
  await Promise.all([1, 2, 3].map(() => newer('daemon', 'status')));
  const next = await nextAfter(before);
  expect(next.version).toBe(version);

  expect((await newer('daemon', 'stop')).exitCode).toBe(0);
  expect(await runningDaemon(ctx)).toBeNull();
});

test('a command of an older release ends no newer daemon', async () => {
  expect((await newer('daemon', 'start')).exitCode).toBe(0);
  const { pid } = (await runningDaemon(ctx)) ?? {};
  expect((await older('daemon', 'status')).exitCode).toBe(0);
  expect(await runningDaemon(ctx)).toEqual({ pid, version });
});
