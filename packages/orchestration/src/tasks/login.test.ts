import type { ProcessEnd } from '@terok/executor';
import { TerokError } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import { memoryWorld } from '../testing/memory-world.ts';
import { getLoginCommand, taskLogin } from './login.ts';
import { taskNew } from './new-task.ts';

async function runningTask() {
  const world = await memoryWorld();
  const { taskId, containerName } = await taskRun(world.ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  const opened: (readonly string[])[] = [];
  const ends: ProcessEnd[] = [];
  const podman = {
    ...world.ctx.podman,
    onTerminal: async (args: readonly string[]) => {
      opened.push(args);
      return ends.shift() ?? { kind: 'exited' as const, exitCode: 0 };
    },
  };
  return { ...world, ctx: { ...world.ctx, podman }, id: taskId, name: containerName, opened, ends };
}

test('a login is a tmux session in the running container, and what is told is what is done', async () => {
  const { ctx, id, name, opened } = await runningTask();
  expect(await taskLogin(ctx, 'demo', id)).toBe(0);
  expect(opened).toEqual([['exec', '--interactive', '--tty', '--detach-keys=', '--', name, 'tmux', 'new-session', '-A', '-s', 'main']]);
  expect(await getLoginCommand(ctx, 'demo', id)).toEqual(['podman', ...(opened[0] ?? [])]);
});

test('its exit code is the shell`s; a terminal that is lost is an error', async () => {
  const { ctx, id, ends } = await runningTask();
  ends.push({ kind: 'exited', exitCode: 7 }, { kind: 'killed', signal: 'SIGKILL' });
  expect(await taskLogin(ctx, 'demo', id)).toBe(7);
  await expect(taskLogin(ctx, 'demo', id)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
});

const codeOf = (error: unknown): string => (error instanceof TerokError ? error.code : 'no error of ours');

test('four that cannot be logged into are told apart, and no terminal is opened', async () => {
  const { ctx, id, name, runtime, opened } = await runningTask();
  const code = (taskId: string) => taskLogin(ctx, 'demo', taskId).then(String, codeOf);
  const codes = [await code('g0000'), await code(await taskNew(ctx, 'demo'))];
  runtime.pause(name);
  codes.push(await code(id));
  runtime.finish(name, 0);
  codes.push(await code(id));
  await runtime.remove([name]);
  codes.push(await code(id));
  runtime.failing = true;
  codes.push(await code(id));
  expect(codes).toEqual([
    'TASK_NOT_FOUND',
    'TASK_NEVER_RUN',
    'TASK_NOT_RUNNING',
    'TASK_NOT_RUNNING',
    'TASK_NO_CONTAINER',
    'CONTAINERS_UNKNOWN',
  ]);
  expect(opened).toEqual([]);
});
