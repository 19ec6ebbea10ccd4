/** Verbs that only a real engine, a real repository and a real terminal show to work. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { shownAfterTyping } from './shells.ts';
import { personsEnvironment } from './terminal.ts';

const cli = fileURLToPath(new URL('../../../cli/dist/bin.js', import.meta.url));
let installation: Installation;
let project: DemoProject;

beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'verbs');
});
afterAll(() => project.remove());

const answered = async (...args: readonly string[]): Promise<unknown> => JSON.parse(await installation.answer([...args, '--json']));

test('a task is renamed, gone on with, deleted, shown and restored', async () => {
  const script = 'echo one > made && git add made && git commit --quiet --message=made && echo two > left';
  const first = await installation.terok(['run', 'verbs', '--agent', 'shell', '--prompt', script, '--json']);
  const { task_id: taskId } = JSON.parse(first.stdout) as { readonly task_id: string };
  expect(await answered('task', 'rename', `verbs/${taskId}`, 'the-one')).toMatchObject({ name: 'the-one' });

  const again = await installation.terok(['task', 'follow-up', 'verbs', taskId, '--prompt', 'cat made left; exit 7']);
  expect(again).toMatchObject({ exitCode: 7, stdout: expect.stringContaining('one\ntwo') as string });

  await installation.answer(['rm', 'verbs', taskId]);
  expect(await answered('task', 'archive', 'show', 'verbs', taskId)).toMatchObject({ name: 'the-one', exit_code: 7 });

  const { task_id: restored } = (await answered('task', 'archive', 'restore', 'verbs', taskId)) as { readonly task_id: string };
  const later = await installation.terok(['task', 'follow-up', 'verbs', restored, '--prompt', 'cat made left']);
  expect(later).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('one\ntwo') as string });

  await installation.answer(['task', 'archive', 'restore', 'verbs', taskId, '--branch', 'from-archive']);
  expect(await project.git('show', 'from-archive:made')).toBe('one');
});

test('people come into a container, leave it, and find it as it was', async () => {
  const taskId = (await installation.answer(['task', 'run', 'verbs', '--interactive', '--detach'])).trim();
  const terminal = {
    shell: [process.execPath, cli, 'login', 'verbs', taskId],
    env: personsEnvironment(installation),
    cwd: installation.directory,
  };
  expect(await shownAfterTyping(terminal, ['echo in-$((40 + 2)) | tee /workspace/by-hand\n'], 'in-42')).toContain('in-42');

  await installation.answer(['stop', 'verbs', taskId, '--timeout', '1s']);
  expect(await answered('task', 'restart', 'verbs', taskId)).toMatchObject({ how: 'resumed' });
  expect(await shownAfterTyping(terminal, ['tr a-z A-Z < /workspace/by-hand\n'], 'IN-42')).toContain('IN-42');
  await installation.answer(['stop', 'verbs', taskId, '--timeout', '1s']);
});

test('a panic keeps tasks from starting until it is over', async () => {
  await installation.answer(['panic', 'now']);
  try {
    const refused = await project.run('true');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('terok panic clear');
  } finally {
    await installation.answer(['panic', 'clear']);
  }
  expect(await project.run('true')).toMatchObject({ exitCode: 0 });
});

test('what everything takes is measured, and what records say agrees with what there is', async () => {
  const { projects } = (await answered('storage')) as {
    readonly projects: readonly { readonly project_id: string; readonly total_bytes: number }[];
  };
  expect(projects.find(({ project_id }) => project_id === 'verbs')?.total_bytes).toBeGreaterThan(0);

  const { stdout } = await installation.terok(['doctor', '--fix', '--json']);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly id: string; readonly status: string }[] };
  expect(findings.find(({ id }) => id === 'tasks')?.status).toBe('ok');
  expect(findings.find(({ id }) => id === 'setup')?.status).toBe('ok');
});

test('what was set up is taken back, and can be set up again', async () => {
  const other = await otherInstallation('uninstalled');
  const there = () =>
    access(join(other.stateRoot, 'setup.stamp')).then(
      () => true,
      () => false,
    );
  await other.answer(['setup', '--no-images']);
  expect(await there()).toBe(true);
  expect(JSON.parse(await other.answer(['uninstall', '--yes', '--json']))).toMatchObject({ purged: false, kept: [] });
  expect(await there()).toBe(false);
  expect(await other.terok(['task', 'run', 'demo', '--prompt', 'true'])).toMatchObject({ exitCode: 3 });
});
