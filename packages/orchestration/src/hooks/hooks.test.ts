import type { Command } from '@terok/executor';
import { memoryFiles, PowerCut, reboot, type MemoryFiles } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { followTask } from '../runners/follow-task.ts';
import { taskRun } from '../runners/run-task.ts';
import type { TaskContext } from '../task-context.ts';
import { taskDelete } from '../tasks/lifecycle.ts';
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
});

describe('a post_stop that was cut short', () => {
  /** A task that has ended, and of which nobody knows yet. */
  async function endedTask() {
    const world = await hookedWorld();
    const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
    await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
    world.runtime.finish(containerName, 3);
    return { ...world, taskId };
  }
  const stops = (started: readonly Command[]) => names(started).filter((name) => name === 'post_stop').length;
  const lastHook = async ({ ctx }: Pick<MemoryWorld, 'ctx'>, taskId: string) => (await taskStatus(ctx, 'demo', taskId)).hooks.at(-1);

  test('is begun again by whoever looks next, told the same, and no more when it has come to its end', async () => {
    const { ctx, started, taskId } = await endedTask();
    const died = new Error('killed');
    const dying = { ...ctx, processes: { ...ctx.processes, run: () => Promise.reject(died) } };
    await expect(reconcileProject(dying, 'demo')).rejects.toBe(died);
    const { record } = await loadTaskMeta(ctx, 'demo', taskId);
    expect(hookRuns(record.hooks).at(-1)).toMatchObject({ hook: 'post_stop', startedAt: expect.any(String) as string, finishedAt: null });

    expect(await reconcileProject(ctx, 'demo')).toEqual([taskId]);
    expect(started.at(-1)?.env).toMatchObject({
      TEROK_HOOK: 'post_stop',
      TEROK_ENDED: 'agent',
      TEROK_EXIT_CODE: '3',
      TEROK_TASK_MODE: 'run',
    });
    expect(await lastHook({ ctx }, taskId)).toMatchObject({ hook: 'post_stop', exitCode: 0, problem: null, tries: 2 });
    expect(await reconcileProject(ctx, 'demo')).toEqual([]);
    expect(stops(started)).toBe(1);
  });

  test('twice is not begun a third time: it may be what ends terok', async () => {
    const { ctx, started, taskId } = await endedTask();
    const dying = { ...ctx, processes: { ...ctx.processes, run: () => Promise.reject(new Error('killed')) } };
    await expect(reconcileProject(dying, 'demo')).rejects.toThrow('killed');
    await expect(reconcileProject(dying, 'demo')).rejects.toThrow('killed');
    expect(await reconcileProject(ctx, 'demo')).toEqual([]);
    expect(await lastHook({ ctx }, taskId)).toMatchObject({ hook: 'post_stop', finishedAt: null, tries: 2 });
    expect(stops(started)).toBe(0);
  });

  test('is begun again though the container is gone, and before the task is gone on with', async () => {
    const { ctx, runtime, started, taskId } = await endedTask();
    const dying = { ...ctx, processes: { ...ctx.processes, run: () => Promise.reject(new Error('killed')) } };
    await expect(reconcileProject(dying, 'demo')).rejects.toThrow('killed');
    await runtime.remove([...runtime.specs.keys()]);
    await taskRun(ctx, 'demo', { ...order, taskId });
    expect(names(started)).toEqual(['pre_start', 'post_start', 'post_stop', 'pre_start', 'post_start']);
  });

  test('is begun again before its task is deleted, also where the archive is made already', async () => {
    const { ctx, runtime, files, started, taskId } = await endedTask();
    const mark = await files.claim(`/state/tasks/demo/${taskId}/.post_stop`, 'somebody who dies');
    const remove = async (some: readonly string[]) => some.map((name) => ({ name, removed: false, error: 'locked' }));
    const { archive } = await taskDelete({ ...ctx, runtime: { ...runtime, remove } }, 'demo', taskId);
    expect(stops(started)).toBe(0);
    await files.release(`/state/tasks/demo/${taskId}/.post_stop`, mark ?? '');
    expect(await taskDelete(ctx, 'demo', taskId)).toMatchObject({ deleted: true, archive });
    expect(stops(started)).toBe(1);
  });

  test('by somebody who is at it still is left to them', async () => {
    const { ctx, files, started, taskId } = await endedTask();
    const mark = await files.claim(`/state/tasks/demo/${taskId}/.post_stop`, 'somebody else');
    await reconcileProject(ctx, 'demo');
    expect([stops(started), await reconcileProject(ctx, 'demo')]).toEqual([0, []]);
    expect(await lastHook({ ctx }, taskId)).toMatchObject({ hook: 'post_stop', startedAt: null });
    await files.release(`/state/tasks/demo/${taskId}/.post_stop`, mark ?? '');
    expect([await reconcileProject(ctx, 'demo'), stops(started)]).toEqual([[taskId], 1]);
  });

  test('is begun at least once and at most twice, wherever the power is cut', async () => {
    const begun = await endedTask();
    const attempt = async (cutAt?: number) => {
      const disk = memoryFiles(begun.files, cutAt === undefined ? {} : { cutAt });
      let runs = 0;
      const ctx = (files: MemoryFiles): TaskContext => {
        const git = memoryGit(files);
        const hook = scriptedPrograms(async () => {
          await files.list('/'); // a host without power runs nothing
          runs += 1;
          return {};
        });
        return { ...begun.ctx, files, processes: { ...git, run: (command) => (command.binary === '/hook' ? hook : git).run(command) } };
      };
      await reconcileProject(ctx(disk), 'demo').catch((error: unknown) => {
        if (!(error instanceof PowerCut)) throw error;
      });
      const again = reboot(disk);
      await reconcileProject(ctx(again), 'demo');
      await reconcileProject(ctx(again), 'demo');
      return { steps: disk.steps(), runs };
    };
    const { steps, runs } = await attempt();
    expect([steps > 10, runs]).toEqual([true, 1]);
    const seen = new Set<number>();
    for (let cutAt = 0; cutAt < steps; cutAt++) seen.add((await attempt(cutAt)).runs);
    expect(seen).toEqual(new Set([1, 2]));
  });
});

test('a project without hooks has nothing run and nothing recorded', async () => {
  const world: MemoryWorld = await memoryWorld();
  const { taskId } = await taskRun(world.ctx, 'demo', order);
  await taskStop(world.ctx, 'demo', taskId);
  expect((await loadTaskMeta(world.ctx, 'demo', taskId)).record).not.toHaveProperty('hooks');
});

describe('what is kept of hooks', () => {
  const run: HookRun = { hook: 'pre_start', generation: 'a', startedAt: 'then', finishedAt: null, exitCode: null, problem: null, tries: 1 };

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
