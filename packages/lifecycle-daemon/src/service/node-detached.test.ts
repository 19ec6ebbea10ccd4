import { spawnSync } from 'node:child_process';
import { lstat, mkdtemp, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDetached } from './node-detached.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'terok-detached-'));
});
afterEach(() => rm(directory, { recursive: true }));

const start = (script: string, logFile = join(directory, 'daemon.log')) =>
  startDetached({ command: [process.execPath, '-e', script], environment: { ONLY: 'this' }, cwd: directory, logFile });

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look();
    if (found !== null) return found;
    await setTimeout(50);
  }
  throw new Error('it did not come to that');
}

const printed = () => readFile(join(directory, 'daemon.log'), 'utf8').then((text) => (text.endsWith('\n') ? text.trim() : null));

test('a detached process has a session, a place and an environment of its own, and prints into its log', async () => {
  const pid = await start('console.log(JSON.stringify([process.cwd(), Object.keys(process.env)])); setInterval(() => {}, 1000)');
  try {
    const [cwd, variables] = JSON.parse(await until(printed)) as [string, string[]];
    expect(cwd).toBe(directory);
    expect(variables).toEqual(['ONLY']);
    expect((await lstat(join(directory, 'daemon.log'))).mode & 0o777).toBe(0o600);
    const session = spawnSync('ps', ['-o', 'sid=', '-p', String(pid)])
      .stdout.toString()
      .trim();
    expect(session).toBe(String(pid));
    expect(await readlink(`/proc/${pid}/fd/0`)).toBe('/dev/null');
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

test('a program that is not there is said, and so is a log that is a link', async () => {
  const missing = startDetached({ command: [join(directory, 'none')], environment: {}, cwd: directory, logFile: join(directory, 'log') });
  await expect(missing).rejects.toMatchObject({ code: 'DAEMON_NOT_STARTED' });
  await symlink('/etc/passwd', join(directory, 'link'));
  await expect(start('', join(directory, 'link'))).rejects.toMatchObject({ code: 'DAEMON_NOT_STARTED' });
});
