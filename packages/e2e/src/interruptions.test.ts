import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
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

/** A task that is followed: `first` is done, and `script` has said nothing yet. */
async function begun(script: string, first = ':') {
  const command = follow(`${first}; echo "begun $TASK_ID"; ${script}`);
  const over = command.then(({ stderr }) => {
    throw new Error(`the task ended before it began:\n${stderr}`);
  });
  const id = await Promise.race([said(command.stdout, /^begun (\w+)$/m), over]);
  return { command, id };
}

/** What the pattern's brackets find in what a stream says, as soon as it is there. */
const said = (stream: Readable, pattern: RegExp): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer | string) => {
      text += chunk.toString();
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });

/** In a script: goes on when the test says so, however long that takes. */
const until = (name: string) => `until [ -e ${name} ]; do sleep 0.1; done`;
const letGoOn = (id: string, name: string) => writeFile(join(installation.stateRoot, 'tasks', project.id, id, 'workspace', name), '');

const wait = (id: string) => installation.terok(['task', 'wait', project.id, id]);
const listed = async (id: string) => (await project.tasks()).find((task) => task.task_id === id);

test('Ctrl-C stops the container, says so in the record and ends with 130; the work is kept', async () => {
  const { command, id } = await begun('sleep 600', 'echo begun > begun');
  command.kill('SIGINT');
  const { exitCode, stderr } = await command;

  expect(exitCode, stderr).toBe(130);
  expect(stderr).toContain('ended: interrupted');
  expect(await listed(id)).toMatchObject({ status: 'interrupted' });
  expect(await installation.podman(['ps', '--quiet', '--filter', 'status=running'])).toBe('');
  expect(await installation.answer(['task', 'diff', project.id, id])).toContain('+begun');
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

test.concurrent.each(['SIGHUP', 'SIGTERM', 'SIGKILL'] as const)(
  'after %s the task goes on, and its end is known all the same',
  async (signal) => {
    const { command, id } = await begun(`${until('go')}; echo late; exit 9`);
    command.kill(signal);
    await command;
    await letGoOn(id, 'go');

    expect((await wait(id)).exitCode).toBe(9);
    expect(await listed(id)).toMatchObject({ status: 'failed', exit_code: 9 });
    expect(await installation.answer(['task', 'logs', project.id, id])).toContain('late');
  },
);

test.concurrent('a reader that closes the pipe only detaches', async () => {
  const { command, id } = await begun(`${until('reader-gone')}; echo two; ${until('command-gone')}; exit 5`);
  command.stdout.destroy();
  await letGoOn(id, 'reader-gone');
  await command;
  await letGoOn(id, 'command-gone');

  await wait(id);
  expect(await listed(id)).toMatchObject({ status: 'failed', exit_code: 5 });
});

test.concurrent('the time limit ends the agent, with 124', async () => {
  const { exitCode, stderr } = await project.run('sleep 600', '--time-limit', '2s');
  expect(exitCode).toBe(124);
  expect(stderr).toContain('ended: time_limit');
});

test.concurrent('an agent that exits with 124 by itself did not run out of time', async () => {
  const { exitCode, stderr } = await project.run('exit 124', '--time-limit', '10m');
  expect(exitCode).toBe(124);
  expect(stderr).toContain('ended: agent');
});

test.concurrent('`task stop` ends a task within its grace and says that somebody asked', async () => {
  const { stdout } = await project.run('sleep 600', '--detach');
  const id = stdout.trim();
  await eventually(async () => ((await listed(id))?.status === 'running' ? true : undefined));
  await installation.answer(['task', 'stop', project.id, id]);
  expect(await listed(id)).toMatchObject({ status: 'stopped' });
  expect((await installation.terok(['task', 'stop', project.id, id])).exitCode).toBe(1);
});

test.concurrent('Ctrl-C during a setup ends what it started, with 130, and leaves no half of a base', async () => {
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

test('six launches at once are six tasks', async () => {
  const launched = await Promise.all([1, 2, 3, 4, 5, 6].map((code) => project.run(`exit ${code}`, '--detach')));
  expect(launched.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
  const ids = launched.map(({ stdout }) => stdout.trim());
  expect(new Set(ids).size).toBe(6);

  await Promise.all(ids.map(wait));
  const tasks = await project.tasks();
  expect(ids.map((id) => tasks.find(({ task_id }) => task_id === id)?.exit_code)).toEqual([1, 2, 3, 4, 5, 6]);
});

/** The folder that the package tool said it works in. */
function temporaryOf(stderr: string): string {
  return /using (\S+) as tempdir/.exec(stderr)?.[1] ?? 'no folder was named';
}
