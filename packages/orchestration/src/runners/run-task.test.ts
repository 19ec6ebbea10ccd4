import { executorErrors } from '@terok/executor';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { baseCommit, memoryGit, memoryWorld, scriptedPrograms, type MemoryWorld } from '../testing/memory-world.ts';
import { readTaskRecord } from '../tasks/meta.ts';
import { taskNew } from '../tasks/new-task.ts';
import { getTasks } from '../tasks/query.ts';
import { reconcileProject } from '../tasks/reconcile.ts';
import { taskRun, type RunTaskOptions } from './run-task.ts';

const order: RunTaskOptions = { prompt: 'echo done', agent: 'shell' };
const failed = () => executorErrors.PODMAN_FAILED({ verb: 'start', how: 'ended with 125', stderr: 'Error: no' });

const record = async ({ ctx }: Pick<MemoryWorld, 'ctx'>, id: string) => {
  const read = await readTaskRecord(ctx, 'demo', id);
  return read.kind === 'read' ? read.record : read.kind;
};

/** Nothing of a task: no record, no folder, no container. */
async function expectNothing({ ctx, files, runtime }: MemoryWorld): Promise<void> {
  expect(await getTasks(ctx, 'demo')).toEqual([]);
  expect(await files.list('/state/tasks/demo')).toEqual([]);
  expect([...runtime.specs.keys()]).toEqual([]);
}

describe('a launch', () => {
  test('is a record, a folder and a container that know of each other', async () => {
    const world = await memoryWorld();
    const { taskId, containerName } = await taskRun(world.ctx, 'demo', { ...order, name: 'first', timeLimitSeconds: 60 });
    expect(containerName).toBe(`demo-run-${taskId}`);
    expect(await record(world, taskId)).toMatchObject({
      mode: 'run',
      name: 'first',
      agent: 'shell',
      branch: 'main',
      base_commit: baseCommit,
      time_limit_s: 60,
      launching_at: null,
      started_at: '2026-08-20T12:00:00.000+00:00',
      launch_id: world.runtime.specs.get(containerName)?.labels['ai.terok.launch'],
    });
    expect(world.files.text(`/state/tasks/demo/${taskId}/agent-config/prompt.txt`)).toBe('echo done');
    expect(world.runtime.specs.get(containerName)).toMatchObject({
      network: 'none',
      timeoutSeconds: 90,
      limits: { pids: expect.any(Number) as number },
    });
  });

  test('never hands the repository of the host to the container, and the prompt not as a word', async () => {
    const world = await memoryWorld();
    const { containerName } = await taskRun(world.ctx, 'demo', { ...order, prompt: 'echo the-prompt' });
    const spec = world.runtime.specs.get(containerName);
    expect(spec?.mounts.filter(({ access }) => access === 'read').map(({ source }) => source)).toContain('/state/mirrors/demo.git');
    expect(JSON.stringify(spec)).not.toMatch(/\/repositories\/demo|the-prompt/);
  });

  test('has its intent on disk before a container is made', async () => {
    const world = await memoryWorld();
    const seen: unknown[] = [];
    const runtime = {
      ...world.runtime,
      create: async (spec: Parameters<typeof world.runtime.create>[0]) => {
        const [task] = await getTasks(world.ctx, 'demo');
        const intent = await record(world, task?.taskId ?? '');
        seen.push({ task: task?.status, intent, label: spec.labels['ai.terok.launch'] });
        await world.runtime.create(spec);
      },
    };
    const { taskId } = await taskRun({ ...world.ctx, runtime }, 'demo', order);
    const { launch_id: launchId } = (await record(world, taskId)) as { launch_id: string };
    expect(seen).toEqual([
      {
        task: 'starting',
        label: launchId,
        intent: expect.objectContaining({ mode: 'run', launching_at: '2026-08-20T12:00:00.000+00:00', launch_id: launchId }) as unknown,
      },
    ]);
  });

  test('under a name that somebody else has gets another, which the record knows', async () => {
    const world = await memoryWorld();
    const id = await taskNew(world.ctx, 'demo');
    const { containerName: usual } = await taskRun(world.ctx, 'demo', { ...order, taskId: id });
    const foreign = await memoryWorld({ runtime: world.runtime });
    expect(await taskRun(foreign.ctx, 'demo', { ...order, taskId: await taskNew(foreign.ctx, 'demo') })).toMatchObject({
      containerName: `${usual}-0123`,
    });
    expect(await record(foreign, id)).toMatchObject({ container_name: `${usual}-0123` });
  });
});

describe('a launch that fails', () => {
  const failures: Readonly<Record<string, (world: MemoryWorld) => Partial<MemoryWorld['runtime']>>> = {
    'because no container can be made': () => ({ create: () => Promise.reject(failed()) }),
    'because podman made the container and said so too late': ({ runtime }) => ({
      create: async (spec) => {
        await runtime.create(spec);
        throw failed();
      },
    }),
    'because the container does not start': () => ({ start: () => Promise.reject(failed()) }),
    'because podman started the container and said so too late': ({ runtime }) => ({
      start: async (name) => {
        await runtime.start(name);
        throw failed();
      },
    }),
  };

  test.each(Object.entries(failures))('%s leaves nothing behind', async (_, fault) => {
    const world = await memoryWorld();
    await expect(taskRun({ ...world.ctx, runtime: { ...world.runtime, ...fault(world) } }, 'demo', order)).rejects.toMatchObject({
      code: 'PODMAN_FAILED',
    });
    await expectNothing(world);
  });

  test.each(Object.entries(failures))('%s keeps a task that was there before, as it was', async (_, fault) => {
    const world = await memoryWorld();
    const taskId = await taskNew(world.ctx, 'demo', { name: 'mine' });
    const before = (await getTasks(world.ctx, 'demo'))[0];
    const ctx = { ...world.ctx, runtime: { ...world.runtime, ...fault(world) } };
    await expect(taskRun(ctx, 'demo', { ...order, taskId })).rejects.toMatchObject({ code: 'PODMAN_FAILED' });
    const [after] = await getTasks(world.ctx, 'demo', { live: true });
    expect(after).toMatchObject({ taskId, name: 'mine', mode: null, status: 'created', createdAt: before?.createdAt });
    expect(world.runtime.specs.size).toBe(0);
    expect((await taskRun(world.ctx, 'demo', { ...order, taskId })).taskId).toBe(taskId);
  });

  test.each(Object.entries(failures))('%s keeps how the run before ended', async (_, fault) => {
    const world = await memoryWorld();
    const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
    await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
    world.runtime.finish(containerName, 7);
    const ctx = { ...world.ctx, runtime: { ...world.runtime, ...fault(world) } };
    await expect(taskRun(ctx, 'demo', { ...order, taskId })).rejects.toMatchObject({ code: 'PODMAN_FAILED' });
    expect(await record(world, taskId)).toMatchObject({ mode: 'run', ended: 'agent', exit_code: 7, launching_at: null });
    expect(world.runtime.specs.size).toBe(0);
    expect((await taskRun(world.ctx, 'demo', { ...order, taskId })).taskId).toBe(taskId);
  });

  test('because the record cannot be written once the container runs takes the container back before the folder', async () => {
    const world = await memoryWorld();
    const files = {
      ...world.files,
      replace: async (path: string, ...rest: [never]) => {
        const running = world.runtime.calls.some(({ verb }) => verb === 'start');
        if (running && path.endsWith('_meta.yml')) throw executorErrors.PODMAN_FAILED({ verb: 'disk', how: 'is full', stderr: '' });
        await world.files.replace(path, ...rest);
      },
    };
    await expect(taskRun({ ...world.ctx, files }, 'demo', order)).rejects.toThrow('is full');
    await expectNothing(world);
  });

  test('while podman does not answer keeps what it made, so that a later look can clear it up', async () => {
    const world = await memoryWorld();
    const runtime = {
      ...world.runtime,
      containers: async () => null,
      remove: async (names: readonly string[]) => names.map((name) => ({ name, removed: false, error: 'locked' })),
      start: () => Promise.reject(failed()),
    };
    await expect(taskRun({ ...world.ctx, runtime }, 'demo', order)).rejects.toMatchObject({ code: 'PODMAN_FAILED' });
    expect(await getTasks(world.ctx, 'demo')).toMatchObject([{ starting: true }]);

    world.clock.advance(20 * 60_000);
    const [task] = await getTasks(world.ctx, 'demo');
    expect(await reconcileProject(world.ctx, 'demo')).toEqual([task?.taskId]);
    expect(world.runtime.specs.size).toBe(0);
  });

  test.each([
    ['the prompt is empty', { prompt: ' \n' }, {}, 'PROMPT_EMPTY'],
    ['the prompt is too long', { prompt: new Uint8Array(1024 * 1024 + 1).fill(97) }, {}, 'PROMPT_TOO_LARGE'],
    ['there is no such agent', { agent: 'nobody' }, {}, 'AGENT_UNKNOWN'],
    ['there is no such task', { taskId: 'g0000' as never }, {}, 'TASK_NOT_FOUND'],
    ['the disk is almost full', {}, { freeBytes: async () => 5 }, 'DISK_LOW'],
    ['this host was never set up', {}, { engine: { kind: 'absent' } as const }, 'ENGINE_UNKNOWN'],
    ['git is missing', {}, { processes: scriptedPrograms(async () => null) }, 'GIT_MISSING'],
  ] as const)('because %s makes no task and no container', async (_, options, different, code) => {
    const world = await memoryWorld();
    await expect(taskRun({ ...world.ctx, ...different }, 'demo', { ...order, ...options })).rejects.toMatchObject({ code });
    expect(world.runtime.calls).toEqual([]);
    await expectNothing(world);
  });

  test.each([
    ['a GPU is wanted', 'gpus: all', 'GPU_UNAVAILABLE'],
    ['an argument for podman is not on the list', "podman_args: ['--privileged']", 'PODMAN_ARG_REFUSED'],
    ['an argument for podman needs a network', "podman_args: ['--dns=192.0.2.1']", 'PODMAN_ARG_REFUSED'],
  ])('because %s makes no task and no container', async (_, run, code) => {
    const world = await memoryWorld();
    await world.files.replace('/config/projects/demo/project.yml', `repository: /repositories/demo\nrun: { ${run} }\n`);
    await expect(taskRun(world.ctx, 'demo', order)).rejects.toMatchObject({ code });
    expect(world.runtime.calls).toEqual([]);
    await expectNothing(world);
  });

  test('because it was called off makes no task', async () => {
    const world = await memoryWorld();
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    await expect(taskRun(world.ctx, 'demo', { ...order, onProgress, signal: controller.signal })).rejects.toBe(reason);
    await expectNothing(world);
  });
});

test('of two launches of one task at once, one runs and the other is refused and takes nothing away', async () => {
  const world = await memoryWorld();
  const taskId = await taskNew(world.ctx, 'demo');
  const both = await Promise.allSettled([
    taskRun(world.ctx, 'demo', { ...order, taskId, prompt: 'one' }),
    taskRun(world.ctx, 'demo', { ...order, taskId, prompt: 'two' }),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'TASK_RUNNING' } });
  expect(world.runtime.specs.size).toBe(1);
  expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ containerState: 'running', mode: 'run' }]);
  const winner = both[0]?.status === 'fulfilled' ? 'one' : 'two';
  expect(world.files.text(`/state/tasks/demo/${taskId}/agent-config/prompt.txt`)).toBe(winner);
});

test('wherever the power is cut, one look later the task is not there, never run, or running; and no container is nobody`s', async () => {
  const uncut = await memoryWorld();
  await taskRun(uncut.ctx, 'demo', order);

  for (let cutAt = 0; cutAt < uncut.files.steps(); cutAt++) {
    const fresh = await memoryWorld();
    const disk = memoryFiles(fresh.files, { cutAt });
    const before = await memoryWorld({ files: disk, processes: memoryGit(disk) });
    await taskRun(before.ctx, 'demo', order).catch((error: unknown) => {
      if (!(error instanceof PowerCut)) throw error;
    });

    const after = await memoryWorld({ files: reboot(disk), runtime: before.runtime, now: '2026-08-20T13:00:00.000Z' });
    await reconcileProject(after.ctx, 'demo');
    const tasks = await getTasks(after.ctx, 'demo', { live: true });
    expect(tasks.length, `cut at ${cutAt}`).toBeLessThanOrEqual(1);
    for (const { status, taskId } of tasks) {
      expect(['created', 'init'], `cut at ${cutAt}`).toContain(status);
      expect([...after.runtime.specs.keys()]).toEqual(status === 'init' ? [`demo-run-${taskId}`] : []);
    }
    expect(tasks.length === 0 ? [...after.runtime.specs.keys()] : [], `cut at ${cutAt}`).toEqual([]);
    expect(await reconcileProject(after.ctx, 'demo')).toEqual([]);
  }
});

test('arguments for podman go from the project to the container', async () => {
  const world = await memoryWorld();
  await world.files.replace(
    '/config/projects/demo/project.yml',
    "repository: /repositories/demo\nrun: { podman_args: ['--tz=Europe/Berlin'] }\n",
  );
  const { containerName } = await taskRun(world.ctx, 'demo', order);
  expect(world.runtime.specs.get(containerName)?.podmanArgs).toEqual(['--tz=Europe/Berlin']);
});
