import { describe, expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import { memoryWorld, type WorldOptions } from '../testing/memory-world.ts';
import { taskErrors } from '../errors.ts';
import { metaPath, tasksMetaDir, updateTask } from './meta.ts';
import { taskNew } from './new-task.ts';
import {
  getAllTaskStates,
  getTaskContainerState,
  getTaskMeta,
  getTasks,
  getWorkspaceGitDiff,
  lookupContainerByPt,
  taskList,
} from './query.ts';
import { taskStatus } from './status.ts';
import { captureTaskLogs, taskLogs } from '../task-logs.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** One task that was never run, one that runs, one that failed. */
async function threeTasks(options: WorldOptions = {}) {
  const world = await memoryWorld(options);
  const run = () => taskRun(world.ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  const fresh = await taskNew(world.ctx, 'demo');
  const running = await run();
  const failed = await run();
  for (const { taskId } of [running, failed]) await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
  world.runtime.finish(failed.containerName, 7);
  return { ...world, fresh, running, failed };
}

describe('the list of tasks', () => {
  test('is in the order of IDs, or the other way round, and asks podman once', async () => {
    const { ctx, runtime } = await threeTasks();
    const asked = runtime.calls.length;
    const ids = (await getTasks(ctx, 'demo', { live: true })).map(({ taskId }) => taskId);
    expect(ids).toEqual(ids.toSorted());
    expect(runtime.calls.slice(asked)).toEqual([{ verb: 'ps', name: '' }]);
    expect((await getTasks(ctx, 'demo', { reverse: true })).map(({ taskId }) => taskId)).toEqual(ids.toReversed());
    expect(runtime.calls).toHaveLength(asked + 1);
  });

  test('does not ask podman where there is no task', async () => {
    const { ctx, runtime } = await memoryWorld();
    expect(await getTasks(ctx, 'demo', { live: true })).toEqual([]);
    expect(runtime.calls).toEqual([]);
  });

  test('says how each stands', async () => {
    const { ctx, fresh, running, failed } = await threeTasks();
    const tasks = new Map((await getTasks(ctx, 'demo', { live: true })).map((task) => [task.taskId, task]));
    expect(tasks.get(fresh)).toMatchObject({ status: 'created', containerState: null, mode: null, exitCode: null });
    expect(tasks.get(running.taskId)).toMatchObject({ status: 'running', containerState: 'running', agent: 'shell', provider: 'shell' });
    expect(tasks.get(failed.taskId)).toMatchObject({ status: 'failed', containerState: 'exited', exitCode: 7 });
  });

  test('does not say gone of what podman was not able to tell', async () => {
    const { ctx, runtime, fresh, running } = await threeTasks();
    runtime.failing = true;
    const tasks = new Map((await getTasks(ctx, 'demo', { live: true })).map((task) => [task.taskId, task]));
    expect(tasks.get(running.taskId)).toMatchObject({ status: 'unknown', containerState: 'unknown' });
    expect(tasks.get(fresh)).toMatchObject({ status: 'created', containerState: null });
    expect(await getAllTaskStates(ctx, 'demo', [...tasks.values()])).toBeNull();
    expect(await getTaskContainerState(ctx, 'demo', running.taskId, 'run')).toBeUndefined();
    await expect(taskList(ctx, 'demo', { status: 'running' })).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
    expect(await taskList(ctx, 'demo', { mode: 'run' })).toHaveLength(2);
  });

  test('reads records while podman answers, and once', async () => {
    const { ctx, files, runtime, running, failed, fresh } = await threeTasks();
    let read = 0;
    const counted = {
      ...ctx,
      files: { ...files, readMany: (...args: Parameters<typeof files.readMany>) => (read++, files.readMany(...args)) },
    };
    const duringAnswer: number[] = [];
    const slow = {
      ...counted,
      runtime: {
        ...runtime,
        containers: async (...args: Parameters<typeof runtime.containers>) => {
          await new Promise((resolve) => void setImmediate(resolve));
          duringAnswer.push(read);
          return runtime.containers(...args);
        },
      },
    };
    expect((await getTasks(slow, 'demo', { live: true })).map(({ taskId }) => taskId)).toEqual(
      [fresh, running.taskId, failed.taskId].toSorted(),
    );
    expect(duringAnswer).toEqual([1]);
    const reads = read;
    await getTasks(counted, 'demo');
    expect(read).toBe(2 * reads);
  });

  test('joins what podman says with what was written before it answered', async () => {
    const { ctx, runtime, running } = await threeTasks();
    const gone = {
      ...ctx,
      runtime: {
        ...runtime,
        containers: async (...args: Parameters<typeof runtime.containers>) => {
          await new Promise((resolve) => void setImmediate(resolve));
          await updateTask(ctx, 'demo', running.taskId, { ended: 'agent', exit_code: 0, finished_at: '2026-08-20T13:00:00.000+00:00' });
          await runtime.remove([running.containerName]);
          return runtime.containers(...args);
        },
      },
    };
    const tasks = await getTasks(gone, 'demo', { live: true });
    expect(tasks.find(({ taskId }) => taskId === running.taskId)).toMatchObject({ status: 'completed', containerState: null });
  });

  test('shows a damaged record as damaged, and the others whole', async () => {
    const { ctx, files, runtime, running } = await threeTasks();
    await files.replace(metaPath(tasksMetaDir(ctx, 'demo'), running.taskId), 'mode: [\n');
    expect((await getTasks(ctx, 'demo', { live: true })).map(({ status }) => status).toSorted()).toEqual(['created', 'damaged', 'failed']);
    expect(await getTaskMeta(ctx, 'demo', running.taskId)).toMatchObject({ status: 'damaged', containerState: 'running' });
    runtime.failing = true;
    expect(await getTaskMeta(ctx, 'demo', running.taskId)).toMatchObject({ status: 'damaged', containerState: 'unknown' });
  });

  test('leaves out files that are no task`s', async () => {
    const { ctx, files } = await threeTasks();
    await files.replace('/state/core/projects/demo/tasks/notes_meta.yml', 'mode: run\n');
    await files.replace('/state/core/projects/demo/tasks/K3V8H_meta.yml', 'mode: run\n');
    expect(await getTasks(ctx, 'demo')).toHaveLength(3);
  });

  test.each([
    [{}, 3],
    [{ status: 'running' }, 1],
    [{ status: 'failed', mode: 'run' }, 1],
    [{ status: 'failed', mode: 'cli' }, 0],
    [{ agent: 'shell' }, 2],
    [{ agent: 'night-shift' }, 1],
    [{ status: 'paused' }, 0],
  ] as const)('filtered by %j holds what matches all of it', async (filter, count) => {
    const { ctx, failed } = await threeTasks();
    await updateTask(ctx, 'demo', failed.taskId, { preset: 'night-shift' });
    expect(await taskList(ctx, 'demo', filter)).toHaveLength(count);
  });

  test('of a project that is not there is an error', async () => {
    const { ctx } = await memoryWorld();
    await expect(taskList(ctx, 'other')).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
  });
});

describe('one task', () => {
  test('whose container is another installation`s has none', async () => {
    const { ctx, running } = await threeTasks();
    const stranger = { ...ctx, installationId: 'f'.repeat(32) };
    expect(await getTaskContainerState(stranger, 'demo', running.taskId, 'run')).toBeNull();
    expect(await getAllTaskStates(stranger, 'demo', [{ taskId: running.taskId, mode: 'run' }])).toEqual(new Map([[running.taskId, null]]));
  });

  test('without a mode has no container, and nobody is asked', async () => {
    const { ctx, runtime, fresh } = await threeTasks();
    const asked = runtime.calls.length;
    expect(await getTaskContainerState(ctx, 'demo', fresh, null)).toBeNull();
    expect(runtime.calls).toHaveLength(asked);
  });

  test.each(['g0000', '../x', ''])('%j is not found', async (id) => {
    const { ctx } = await threeTasks();
    await expect(getTaskMeta(ctx, 'demo', id)).rejects.toMatchObject({
      code: expect.stringMatching(/^(TASK_NOT_FOUND|PATH_SEGMENT_UNSAFE)$/) as string,
    });
  });

  test('is looked up by project and ID, and by nothing else', async () => {
    const { ctx, fresh, running } = await threeTasks();
    expect(await lookupContainerByPt(ctx, 'demo', running.taskId)).toBe(running.containerName);
    for (const [project, id] of [
      ['demo', fresh],
      ['demo', 'g0000'],
      ['demo', '../x'],
      ['../demo', running.taskId],
      ['demo/../demo', running.taskId],
      ['', running.taskId],
      ['other', running.taskId],
    ] as const)
      expect(await lookupContainerByPt(ctx, project, id), `${project} ${id}`).toBeNull();
  });

  test('reports all that a person wants to know, and records an end on the way', async () => {
    const { ctx, failed } = await threeTasks();
    expect(await taskStatus(ctx, 'demo', failed.taskId)).toMatchObject({
      task: { status: 'failed', exitCode: 7 },
      containerName: failed.containerName,
      containerState: 'exited',
      branch: 'main',
      ended: 'agent',
      merged: null,
      notes: [],
    });
    const engine = {
      kind: 'current',
      profile: { ...('profile' in ctx.engine ? ctx.engine.profile : null), limits: { memory: false, cpus: true, pids: false } },
    };
    const status = await taskStatus({ ...ctx, engine: engine as typeof ctx.engine }, 'demo', failed.taskId);
    expect(status.notes).toEqual(['The engine does not enforce these limits here: memory, pids.']);
  });

  test('asks podman once, unless the look itself changed something', async () => {
    const { ctx, runtime, running, failed } = await threeTasks();
    const asked = async (taskId: string) => {
      const before = runtime.calls.length;
      await taskStatus(ctx, 'demo', taskId);
      return runtime.calls.slice(before).filter(({ verb }) => verb === 'ps').length;
    };
    expect([await asked(running.taskId), await asked(failed.taskId), await asked(failed.taskId)]).toEqual([1, 2, 1]);
  });
});

describe('a diff', () => {
  const answering = (exitCode: number, stdout = '', stderr = '') => ({
    execute: () => ({ exitCode, stdout: bytes(stdout), stderr: bytes(stderr) }),
  });

  test('is made in a throw-away container: no network, read-only, of the task`s folder alone', async () => {
    const world = await threeTasks({ containers: answering(0, 'diff --git\n') });
    const specs: unknown[] = [];
    const runtime = {
      ...world.runtime,
      runOnce: async (spec: Parameters<typeof world.runtime.runOnce>[0]) => {
        specs.push(spec);
        return world.runtime.runOnce(spec);
      },
    };
    expect(await getWorkspaceGitDiff({ ...world.ctx, runtime }, 'demo', world.running.taskId, { against: 'base' })).toBe('diff --git\n');
    expect(specs).toMatchObject([
      {
        network: 'none',
        rootFilesystem: 'read_only',
        mounts: [{ source: `/state/tasks/demo/${world.running.taskId}/workspace`, target: '/workspace', access: 'read' }],
        labels: { 'ai.terok.mode': 'once' },
      },
    ]);
  });

  test.each([
    [3, null],
    [0, ''],
  ] as const)('of a container that ended with %i is %j', async (exitCode, diff) => {
    const { ctx, running } = await threeTasks({ containers: answering(exitCode) });
    expect(await getWorkspaceGitDiff(ctx, 'demo', running.taskId)).toBe(diff);
  });

  test('that fails says what git said, without what a terminal would obey', async () => {
    const { ctx, running } = await threeTasks({ containers: answering(128, '', 'fatal: \u001b[31mbad object\n') });
    const error: unknown = await getWorkspaceGitDiff(ctx, 'demo', running.taskId).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'WORKSPACE_UNREADABLE', message: expect.stringContaining('bad object') as string });
    expect(error).toMatchObject({ message: expect.not.stringContaining('\u001b') as string });
  });

  test('of a task that is not there is an error of its own', async () => {
    const { ctx } = await threeTasks();
    await expect(getWorkspaceGitDiff(ctx, 'demo', 'g0000')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });
});

describe('logs', () => {
  const captured = '2026-08-20T12:00:00.000Z out\n2026-08-20T12:00:00.000Z err\n';
  const printed = {
    program: () => ({
      output: [
        { stream: 'stdout' as const, bytes: bytes('out\n') },
        { stream: 'stderr' as const, bytes: bytes('err\n') },
      ],
    }),
  };

  test('hold both streams, live and, with times, captured', async () => {
    const { ctx, files, running } = await threeTasks({ containers: printed });
    const live = (await Array.fromAsync(taskLogs(ctx, 'demo', running.taskId)))
      .map((chunk) => new TextDecoder().decode(chunk.bytes))
      .join('');
    expect(live).toBe('out\nerr\n');
    const path = await captureTaskLogs(ctx, 'demo', running.taskId, 'run');
    expect(files.text(path ?? '')).toBe(captured);
  });

  test('that cannot be captured leave the older capture as it was', async () => {
    const { ctx, files, runtime, running } = await threeTasks({ containers: printed });
    const path = (await captureTaskLogs(ctx, { id: 'demo' }, running.taskId, 'run')) ?? '';
    expect(await captureTaskLogs(ctx, 'demo', running.taskId, 'cli')).toBeNull();
    const broken = {
      ...runtime,
      logs: async function* logs() {
        yield { stream: 'stdout' as const, bytes: bytes('half') };
        throw taskErrors.TASK_ID_EMPTY({});
      },
    };
    await expect(captureTaskLogs({ ...ctx, runtime: broken }, 'demo', running.taskId, 'run')).rejects.toMatchObject({
      code: 'TASK_ID_EMPTY',
    });
    expect(files.text(path)).toBe(captured);
    runtime.failing = true;
    expect(await captureTaskLogs(ctx, 'demo', running.taskId, 'run')).toBeNull();
    expect(files.text(path)).toBe(captured);
  });

  test('that are not there are told apart', async () => {
    const { ctx, runtime, fresh, running } = await threeTasks();
    const reading = (id: string) => Array.fromAsync(taskLogs(ctx, 'demo', id));
    await expect(reading(fresh)).rejects.toMatchObject({ code: 'TASK_NEVER_RUN' });
    await runtime.remove([running.containerName]);
    await expect(reading(running.taskId)).rejects.toMatchObject({ code: 'LOG_GONE' });
    runtime.failing = true;
    await expect(reading(running.taskId)).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
  });
});
