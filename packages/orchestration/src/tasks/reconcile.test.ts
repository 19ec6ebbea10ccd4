import { expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import { secretsFilePath } from '../secrets/secrets-file.ts';
import { memoryWorld, type MemoryWorld } from '../testing/memory-world.ts';
import { readTaskRecord, updateTask } from '../tasks/meta.ts';
import { taskNew } from '../tasks/new-task.ts';
import { getTasks, taskList } from '../tasks/query.ts';
import { withLaunchMark } from './launch-mark.ts';
import { reconcileProject } from './reconcile.ts';
import { recordEnd } from './record-end.ts';

const order = { prompt: 'echo', agent: 'shell' };

const record = async ({ ctx }: MemoryWorld, id: string) => {
  const read = await readTaskRecord(ctx, 'demo', id);
  return read.kind === 'read' ? read.record : read.kind;
};

async function runningTask() {
  const world = await memoryWorld();
  const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
  await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
  world.clock.advance(5000);
  return { ...world, taskId, containerName };
}

const row = async ({ ctx }: MemoryWorld, name: string) => {
  const found = (await ctx.runtime.containers({}))?.find((container) => container.name === name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return found;
};

test('an end that nobody recorded is recorded, once', async () => {
  const world = await runningTask();
  world.runtime.finish(world.containerName, 7);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([world.taskId]);
  expect(await record(world, world.taskId)).toMatchObject({
    exit_code: 7,
    ended: 'agent',
    finished_at: '2026-08-20T12:00:05.000+00:00',
    started_at: '2026-08-20T12:00:00.000+00:00',
    ready_at: '2026-08-20T12:00:00.000+00:00',
  });

  const steps = world.files.steps();
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
  expect(world.files.steps()).toBe(steps);
});

test('a failed workspace is no end of the agent', async () => {
  const world = await memoryWorld();
  const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
  world.runtime.finish(containerName, 128);
  await reconcileProject(world.ctx, 'demo');
  const after = await record(world, taskId);
  expect(after).toMatchObject({ ended: 'terok_error', exit_code: 128 });
  expect(after).not.toHaveProperty('ready_at');
});

test('the same end recorded twice is one change, and the answer the same', async () => {
  const world = await runningTask();
  world.runtime.finish(world.containerName, 7);
  const container = await row(world, world.containerName);
  const first = await recordEnd(world.ctx, 'demo', world.taskId, container);
  const steps = world.files.steps();
  const changes = (await record(world, world.taskId)) as { rev: number };
  expect(await recordEnd(world.ctx, 'demo', world.taskId, container)).toEqual(first);
  expect(await record(world, world.taskId)).toMatchObject({ rev: changes.rev });
  expect(world.files.steps() - steps).toBeLessThan(10);
});

test('nothing is written while podman does not answer', async () => {
  const world = await runningTask();
  world.runtime.finish(world.containerName, 7);
  world.runtime.failing = true;
  const steps = world.files.steps();
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
  expect(world.files.steps()).toBe(steps);
});

test('with nothing to do nothing is written, and podman is asked once', async () => {
  const world = await memoryWorld();
  for (let count = 0; count < 5; count++) await taskNew(world.ctx, 'demo');
  await taskRun(world.ctx, 'demo', order);
  const [steps, calls] = [world.files.steps(), world.runtime.calls.length];
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
  expect(world.files.steps()).toBe(steps);
  expect(world.runtime.calls.slice(calls)).toEqual([{ verb: 'ps', name: '' }]);
});

test('a launch that was cut short is taken back when it is old, and left alone while it may still be under way', async () => {
  const world = await memoryWorld();
  const taskId = await taskNew(world.ctx, 'demo');
  await updateTask(world.ctx, 'demo', taskId, { mode: 'run', launch_id: 'l', launching_at: '2026-08-20T12:00:00.000+00:00' });
  world.clock.advance(14 * 60_000);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
  world.clock.advance(60_000);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([taskId]);
  expect(await record(world, taskId)).toMatchObject({ mode: null, launch_id: null, launching_at: null });
  expect((await taskRun(world.ctx, 'demo', { ...order, taskId })).taskId).toBe(taskId);
});

/** A disk on which every process that left a mark is dead. */
const afterTheirDeath = ({ ctx, files }: MemoryWorld) => ({
  ...ctx,
  files: {
    ...files,
    readClaim: async (path: string) => {
      const claim = await files.readClaim(path);
      return claim === null ? null : { ...claim, alive: false };
    },
  },
});

test('a launch whose process is dead is taken back after a minute, and one whose process lives never is', async () => {
  const world = await memoryWorld();
  const taskId = await taskNew(world.ctx, 'demo');
  let looked: readonly string[] = ['not yet'];
  await withLaunchMark(world.ctx, 'demo', taskId, async () => {
    await updateTask(world.ctx, 'demo', taskId, { mode: 'run', launch_id: 'l', launching_at: '2026-08-20T12:00:00.000+00:00' });
    world.clock.advance(59_000);
    expect(await reconcileProject(afterTheirDeath(world), 'demo')).toEqual([]);
    world.clock.advance(60 * 60_000);
    looked = await reconcileProject(world.ctx, 'demo');
    expect(await reconcileProject(afterTheirDeath(world), 'demo')).toEqual([taskId]);
  });
  expect(looked).toEqual([]);
  expect(await record(world, taskId)).toMatchObject({ mode: null, launch_id: null, launching_at: null });
});

test('a launch that died when its container ran is finished: its secrets go, and the task runs on', async () => {
  const world = await runningTask();
  const secrets = secretsFilePath(`/state/tasks/demo/${world.taskId}`);
  await world.files.replace(secrets, 'KEY=value\n');
  await updateTask(world.ctx, 'demo', world.taskId, { launching_at: '2026-08-20T12:00:00.000+00:00', before_launch: {}, started_at: null });
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
  world.clock.advance(15 * 60_000);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([world.taskId]);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
  expect(await world.files.stat(secrets)).toBeNull();
  expect(await record(world, world.taskId)).toMatchObject({
    launching_at: null,
    before_launch: null,
    started_at: '2026-08-20T12:00:00.000+00:00',
  });
  expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'running', starting: false }]);
});

test('a container that cannot be removed keeps its launch on record, for a later look', async () => {
  const world = await memoryWorld();
  const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
  const spec = world.runtime.specs.get(containerName);
  if (spec === undefined) throw new Error('there is no container');
  await world.runtime.remove([containerName]);
  await world.runtime.create(spec);
  const launching = { launching_at: '2026-08-20T12:00:00.000+00:00' };
  await updateTask(world.ctx, 'demo', taskId, launching);
  world.clock.advance(60 * 60_000);
  const remove = async (names: readonly string[]) => names.map((name) => ({ name, removed: false, error: 'locked' }));
  expect(await reconcileProject({ ...world.ctx, runtime: { ...world.runtime, remove } }, 'demo')).toEqual([]);
  expect(await record(world, taskId)).toMatchObject(launching);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([taskId]);
  expect(world.runtime.specs.size).toBe(0);
});

test('a list takes back what was cut short, so that nothing is starting for ever', async () => {
  const world = await memoryWorld();
  const taskId = await taskNew(world.ctx, 'demo');
  await withLaunchMark(world.ctx, 'demo', taskId, async () => {
    await updateTask(world.ctx, 'demo', taskId, { mode: 'run', launch_id: 'l', launching_at: '2026-08-20T12:00:00.000+00:00' });
    world.clock.advance(61_000);
    expect(await taskList(world.ctx, 'demo')).toMatchObject([{ status: 'starting' }]);
    expect(await taskList(afterTheirDeath(world), 'demo')).toMatchObject([{ status: 'created' }]);
  });
});

test('a launch leaves no mark, and takes away the one of a launch that was cut short', async () => {
  const world = await runningTask();
  const mark = `/state/tasks/demo/${world.taskId}/.launching`;
  expect(await world.files.readClaim(mark)).toBeNull();
  await world.files.claim(mark, 'of a process that is gone');
  await withLaunchMark(afterTheirDeath(world), 'demo', world.taskId, async () => {
    expect(await world.files.readClaim(mark)).toMatchObject({ note: `launching demo/${world.taskId}` });
  });
  expect(await world.files.readClaim(mark)).toBeNull();
});

test('so is the container that was only made, and one that really runs is not', async () => {
  const world = await runningTask();
  const spec = world.runtime.specs.get(world.containerName);
  if (spec === undefined) throw new Error('there is no container');
  const launching = { launching_at: '2026-08-20T12:00:00.000+00:00' };
  await updateTask(world.ctx, 'demo', world.taskId, launching);
  world.clock.advance(60 * 60_000);
  await reconcileProject(world.ctx, 'demo');
  expect(await row(world, world.containerName)).toMatchObject({ state: 'running' });

  await world.runtime.remove([world.containerName]);
  await world.runtime.create(spec);
  await updateTask(world.ctx, 'demo', world.taskId, launching);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([world.taskId]);
  expect(world.runtime.specs.size).toBe(0);
});

test('a moment of launch that cannot be read is an old one', async () => {
  const world = await memoryWorld();
  const taskId = await taskNew(world.ctx, 'demo');
  await updateTask(world.ctx, 'demo', taskId, { mode: 'run', launching_at: 'yesterday' });
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([taskId]);
});

test('a damaged record, and a file that is no task`s, keep nobody from being looked after', async () => {
  const world = await runningTask();
  await world.files.replace('/state/core/projects/demo/tasks/g0000_meta.yml', '[');
  await world.files.replace('/state/core/projects/demo/tasks/notes_meta.yml', 'mode: run\n');
  world.runtime.finish(world.containerName, 0);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([world.taskId]);
  expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'damaged' }, { status: 'completed' }]);
});

test('a launch that came after the container that ended is left alone', async () => {
  const world = await runningTask();
  world.runtime.finish(world.containerName, 7);
  const container = await row(world, world.containerName);
  await updateTask(world.ctx, 'demo', world.taskId, { launch_id: 'the-next', launching_at: '2026-08-20T12:00:05.000+00:00' });
  const before = await record(world, world.taskId);
  expect(await recordEnd(world.ctx, 'demo', world.taskId, container)).toMatchObject({ exitCode: 7 });
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([]);
  expect(await record(world, world.taskId)).toEqual(before);
});

test('a second run that was cut short before it began leaves a task that can be gone on with from where it began', async () => {
  const world = await runningTask();
  world.runtime.finish(world.containerName, 0);
  await reconcileProject(world.ctx, 'demo');
  await world.runtime.remove([world.containerName]);
  await updateTask(world.ctx, 'demo', world.taskId, { launch_id: 'x', ended: null, launching_at: '2026-08-20T12:00:05.000+00:00' });
  world.clock.advance(20 * 60_000);
  expect(await reconcileProject(world.ctx, 'demo')).toEqual([world.taskId]);
  await updateTask(world.ctx, 'demo', world.taskId, { base_commit: 'c'.repeat(40) });
  await taskRun(world.ctx, 'demo', { ...order, taskId: world.taskId });
  expect(await record(world, world.taskId)).toMatchObject({ mode: 'run', base_commit: 'c'.repeat(40) });
});

test('the secrets of a launch that was cut short go with it', async () => {
  const world = await memoryWorld();
  const taskId = await taskNew(world.ctx, 'demo');
  const left = secretsFilePath(`/state/tasks/demo/${taskId}`);
  await world.files.replace(left, 'KEY=value\n');
  await updateTask(world.ctx, 'demo', taskId, { mode: 'run', launch_id: 'l', launching_at: '2026-08-20T12:00:00.000+00:00' });
  world.clock.advance(20 * 60_000);
  await reconcileProject(world.ctx, 'demo');
  expect(await world.files.stat(left)).toBeNull();
});
