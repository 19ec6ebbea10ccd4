import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { followTask, getTasks, taskRun, taskStatus } from '@terok/orchestration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../demo-project.ts';
import { libraryProject, removeProject, scratch, type LibraryProject } from './library.ts';

let project: LibraryProject;
let folder: string;
beforeAll(async () => {
  project = await libraryProject('hooks');
  folder = await scratch(project);
});
afterAll(() => removeProject(project));

/** A program of the host that appends what it is told to a file. */
async function hook(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o700);
  return path;
}

test('the hooks of a run are run on the host in their order, and what became of them is told', async () => {
  const { ctx, configure } = project;
  const log = join(folder, 'log');
  const note = await hook('note', `echo "$TEROK_HOOK $TEROK_TASK_MODE $TEROK_ENDED$TEROK_EXIT_CODE \${SECRET_OF_MINE-unset}" >> ${log}`);
  const slow = await hook('slow', `echo slow >> ${log}; echo too slow >&2; sleep 600`);
  await configure(
    `hooks:\n  pre_start: { command: [${note}] }\n  post_start: { command: [${slow}], timeout: 1 }\n  post_ready: { command: [${note}] }\n  post_stop: { command: [${note}] }\n`,
  );
  const said: string[] = [];
  const env = { ...ctx.env, SECRET_OF_MINE: 'x' };
  const { taskId } = await taskRun({ ...ctx, env }, 'hooks', {
    agent: 'shell',
    prompt: 'exit 3',
    onProgress: ({ stage, text }) => void (stage === 'hook' && said.push(text)),
  });
  expect(await followTask({ ...ctx, env }, 'hooks', taskId, { write: () => {} })).toMatchObject({ exitCode: 3 });

  expect(await readFile(log, 'utf8')).toBe('pre_start run  unset\nslow\npost_ready run  unset\npost_stop run agent3 unset\n');
  const { hooks } = await taskStatus(ctx, 'hooks', taskId);
  expect(hooks.map((run) => [run.hook, run.exitCode, run.problem])).toEqual([
    ['pre_start', 0, null],
    ['post_start', null, 'took too long and was ended: too slow'],
    ['post_ready', 0, null],
    ['post_stop', 0, null],
  ]);
  expect(said).toEqual([expect.stringContaining('took too long')]);
});

test('a pre_start that fails leaves nothing of the launch', async () => {
  const { ctx, installation, configure } = project;
  const refuse = await hook('refuse', 'echo "not today" >&2; exit 1');
  await configure(`hooks: { pre_start: { command: [${refuse}] } }\n`);
  const before = await getTasks(ctx, 'hooks');
  const containers = () => installation.podman(['ps', '--all', '--format={{.Names}}']);
  const there = await containers();
  await expect(taskRun(ctx, 'hooks', { agent: 'shell', prompt: 'true' })).rejects.toMatchObject({
    code: 'HOOK_FAILED',
    message: expect.stringContaining('not today') as string,
  });
  expect(await getTasks(ctx, 'hooks')).toEqual(before);
  expect(await containers()).toBe(there);
});

test('a post_stop during which terok was killed is run again by the next look, and then no more', async () => {
  const { ctx, installation, configure } = project;
  const log = join(folder, 'stops');
  const once = await hook('once', `echo "$TEROK_EXIT_CODE $$" >> ${log}\n[ "$(wc -l < ${log})" -gt 1 ] || exec sleep 600`);
  await configure(`hooks: { post_stop: { command: [${once}], timeout: 600 } }\n`);
  const before = new Set((await getTasks(ctx, 'hooks')).map(({ taskId }) => taskId));
  const started = installation.start(['task', 'run', 'hooks', '--agent', 'shell', '--prompt', 'exit 3']);
  const begun = await eventually(async () => /^3 (\d+)\n$/.exec(await readFile(log, 'utf8').catch(() => ''))?.[1]);
  if (started.pid === undefined) throw new Error('terok was not started');
  process.kill(started.pid, 'SIGKILL');
  await started;
  process.kill(Number(begun), 'SIGKILL');

  const taskId = (await getTasks(ctx, 'hooks')).map((task) => task.taskId).find((id) => !before.has(id)) ?? '';
  const lastHook = async () => (await taskStatus(ctx, 'hooks', taskId)).hooks.at(-1);
  expect(await lastHook()).toMatchObject({ hook: 'post_stop', exitCode: 0, problem: null, tries: 2 });
  await lastHook();
  expect((await readFile(log, 'utf8')).replaceAll(/\d+$/gm, 'PID')).toBe('3 PID\n3 PID\n');
});
