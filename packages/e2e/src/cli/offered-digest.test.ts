/** The digest that is shown by itself, at real terminals, by a real daemon. */
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer, connect, type Server } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { atTerminal } from './terminal.ts';

let installation: Installation;
let project: DemoProject;
let runtime: string;
const told = 'failed    offered/';
const list = ['project', 'list'] as const;

beforeAll(async () => {
  installation = await otherInstallation('offered-digest');
  await shareBase(await sharedInstallation(), installation);
  await installation.answer(['setup']);
  project = await demoProject(installation, 'offered');
  runtime = join(installation.directory, 'runtime');
  await installation.answer(['daemon', 'start'], { environment: { TEROK_RUNTIME_DIR: runtime } });
  await project.run('exit 3');
  await eventually(async () => ((await piped('digest', '--json')).stdout.includes('"failed"') ? true : undefined));
});
afterAll(async () => {
  await installation.answer(['daemon', 'stop'], { environment: { TEROK_RUNTIME_DIR: runtime } });
  await project.remove();
  await installation.answer(['uninstall', '--purge', '--yes']);
});

const piped = (...words: readonly string[]) => installation.terok(words, { environment: { TEROK_RUNTIME_DIR: runtime } });
const shown = async (...words: readonly string[]) =>
  (await atTerminal(installation, words, { environment: { TEROK_RUNTIME_DIR: runtime } })).shown;

test('it is not shown in a pipe, not beside JSON, and not by what told of the task itself', async () => {
  const inPipe = await piped(...list);
  expect(`${inPipe.stdout}${inPipe.stderr}`).not.toContain(told);
  expect(await shown(...list, '--json')).not.toContain(told);
  expect(await shown('task', 'wait', 'offered', (await project.tasks())[0]?.task_id ?? '')).not.toContain(told);
});

test('a crash between the showing and the word that it was seen shows it again; then it is shown once', async () => {
  const between = await dyingBeforeAck();
  try {
    const dead = await atTerminal(installation, list, { environment: { TEROK_RUNTIME_DIR: between.runtime }, pidFile: between.pidFile });
    expect(dead.shown).toContain(told);
    expect(dead.exitCode).not.toBe(0);
    expect(between.cut()).toBe(1);
  } finally {
    between.server.close();
  }

  expect(await shown(...list)).toContain(told);
  expect(await shown(...list)).not.toContain(told);
  expect(await shown('digest')).toMatch(/^Nothing new\. The last one was:\nSince [\s\S]*failed {4}offered\//);
});

/** A socket before the daemon's: it hands on everything, but at the word that the digest was seen, whoever says it is killed instead. */
async function dyingBeforeAck(): Promise<{
  readonly runtime: string;
  readonly pidFile: string;
  readonly server: Server;
  readonly cut: () => number;
}> {
  const [own = ''] = await readdir(runtime);
  const before = join(installation.directory, 'before');
  await mkdir(join(before, own), { recursive: true, mode: 0o700 });
  await chmod(before, 0o700);
  const pidFile = join(before, 'pid');
  let cut = 0;
  const server = createServer((client) => {
    const daemon = connect(join(runtime, own, 'daemon.sock'));
    daemon.pipe(client);
    for (const socket of [client, daemon]) socket.on('error', () => undefined).on('close', () => (client.destroy(), daemon.destroy()));
    client.on('data', (bytes) => {
      if (!bytes.toString().includes('"ack"')) return void daemon.write(bytes);
      cut += 1;
      void readFile(pidFile, 'utf8').then((pid) => process.kill(Number(pid), 'SIGKILL'));
    });
  });
  await new Promise<void>((resolve) => server.listen(join(before, own, 'daemon.sock'), resolve));
  return { runtime: before, pidFile, server, cut: () => cut };
}
