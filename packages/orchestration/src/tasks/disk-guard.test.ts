import { sandboxErrors } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import { followTask } from '../runners/follow-task.ts';
import { memoryWorld } from '../testing/memory-world.ts';
import { stopAllOnFullDisk, stopOnFullDisk } from './disk-guard.ts';
import { loadTaskMeta } from './meta.ts';
import { getTasks } from './query.ts';

async function runningTask() {
  const world = await memoryWorld();
  const { taskId, containerName } = await taskRun(world.ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  const withFree = (bytes: number) => ({ ...world.ctx, freeBytes: async () => bytes });
  return { ...world, id: taskId, name: containerName, withFree };
}

const limit = 1024 ** 3;

test('a task with room enough is let be, to the byte', async () => {
  const { withFree, id, runtime, ctx } = await runningTask();
  expect(await stopOnFullDisk(withFree(limit), 'demo', id)).toBe(false);
  expect(runtime.calls.map(({ verb }) => verb)).not.toContain('stop');
  expect((await loadTaskMeta(ctx, 'demo', id)).record).toMatchObject({ stop_requested_at: null, stop_reason: null });
  expect(await stopOnFullDisk(withFree(limit - 1), 'demo', id)).toBe(true);
  expect(await getTasks(ctx, 'demo', { live: true })).toMatchObject([{ status: 'stopped' }]);
  expect((await loadTaskMeta(ctx, 'demo', id)).record).toMatchObject({ ended: 'stopped', stop_reason: 'disk_low' });
});

test('one that has ended by itself is let be, and its own end recorded', async () => {
  const { withFree, id, name, runtime, ctx } = await runningTask();
  runtime.finish(name, 3);
  expect(await stopOnFullDisk(withFree(5), 'demo', id)).toBe(false);
  expect((await loadTaskMeta(ctx, 'demo', id)).record).toMatchObject({ exit_code: 3, stop_reason: null });
});

test('who follows is told why, and no other stop is told so', async () => {
  const { withFree, id } = await runningTask();
  const end = await followTask(withFree(5), 'demo', id, { write: () => {}, diskCheckMs: 1 });
  expect(end).toEqual({ ended: 'stopped', exitCode: 143, error: 'terok stopped the task: its disk was almost full.' });
});

test('of the tasks that nobody follows each that runs is stopped, once the disk is almost full', async () => {
  const { withFree, id, ctx, runtime } = await runningTask();
  const other = await taskRun(ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  const ended = await taskRun(ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  runtime.finish(ended.containerName, 0);
  expect(await stopAllOnFullDisk(withFree(limit))).toEqual([]);
  expect((await stopAllOnFullDisk(withFree(limit - 1))).toSorted()).toEqual([`demo/${id}`, `demo/${other.taskId}`].toSorted());
  expect(await stopAllOnFullDisk(withFree(limit - 1))).toEqual([]);
});

test('a disk that cannot be asked about stops nothing, and is asked again', async () => {
  const { ctx, id, runtime, name } = await runningTask();
  let asked = 0;
  const freeBytes = async () => {
    asked += 1;
    if (asked === 3) runtime.finish(name, 0);
    if (asked < 3) throw sandboxErrors.FILE_FAILED({ path: '/state', attempt: 'ask', reason: 'busy' });
    return limit;
  };
  expect(await followTask({ ...ctx, freeBytes }, 'demo', id, { write: () => {}, diskCheckMs: 1 })).toMatchObject({ exitCode: 0 });
  expect(asked).toBeGreaterThanOrEqual(3);
});
