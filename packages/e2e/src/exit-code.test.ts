import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Installation } from './installation.ts';
import { sharedInstallation } from './world.ts';

let installation: Installation;
beforeAll(async () => {
  installation = await sharedInstallation();
  const repository = await mkdtemp(join(installation.directory, 'repository-'));
  const git = (...args: readonly string[]) =>
    execa('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(repository, 'file'), 'text\n');
  await git('add', 'file');
  await git('commit', '--quiet', '--message=first');
  await installation.answer(['project', 'add', 'exits', repository]);
});
afterAll(async () => {
  const { tasks } = JSON.parse(await installation.answer(['task', 'list', 'exits', '--json'])) as {
    readonly tasks: readonly { readonly task_id: string }[];
  };
  for (const { task_id } of tasks) await installation.answer(['task', 'delete', 'exits', task_id]);
  await installation.answer(['project', 'remove', 'exits', '--yes']);
});

test.each([0, 1, 7, 42])('the exit code of `task run` is the agent’s: %i', async (code) => {
  const { stdout, stderr, exitCode } = await installation.terok([
    'task',
    'run',
    'exits',
    '--agent',
    'shell',
    '--prompt',
    `echo said; exit ${code}`,
  ]);
  expect(exitCode, stderr).toBe(code);
  expect(stdout).toContain('said');
  expect(stderr).toContain(`ended: agent, exit code ${code}`);
});
