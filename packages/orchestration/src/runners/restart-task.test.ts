import { executorErrors, readyLine } from '@terok/executor';
import type { RunSpec } from '@terok/executor';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { loadTaskMeta } from '../tasks/meta.ts';
import { taskNew } from '../tasks/new-task.ts';
import { getTasks } from '../tasks/query.ts';
import { reconcileProject } from '../tasks/reconcile.ts';
import { taskStop } from '../tasks/stop.ts';
import { memoryGit, memoryWorld, projectFile, type MemoryWorld } from '../testing/memory-world.ts';
import { taskRestart } from './restart-task.ts';
import { runCli } from './run-cli.ts';
import { taskRun } from './run-task.ts';

const ready = { output: [{ stream: 'stderr' as const, bytes: new TextEncoder().encode(`${readyLine}\n`) }] };
const failed = () => executorErrors.PODMAN_FAILED({ verb: 'start', how: 'ended with 125', stderr: 'Error: no such mount' });

async function task(mode: 'cli' | 'run') {
  const world = await memoryWorld({ containers: { program: () => ready } });
  const { taskId, containerName } =
    mode === 'cli' ? await runCli(world.ctx, 'demo') : await taskRun(world.ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
  await world.files.replace(`/state/tasks/demo/${taskId}/workspace/file`, 'work');
  world.clock.advance(5000);
  return { ...world, id: taskId, name: containerName };
}

const record = async ({ ctx }: Pick<MemoryWorld, 'ctx'>, id: string) => (await loadTaskMeta(ctx, 'demo', id)).record;
const verbs = ({ runtime }: MemoryWorld, from: number) =>
  runtime.calls
    .slice(from)
    .map(({ verb }) => verb)
    .filter((verb) => verb !== 'ps');

describe('an interactive task', () => {
  test('waits for people, with no prompt and no limit', async () => {
    const world = await task('cli');
    const spec: RunSpec | undefined = world.runtime.specs.get(world.name);
    expect(world.name).toBe(`demo-cli-${world.id}`);
    expect(spec?.timeoutSeconds).toBeNull();
    expect(spec?.command.slice(0, 4)).toEqual(['/usr/local/lib/terok/run-task', '0', '/bin/bash', '-c']);
    expect(await record(world, world.id)).toMatchObject({
      mode: 'cli',
      prompt_sha256: null,
      session_id: null,
      ready_at: expect.any(String) as string,
    });
    expect(world.files.text(`/state/tasks/demo/${world.id}/agent-config/prompt.txt`)).toBeNull();
  });

  test('whose workspace cannot be made ready is an error, and its log is kept', async () => {
    const world = await memoryWorld({ containers: { program: () => ({ exitCode: 128 }) } });
    await expect(runCli(world.ctx, 'demo')).rejects.toMatchObject({ code: 'TASK_START_FAILED' });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ mode: 'cli', exitCode: 128, status: 'failed' }]);
    expect(world.runtime.specs.size).toBe(1);
  });

  test('that is not ready in time is let run', async () => {
    const world = await memoryWorld();
    const { taskId } = await runCli(world.ctx, 'demo', { readyTimeoutMs: 10 });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ taskId, status: 'init' }]);
  });
});

describe('a restart', () => {
  test.each(['cli', 'run'] as const)('starts the container of a %s task that has ended again, and forgets that it ended', async (mode) => {
    const world = await task(mode);
    await taskStop(world.ctx, 'demo', world.id);
    const calls = world.runtime.calls.length;
    world.clock.advance(1000);
    expect(await taskRestart(world.ctx, 'demo', world.id)).toEqual({
      taskId: world.id,
      containerName: world.name,
      how: 'resumed',
      reason: null,
    });
    expect(verbs(world, calls)).toEqual(['start']);
    expect(await record(world, world.id)).toMatchObject({
      mode,
      ended: null,
      exit_code: null,
      stop_requested_at: null,
      launching_at: null,
    });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'running' }]);

    world.clock.advance(1000);
    world.runtime.finish(world.name, 143);
    expect(await reconcileProject(world.ctx, 'demo')).toEqual([world.id]);
    expect(await record(world, world.id)).toMatchObject({ ended: 'agent', exit_code: 143 });
  });

  test('stops what runs, then starts it; ensured, what runs is let be', async () => {
    const world = await task('cli');
    const calls = world.runtime.calls.length;
    expect(await taskRestart(world.ctx, 'demo', world.id, { ensure: true })).toMatchObject({ how: 'left' });
    expect(verbs(world, calls)).toEqual([]);
    expect(await taskRestart(world.ctx, 'demo', world.id)).toMatchObject({ how: 'resumed' });
    expect(verbs(world, calls)).toEqual(['stop', 'start']);
  });

  test('makes a container that is gone anew, over the same workspace and from where the work began, and fetches nothing', async () => {
    const world = await task('cli');
    await world.runtime.remove([world.name]);
    const offline = { ...world.ctx, processes: { ...world.ctx.processes, run: () => Promise.reject(new Error('nothing is to be run')) } };
    const before = await record(world, world.id);
    expect(await taskRestart(offline, 'demo', world.id)).toMatchObject({ how: 'recreated', reason: 'the container no longer exists' });
    expect(await record(world, world.id)).toMatchObject({ mode: 'cli', base_commit: before.base_commit, branch: 'main', ended: null });
    expect(world.files.text(`/state/tasks/demo/${world.id}/workspace/file`)).toBe('work');
    expect([...world.runtime.specs.keys()]).toEqual([world.name]);
  });

  test('makes it anew when it does not start, and says why', async () => {
    const world = await task('cli');
    await taskStop(world.ctx, 'demo', world.id);
    let starts = 0;
    const start = (name: string) => (starts++ === 0 ? Promise.reject(failed()) : world.runtime.start(name));
    const restarted = await taskRestart({ ...world.ctx, runtime: { ...world.runtime, start } }, 'demo', world.id);
    expect(restarted).toMatchObject({ how: 'recreated', reason: expect.stringContaining('no such mount') as string });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'running' }]);
  });

  test('never makes a headless one anew: its container is kept, its end too', async () => {
    const world = await task('run');
    world.runtime.finish(world.name, 7);
    const runtime = { ...world.runtime, start: () => Promise.reject(failed()) };
    await expect(taskRestart({ ...world.ctx, runtime }, 'demo', world.id)).rejects.toMatchObject({ code: 'PODMAN_FAILED' });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'failed', exitCode: 7 }]);
    await expect(taskRestart(world.ctx, 'demo', world.id, { recreate: true })).rejects.toMatchObject({ code: 'RESTART_REPLAYS' });
    expect([...world.runtime.specs.keys()]).toEqual([world.name]);
    await world.runtime.remove([world.name]);
    await expect(taskRestart(world.ctx, 'demo', world.id)).rejects.toMatchObject({ code: 'RESTART_REPLAYS' });
    expect(world.runtime.specs.size).toBe(0);
  });

  test('that is to make it anew removes what does not stop', async () => {
    const world = await task('cli');
    const runtime = { ...world.runtime, stop: () => Promise.reject(failed()) };
    const said: string[] = [];
    const restarted = await taskRestart({ ...world.ctx, runtime }, 'demo', world.id, {
      recreate: true,
      onProgress: ({ text }) => said.push(text),
    });
    expect(restarted).toMatchObject({ how: 'recreated', reason: 'a new one was asked for' });
    expect(said.join('\n')).toContain('did not stop');
    expect(world.runtime.specs.size).toBe(1);
  });

  test.each([
    ['was never run', async (world: MemoryWorld) => taskNew(world.ctx, 'demo'), 'TASK_NEVER_RUN'],
    ['is unknown', async () => 'g0000' as never, 'TASK_NOT_FOUND'],
  ] as const)('of a task that %s is refused', async (_, make, code) => {
    const world = await memoryWorld();
    await expect(taskRestart(world.ctx, 'demo', await make(world))).rejects.toMatchObject({ code });
    expect(world.runtime.specs.size).toBe(0);
  });

  test('while podman does not answer touches nothing', async () => {
    const world = await task('cli');
    world.runtime.failing = true;
    const calls = world.runtime.calls.length;
    await expect(taskRestart(world.ctx, 'demo', world.id)).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
    expect(verbs(world, calls)).toEqual([]);
  });

  test('on a disk that is almost full stops nothing and starts nothing', async () => {
    const world = await task('cli');
    const calls = world.runtime.calls.length;
    await expect(taskRestart({ ...world.ctx, freeBytes: async () => 5 }, 'demo', world.id)).rejects.toMatchObject({ code: 'DISK_LOW' });
    expect(verbs(world, calls)).toEqual([]);
  });

  test('runs post_start and post_stop again, once for each start', async () => {
    const world = await task('cli');
    await world.files.replace(
      projectFile,
      'repository: /repositories/demo\nhooks: { post_start: { command: [git, fetch] }, post_stop: { command: [git, fetch] } }\n',
    );
    for (let round = 0; round < 2; round++) {
      world.clock.advance(1000);
      await taskRestart(world.ctx, 'demo', world.id);
    }
    const { hooks } = await record(world, world.id);
    expect((hooks as readonly { hook: string }[]).map(({ hook }) => hook)).toEqual(['post_stop', 'post_start', 'post_stop', 'post_start']);
  });
});

test.each(['exited', 'running', 'gone'] as const)(
  'wherever the power is cut during a restart of what was %s, one look later the task is there, its work too, and no container is nobody`s',
  async (state) => {
    const prepared = async (files?: MemoryWorld['files']) => {
      const world = await task('cli');
      if (state === 'exited') await taskStop(world.ctx, 'demo', world.id);
      if (state === 'gone') await world.runtime.remove([world.name]);
      const disk = files ?? memoryFiles(world.files);
      world.clock.advance(1000);
      return { ...world, disk, ctx: { ...world.ctx, files: disk, processes: memoryGit(disk) } };
    };
    const uncut = await prepared();
    await taskRestart(uncut.ctx, 'demo', uncut.id);
    expect(uncut.disk.steps()).toBeGreaterThan(5);

    for (let cutAt = 0; cutAt < uncut.disk.steps(); cutAt++) {
      const base = await prepared();
      const disk = memoryFiles(base.files, { cutAt });
      const ctx = { ...base.ctx, files: disk, processes: memoryGit(disk) };
      await taskRestart(ctx, 'demo', base.id).catch((error: unknown) => {
        if (!(error instanceof PowerCut)) throw error;
      });

      const files = reboot(disk);
      const after = await memoryWorld({ files, runtime: base.runtime, now: '2026-08-20T13:00:00.000Z' });
      await reconcileProject(after.ctx, 'demo');
      expect(await reconcileProject(after.ctx, 'demo'), `cut at ${cutAt}`).toEqual([]);
      const [found, ...others] = await getTasks(after.ctx, 'demo', { live: true });
      expect(others).toEqual([]);
      expect(found?.mode, `cut at ${cutAt}`).toBe('cli');
      expect(files.text(`/state/tasks/demo/${base.id}/workspace/file`), `cut at ${cutAt}`).toBe('work');
      const up = [...base.runtime.specs.keys()];
      expect(
        up.filter((name) => name !== base.name),
        `cut at ${cutAt}`,
      ).toEqual([]);
      expect(['running', 'stopped', 'failed', 'completed', 'not found'], `cut at ${cutAt}: ${found?.status}`).toContain(found?.status);
      expect((await taskRestart(after.ctx, 'demo', base.id, { ensure: true })).containerName, `cut at ${cutAt}`).toBe(base.name);
      expect(await getTasks(after.ctx, 'demo', { live: true })).toMatchObject([{ status: 'running' }]);
    }
  },
);
