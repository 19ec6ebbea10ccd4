/** One digest and several people, or one at several terminals: it is shown once, and to nobody who left before it stood there. */
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal } from '../cli/terminal.ts';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';

let installation: Installation;
let project: DemoProject;
let runtime: string;
const told = 'failed    claimed/';

beforeAll(async () => {
  installation = await otherInstallation('claimed-digest');
  await shareBase(await sharedInstallation(), installation);
  await installation.answer(['setup']);
  project = await demoProject(installation, 'claimed');
  runtime = join(installation.directory, 'runtime');
  await installation.answer(['daemon', 'start'], { environment: { TEROK_RUNTIME_DIR: runtime } });
  await project.run('exit 3');
  await eventually(async () => {
    const { stdout } = await installation.terok(['digest', '--json'], { environment: { TEROK_RUNTIME_DIR: runtime } });
    return stdout.includes('"failed"') ? true : undefined;
  });
});
afterAll(async () => {
  await installation.answer(['daemon', 'stop'], { environment: { TEROK_RUNTIME_DIR: runtime } });
  await project.remove();
});

async function isShown(): Promise<boolean> {
  const { shown } = await atTerminal(installation, ['project', 'list'], { environment: { TEROK_RUNTIME_DIR: runtime } });
  return shown.includes(told);
}

test('a terminal that goes away before it stood there gives it back, and of six commands at once one shows it', async () => {
  await using between = await closingTerminalAtClaim();
  const gone = await atTerminal(installation, ['project', 'list'], {
    environment: { TEROK_RUNTIME_DIR: between.runtime },
    pidFile: between.pidFile,
  });
  await between.closed();
  expect(gone.shown).not.toContain(told);

  let times = (await Promise.all(Array.from({ length: 6 }, isShown))).filter(Boolean).length;
  // A command waits for a digest no longer than half a second: on a busy machine all six may go without.
  times += await eventually(async () => (times > 0 ? 0 : (await isShown()) ? 1 : undefined));
  expect(times).toBe(1);
  expect(await isShown()).toBe(false);
});

/** A socket before the daemon's: it hands on everything, but when a digest was claimed, the terminal is closed before the answer comes. */
async function closingTerminalAtClaim() {
  const [own = ''] = await readdir(runtime);
  const before = join(installation.directory, 'before');
  await mkdir(join(before, own), { recursive: true, mode: 0o700 });
  await chmod(before, 0o700);
  const pidFile = join(before, 'pid');
  let closing: Promise<void> | null = null;
  const server = createServer((client) => {
    const daemon = connect(join(runtime, own, 'daemon.sock'));
    for (const socket of [client, daemon]) socket.on('error', () => undefined).on('close', () => (client.destroy(), daemon.destroy()));
    client.pipe(daemon);
    let claims = false;
    client.on('data', (bytes) => (claims ||= bytes.toString().includes('"claim-digest"')));
    daemon.on('data', (bytes) => {
      if (!claims) return void client.write(bytes);
      // The answer may come in parts: each goes on when there is nobody any more to read it.
      closing ??= closeTerminal(pidFile);
      void closing.finally(() => client.write(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(join(before, own, 'daemon.sock'), resolve));
  return {
    runtime: before,
    pidFile,
    closed: async () => {
      if (closing === null) throw new Error('no digest was claimed');
      await closing;
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Ends the program that made the terminal of what runs at it. */
async function closeTerminal(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8'));
  const parent = /^PPid:\s*(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (parent === undefined) throw new Error(`process ${pid} has no parent`);
  process.kill(Number(parent), 'SIGKILL');
}
