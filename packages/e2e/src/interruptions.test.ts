import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from './demo-project.ts';
import type { Installation } from './installation.ts';
import { otherInstallation, sharedInstallation } from './world.ts';

let installation: Installation;
let project: DemoProject;
beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'interruptions');
});
afterAll(() => project.remove());

const follow = (script: string) => installation.start(['task', 'run', project.id, '--prompt', script]);
const ended = (id: string) =>
  eventually(async () =>
    (await project.tasks()).find((task) => task.task_id === id && task.status !== 'running' && task.status !== 'init'),
  );

test('Ctrl-C stops the container, says so in the record and ends with 130; the work is kept', async () => {
  const command = follow('echo begun > begun; sleep 600');
  const task = await project.running();
  command.kill('SIGINT');
  const { exitCode, stderr } = await command;

  expect(exitCode, stderr).toBe(130);
  expect(stderr).toContain('ended: interrupted');
  expect(await ended(task.task_id)).toMatchObject({ status: 'interrupted' });
  expect(await installation.podman(['ps', '--quiet', '--filter', 'status=running'])).toBe('');
  expect(await installation.answer(['task', 'diff', project.id, task.task_id])).toContain('+begun');
});

test('Ctrl-C while the container is only being made leaves no task and no container that runs', async () => {
  const before = (await project.tasks()).length;
  const command = follow('sleep 600');
  command.kill('SIGINT');
  const { exitCode } = await command;

  expect([130, undefined]).toContain(exitCode);
  expect(await installation.podman(['ps', '--quiet', '--filter', 'status=running'])).toBe('');
  expect((await project.tasks()).length - before).toBeLessThanOrEqual(1);
});

test.each(['SIGHUP', 'SIGTERM', 'SIGKILL'] as const)('after %s the task goes on, and its end is known all the same', async (signal) => {
  const command = follow('echo begun; sleep 3; echo late; exit 9');
  const task = await project.running();
  command.kill(signal);
  await command;

  const { exitCode } = await installation.terok(['task', 'wait', project.id, task.task_id]);
  expect(exitCode).toBe(9);
  expect(await ended(task.task_id)).toMatchObject({ status: 'failed', exit_code: 9 });
  expect(await installation.answer(['task', 'logs', project.id, task.task_id])).toContain('late');
});

test('a reader that closes the pipe only detaches', async () => {
  const command = follow('echo one; sleep 2; echo two; sleep 2; exit 5');
  const task = await project.running();
  command.stdout.destroy();
  await command;

  expect(await ended(task.task_id)).toMatchObject({ status: 'failed', exit_code: 5 });
});

test('the time limit ends the agent, with 124', async () => {
  const { exitCode, stderr } = await project.run('sleep 600', '--time-limit', '2s');
  expect(exitCode).toBe(124);
  expect(stderr).toContain('ended: time_limit');
});

test('an agent that exits with 124 by itself did not run out of time', async () => {
  const { exitCode, stderr } = await project.run('exit 124', '--time-limit', '10m');
  expect(exitCode).toBe(124);
  expect(stderr).toContain('ended: agent');
});

test('`task stop` ends a task within its grace and says that somebody asked', async () => {
  const { stdout } = await project.run('sleep 600', '--detach');
  const id = stdout.trim();
  await project.running();
  await installation.answer(['task', 'stop', project.id, id]);
  expect(await ended(id)).toMatchObject({ status: 'stopped' });
  expect((await installation.terok(['task', 'stop', project.id, id])).exitCode).toBe(1);
});

test('six launches at once are six tasks', async () => {
  const launched = await Promise.all([1, 2, 3, 4, 5, 6].map((code) => project.run(`exit ${code}`, '--detach')));
  expect(launched.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
  const ids = launched.map(({ stdout }) => stdout.trim());
  expect(new Set(ids).size).toBe(6);

  const codes = [];
  for (const id of ids) codes.push((await ended(id)).exit_code);
  expect(codes).toEqual([1, 2, 3, 4, 5, 6]);
});

test('Ctrl-C during a setup ends what it started, with 130, and leaves no half of a base', async () => {
  const other = await otherInstallation('interrupted-setup');
  const command = other.start(['setup']);
  const images = join(other.stateRoot, 'images');
  await eventually(async () => ((await readdir(images).catch(() => [])).some((name) => name.endsWith('.partial')) ? true : undefined));
  command.kill('SIGINT');
  const { exitCode, stderr } = await command;

  expect(exitCode, stderr).toBe(130);
  expect(stderr).toContain('The setup was interrupted');
  expect(await readdir(images)).toEqual([]);
  expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(temporaryOf(stderr));
});

/** The folder that the package tool said it works in. */
function temporaryOf(stderr: string): string {
  return /using (\S+) as tempdir/.exec(stderr)?.[1] ?? 'no folder was named';
}
