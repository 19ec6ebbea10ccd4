/** The verbs of the lifecycle daemon, with a daemon that runs, on real podman. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';

let installation: Installation;
let project: DemoProject;
let daemon: ReturnType<Installation['start']>;

const json = async (...words: readonly string[]): Promise<unknown> => JSON.parse(await installation.answer([...words, '--json']));
const status = async (): Promise<Record<string, unknown>> =>
  JSON.parse((await installation.terok(['daemon', 'status', '--json'])).stdout) as Record<string, unknown>;

beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'daemon-verbs');
  daemon = installation.start(['daemon', 'run']);
  await eventually(async () => ((await status())['running'] === true ? true : undefined));
});
afterAll(async () => {
  daemon.kill('SIGTERM');
  await daemon;
  await project.remove();
});

test('it says that it runs, and a second one is refused with the process of the first', async () => {
  expect(await status()).toMatchObject({ running: true, state: 'WAKE', resident: true, pid: daemon.pid, troubles: [] });
  const second = await installation.terok(['daemon', 'run']);
  expect(second.exitCode).toBe(5);
  expect(second.stderr).toContain(String(daemon.pid));
});

test('a pause and a lease keep it awake until they are ended', async () => {
  expect(await json('daemon', 'pause', '--for', '1h')).toMatchObject({ paused_until: expect.stringContaining('T') as string });
  const { stderr, exitCode } = await installation.terok(['daemon', 'sleep']);
  expect(exitCode, stderr).toBe(1);
  expect(stderr).toContain('The house cannot sleep now: paused until');
  expect(await json('daemon', 'resume')).toEqual({ was_paused: true });

  const lease = (await json('daemon', 'keep-awake', '--for', '1h', '--reason', 'a restore')) as { readonly lease: string };
  expect(await status()).toMatchObject({ leases: [{ lease: lease.lease, reason: 'a restore' }] });
  expect(await json('daemon', 'release', lease.lease)).toEqual({ released: true });
  expect(await status()).toMatchObject({ leases: [] });
});

test('a container that runs keeps it awake; when it has ended the house sleeps, does its steps, and wakes', async () => {
  const { stdout } = await project.run('sleep 600', '--detach');
  await project.running();
  const refused = await installation.terok(['daemon', 'sleep']);
  expect(refused.stderr).toContain(`task ${project.id}/${stdout.trim()} is running`);
  await installation.answer(['task', 'stop', project.id, stdout.trim()]);

  expect(await eventually(async () => ((await installation.terok(['daemon', 'sleep'])).exitCode === 0 ? true : undefined))).toBe(true);
  const events = await eventually(async () => {
    const lines = (await installation.answer(['daemon', 'logs', '--json'])).trim().split('\n');
    const read = lines.map((line) => JSON.parse(line) as { readonly event: string; readonly step?: string; readonly error?: string });
    return read.some(({ event }) => event === 'sleep_cycle_completed') ? read : undefined;
  });
  const done = events.filter(({ event, error }) => event === 'sleep_step_completed' && error === undefined).map(({ step }) => step);
  expect(done).toEqual(['reconcile-tasks', 'orphans', 'logs', 'archive', 'images', 'state-hygiene', 'health']);
  expect(await json('daemon', 'wake')).toEqual({ woken: 'told' });
  expect(await status()).toMatchObject({ state: 'WAKE' });
});

test('steps are listed, tried without doing anything, and released', async () => {
  expect(await json('daemon', 'steps', 'list')).toMatchObject({
    steps: Array.from({ length: 7 }, (_, at) => ({ number: at + 1, failures: 0, until: null })),
  });
  expect(await json('daemon', 'steps', 'run', 'images', '--dry-run')).toMatchObject({
    step: 'images',
    dry_run: true,
    outcome: 'completed',
  });
  expect(await json('daemon', 'steps', 'reset')).toEqual({ lifted: [] });
});

test('the digest tells what became of the task, stays until it was seen, and is there again afterwards', async () => {
  const told = await eventually(async () => {
    const { digest } = (await json('digest')) as {
      readonly digest: { readonly digest_id: string; readonly tasks: { readonly items: readonly object[] } } | null;
    };
    return digest === null || digest.tasks.items.length === 0 ? undefined : digest;
  });
  expect(told.tasks.items).toContainEqual(expect.objectContaining({ project: project.id, status: 'stopped' }));
  expect(await status()).toMatchObject({ digest: told.digest_id });
  expect(await installation.answer(['digest', '--ack'])).toContain(`${project.id}/`);
  expect(await status()).toMatchObject({ digest: null });
  const again = await installation.terok(['digest']);
  expect(again.stderr).toContain('Nothing new. The last one was:');
  expect(again.stdout).toContain(`${project.id}/`);
});

test('its log is followed while it speaks, until Ctrl-C', async () => {
  const follower = installation.start(['daemon', 'logs', '--follow']);
  let seen = '';
  follower.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  await eventually(async () => (seen.includes('daemon_started') ? true : undefined));
  await installation.answer(['daemon', 'pause', '--for', '5m']);
  await eventually(async () => (/\bpaused\b/.test(seen) ? true : undefined));
  follower.kill('SIGINT');
  expect((await follower).exitCode).toBe(130);
  for (const line of seen.trim().split('\n')) expect(line).toMatch(/^20\d\d-\S+T\S+  \w+/);
  expect(seen.match(/daemon_started/g)).toHaveLength(1);
  await installation.answer(['daemon', 'resume']);
});

test('it ends when it is told to, and the commands say that none runs', async () => {
  await installation.answer(['daemon', 'stop']);
  expect((await daemon).exitCode).toBe(0);
  expect(await installation.terok(['daemon', 'status'])).toMatchObject({ exitCode: 1 });
  expect(await json('daemon', 'wake')).toEqual({ woken: 'marked' });
  expect((await installation.terok(['daemon', 'pause', '--for', '1h'])).stderr).toContain('terok daemon start');
});

test('`daemon start` runs one that outlives the command, and finds the one that runs', async () => {
  const first = (await json('daemon', 'start')) as { readonly pid: number; readonly started: boolean };
  expect(first.started).toBe(true);
  expect(await json('daemon', 'start')).toEqual({ pid: first.pid, started: false });
  expect(await status()).toMatchObject({ running: true, resident: true, pid: first.pid });
  process.kill(first.pid, 'SIGKILL');
  await eventually(async () => ((await status())['running'] === false ? true : undefined));

  const next = (await json('daemon', 'start')) as { readonly pid: number; readonly started: boolean };
  expect(next.started).toBe(true);
  await installation.answer(['daemon', 'stop']);
});

test('systemd is told to start it and to forget it again, with the paths of this installation', async () => {
  const programs = join(installation.directory, 'systemd-programs');
  const home = join(installation.directory, 'systemd-home');
  const said = join(installation.directory, 'systemd-said');
  await mkdir(programs);
  for (const name of ['systemctl', 'loginctl'])
    await writeFile(join(programs, name), `#!/bin/sh\necho "${name} $*" >> '${said}'\n`, { mode: 0o755 });
  const asPerson = { path: `${programs}:${process.env['PATH']}`, environment: { XDG_CONFIG_HOME: home } };

  await installation.answer(['daemon', 'install'], asPerson);
  const units = join(home, 'systemd', 'user');
  const [path = '', service = '', socket = ''] = (await readdir(units)).toSorted();
  const unit = await readFile(join(units, service), 'utf8');
  expect(unit).toContain(`TEROK_ROOT=${installation.stateRoot}`);
  expect(unit).toMatch(/^ExecStart="\/\S+node"( "--[a-z-]+(=\d+)?")* "\/\S+bin\.js" "daemon" "run"$/m);
  expect((await readFile(said, 'utf8')).trim().split('\n')).toEqual([
    'systemctl --user daemon-reload',
    `systemctl --user stop ${service}`,
    `systemctl --user enable ${socket} ${path}`,
    `systemctl --user restart ${socket} ${path}`,
    'loginctl enable-linger',
  ]);

  await installation.answer(['daemon', 'uninstall'], asPerson);
  expect(await readdir(units)).toEqual([]);
});
