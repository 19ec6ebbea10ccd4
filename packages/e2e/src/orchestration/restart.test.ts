import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { followTask, getTasks, runCli, taskRestart, taskRun, taskStatus, taskStop } from '@terok/orchestration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { libraryProject, removeProject, type LibraryProject } from './library.ts';

let project: LibraryProject;
beforeAll(async () => {
  project = await libraryProject('restart');
});
afterAll(() => removeProject(project));

const workspaceFile = (taskId: string, name: string) =>
  readFile(join(project.installation.stateRoot, 'tasks', 'restart', taskId, 'workspace', name), 'utf8');
const inside = async (container: string, script: string) => {
  const { exitCode, stdout } = await project.ctx.runtime.exec(container, ['/bin/bash', '-c', script]);
  return { exitCode, said: new TextDecoder().decode(stdout).trim() };
};

test('an interactive task is stopped, started again, and made anew when its container is gone, each time with its work', async () => {
  const { ctx, installation, demo } = project;
  const { taskId, containerName } = await runCli(ctx, 'restart');
  expect(await inside(containerName, 'echo mine > work; git -C /workspace log --format=%s')).toEqual({ exitCode: 0, said: 'first' });

  // SIGTERM ends the main program at once: it does not take the grace.
  await taskStop(ctx, 'restart', taskId, { timeoutSeconds: 600 });
  expect(await taskStatus(ctx, 'restart', taskId)).toMatchObject({
    ended: 'stopped',
    containerState: 'exited',
    task: { status: 'stopped' },
  });

  expect(await taskRestart(ctx, 'restart', taskId)).toMatchObject({ how: 'resumed', containerName });
  expect((await inside(containerName, 'cat work')).said).toBe('mine');
  expect(await taskRestart(ctx, 'restart', taskId, { ensure: true })).toMatchObject({ how: 'left' });

  // Offline, and with the repository moved on: nothing is fetched, nothing is reset.
  await demo.git('commit', '--quiet', '--allow-empty', '--message=later');
  await installation.podman(['rm', '--force', '--time=0', containerName]);
  expect(await taskRestart(ctx, 'restart', taskId)).toMatchObject({ how: 'recreated', reason: 'the container no longer exists' });
  expect((await inside(containerName, 'cat work; git log --format=%s')).said).toBe('mine\nfirst');
  expect(await workspaceFile(taskId, 'work')).toBe('mine\n');
});

test('a headless task that has ended runs again in its own container, and is never made anew', async () => {
  const { ctx, installation } = project;
  const { taskId, containerName } = await taskRun(ctx, 'restart', { agent: 'shell', prompt: 'echo run >> runs; exit $(wc -l < runs)' });
  expect(await followTask(ctx, 'restart', taskId, { write: () => {} })).toMatchObject({ ended: 'agent', exitCode: 1 });
  expect(await taskRestart(ctx, 'restart', taskId)).toMatchObject({ how: 'resumed' });
  expect(await followTask(ctx, 'restart', taskId, { write: () => {} })).toMatchObject({ ended: 'agent', exitCode: 2 });

  await installation.podman(['rm', '--force', '--time=0', containerName]);
  await expect(taskRestart(ctx, 'restart', taskId)).rejects.toMatchObject({ code: 'RESTART_REPLAYS' });
  expect((await getTasks(ctx, 'restart', { live: true })).find((task) => task.taskId === taskId)).toMatchObject({
    status: 'failed',
    exitCode: 2,
    containerState: null,
  });
});
