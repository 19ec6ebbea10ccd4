import type { Command } from '@terok/executor';
import { describe, expect, test } from 'vitest';
import { followTask } from '../runners/follow-task.ts';
import { taskRun } from '../runners/run-task.ts';
import { loadTaskMeta } from '../tasks/meta.ts';
import { taskNew } from '../tasks/new-task.ts';
import { getTasks } from '../tasks/query.ts';
import { reconcileProject } from '../tasks/reconcile.ts';
import { taskStatus } from '../tasks/status.ts';
import { taskStop } from '../tasks/stop.ts';
import { memoryGit, memoryWorld, projectFile, scriptedPrograms, type MemoryWorld } from '../testing/memory-world.ts';
import { hookRuns, withHookRun, type HookRun } from './hook-run.ts';

const order = { prompt: 'echo', agent: 'shell' };
type Answer = { readonly exitCode?: number; readonly stderr?: string };

/** A host on which `/hook NAME` answers as told, and git as ever. */
async function hookedWorld(answers: Readonly<Record<string, Answer>> = {}) {
  const started: Command[] = [];
  const world = await memoryWorld();
  const git = memoryGit(world.files);
  const hooks = scriptedPrograms(async (command) => {
    started.push(command);
    return answers[command.args[0] ?? ''] ?? {};
  });
  const ctx = {
    ...world.ctx,
    processes: { ...git, run: (command: Command) => (command.binary === '/hook' ? hooks.run(command) : git.run(command)) },
  };
  const names = ['pre_start', 'post_start', 'post_ready', 'post_stop'];
  const lines = names.map((name) => `  ${name}: { command: [/hook, ${name}], timeout: 7 }`);
  await world.files.replace(projectFile, `repository: /repositories/demo\nhooks:\n${lines.join('\n')}\n`);
  return { ...world, ctx, started };
}

const names = (started: readonly Command[]) => started.map(({ args }) => args[0]);

describe('the hooks of a launch', () => {
  test('are run in their order, each once, and what became of them is in the record and in the status', async () => {
    const world = await hookedWorld({ post_start: { exitCode: 3, stderr: 'first\nno \u001b[31mroom\n' } });
    const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
    expect(names(world.started)).toEqual(['pre_start', 'post_start']);

    await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
    world.runtime.finish(containerName, 0);
    await followTask(world.ctx, 'demo', taskId, { write: () => {} });
    await reconcileProject(world.ctx, 'demo');
    expect(names(world.started)).toEqual(['pre_start', 'post_start', 'post_stop']);
    const { hooks } = await taskStatus(world.ctx, 'demo', taskId);
    expect(hooks.map(({ hook, exitCode, problem }) => [hook, exitCode, problem])).toEqual([
      ['pre_start', 0, null],
      ['post_start', 3, 'ended with 3: no room'],
      ['post_stop', 0, null],
    ]);
  });

  test('are told what they are for, have a deadline, and see nothing else of the caller`s environment', async () => {
    const world = await hookedWorld();
    const ctx = { ...world.ctx, env: { ...world.ctx.env, MY_TOKEN: 'secret' } };
    const { taskId, containerName } = await taskRun(ctx, 'demo', order);
    await taskStop(ctx, 'demo', taskId);
    expect(world.started.map(({ timeoutMs, cwd }) => [timeoutMs, cwd])).toEqual([
      [7000, '/config/projects/demo'],
      [7000, '/config/projects/demo'],
      [7000, '/config/projects/demo'],
    ]);
    expect(world.started.at(-1)?.env).toEqual({
      PATH: '/usr/bin',
      HOME: '/home/user',
      LC_ALL: 'C.UTF-8',
      TEROK_HOOK: 'post_stop',
      TEROK_PROJECT_NAME: 'demo',
      TEROK_TASK_ID: taskId,
      TEROK_TASK_MODE: 'run',
      TEROK_CONTAINER_NAME: containerName,
      TEROK_TASK_DIR: `/state/tasks/demo/${taskId}`,
      TEROK_ENDED: 'stopped',
      TEROK_EXIT_CODE: '143',
    });
  });

  test('a pre_start that fails stops the launch: nothing was made and nothing is left', async () => {
    const world = await hookedWorld({ pre_start: { exitCode: 1, stderr: 'the VPN is down\n' } });
    await expect(taskRun(world.ctx, 'demo', order)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining('the VPN is down') as string,
    });
    expect(await getTasks(world.ctx, 'demo')).toEqual([]);
    expect(await world.files.list('/state/tasks/demo')).toEqual([]);
    expect(world.runtime.calls.map(({ verb }) => verb)).not.toContain('create');
    expect(names(world.started)).toEqual(['pre_start']);
  });

  test('a task that was there before stays as it was, and says which hook failed', async () => {
    const world = await hookedWorld({ pre_start: { exitCode: 1 } });
    const taskId = await taskNew(world.ctx, 'demo');
    await expect(taskRun(world.ctx, 'demo', { ...order, taskId })).rejects.toMatchObject({ code: 'HOOK_FAILED' });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ taskId, status: 'created', mode: null }]);
    const { record } = await loadTaskMeta(world.ctx, 'demo', taskId);
    expect(hookRuns(record.hooks)).toMatchObject([{ hook: 'pre_start', exitCode: 1, problem: 'ended with 1' }]);
  });

  test('a hook during which this program died is shown as one that was begun', async () => {
    const world = await hookedWorld();
    const died = new Error('killed');
    const ctx = { ...world.ctx, processes: { ...world.ctx.processes, run: () => Promise.reject(died) } };
    const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
    world.runtime.finish(containerName, 0);
    await expect(reconcileProject(ctx, 'demo')).rejects.toBe(died);
    expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
    const { hooks } = await taskStatus(world.ctx, 'demo', taskId);
    expect(hooks.at(-1)).toMatchObject({ hook: 'post_stop', startedAt: expect.any(String) as string, finishedAt: null });
  });
});

test('a project without hooks has nothing run and nothing recorded', async () => {
  const world: MemoryWorld = await memoryWorld();
  const { taskId } = await taskRun(world.ctx, 'demo', order);
  await taskStop(world.ctx, 'demo', taskId);
  expect((await loadTaskMeta(world.ctx, 'demo', taskId)).record).not.toHaveProperty('hooks');
});

describe('what is kept of hooks', () => {
  const run: HookRun = { hook: 'pre_start', generation: 'a', startedAt: 'then', finishedAt: null, exitCode: null, problem: null };

  test('one entry for a hook of a start, the newest twenty', () => {
    let kept: unknown = undefined;
    for (let count = 0; count < 30; count++) kept = withHookRun(kept, { ...run, generation: String(count) });
    kept = withHookRun(kept, { ...run, generation: '29', finishedAt: 'now', exitCode: 0 });
    const runs = hookRuns(kept);
    expect(runs.map(({ generation }) => generation)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 10)));
    expect(runs.at(-1)).toEqual({ ...run, generation: '29', finishedAt: 'now', exitCode: 0 });
  });

  test.each([undefined, null, 'x', { hook: 'pre_start' }, [7, null, { hook: 'other' }]])('%j tells of none', (kept) => {
    expect(hookRuns(kept)).toEqual([]);
  });
});
