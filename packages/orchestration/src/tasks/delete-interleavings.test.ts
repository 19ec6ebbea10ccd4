/** A deletion between any two steps of what starts a container, and the other way round: no container is left whose task is gone, and no work is lost. */
import { TerokError } from '@terok/sandbox';
import { describe, expect, test } from 'vitest';
import { isUp } from '../containers/live-containers.ts';
import { taskRestart } from '../runners/restart-task.ts';
import { taskRun } from '../runners/run-task.ts';
import type { TaskContext } from '../task-context.ts';
import { interleaved } from '../testing/interleaved.ts';
import { memoryGit, memoryWorld, type MemoryWorld } from '../testing/memory-world.ts';
import { listArchivedTasks } from './archive.ts';
import type { TaskId } from './identity.ts';
import { taskDelete } from './lifecycle.ts';
import { taskExists } from './meta.ts';
import { reconcileProject } from './reconcile.ts';

type Task = MemoryWorld & {
  readonly taskId: TaskId;
  /** What ran while the workspace was salvaged, each time. */
  readonly salvages: readonly (readonly string[])[];
};
type Act = (ctx: TaskContext, taskId: TaskId) => Promise<unknown>;

const order = { prompt: 'echo', agent: 'shell' };
const workOf = (taskId: string) => `/state/tasks/demo/${taskId}/workspace/file`;

/** A task that has ended, whose work says how often one of its containers was started. */
async function endedTask(): Promise<Task> {
  const world = await memoryWorld();
  const { taskId, containerName } = await taskRun(world.ctx, 'demo', order);
  await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
  await world.files.replace(workOf(taskId), 'work');
  world.runtime.finish(containerName, 0);
  world.clock.advance(5000);
  await reconcileProject(world.ctx, 'demo');
  const salvages: string[][] = [];
  const runtime: MemoryWorld['runtime'] = {
    ...world.runtime,
    start: async (name) => {
      await world.runtime.start(name);
      await world.files.replace(workOf(taskId), `${world.files.text(workOf(taskId)) ?? 'a folder that was gone'}, more`);
    },
    /** A throw-away container that leaves what it finds in the archive. */
    runOnce: async ({ mounts: [workspace, output] }) => {
      salvages.push(((await world.runtime.containers({})) ?? []).filter(isUp).map(({ name }) => name));
      const found = world.files.text(`${workspace?.source}/file`);
      if (found !== null && output !== undefined) await world.files.replace(`${output.source}/untracked.tar`, found);
      return { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
    },
  };
  return { ...world, runtime, ctx: { ...world.ctx, runtime }, taskId, salvages };
}

const ended = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => 'done',
    (error: unknown) => (error instanceof TerokError ? error.code : error),
  );

async function actedOn(act: Act, { at, meanwhile }: { readonly at: number; readonly meanwhile: Act }) {
  const world = await endedTask();
  let steps = 0;
  let other: unknown = 'not begun';
  const before = async (): Promise<void> => {
    if (steps++ === at) other = await ended(meanwhile(world.ctx, world.taskId));
  };
  const files = interleaved(world.files, before);
  const ctx = { ...world.ctx, files, runtime: interleaved(world.runtime, before), processes: memoryGit(files) };
  const end = await ended(act(ctx, world.taskId));
  return { ...world, steps, end, other };
}

async function expectNothingLost({ ctx, files, runtime, taskId, salvages }: Task, step: string): Promise<void> {
  const there = await taskExists(ctx, 'demo', taskId);
  expect(there ? [] : (await runtime.containers({}))?.map(({ name }) => name), step).toEqual([]);
  expect(salvages.flat(), step).toEqual([]);
  const [archived] = await listArchivedTasks(ctx, 'demo');
  // Where a deletion could not take the record away, the rest may be gone already.
  const kept = (there ? files.text(workOf(taskId)) : null) ?? files.text(`${archived?.archiveDir}/work/untracked.tar`);
  expect(kept, step).toMatch(/^work(?:, more)?$/);
}

const remove: Act = (ctx, taskId) => taskDelete(ctx, 'demo', taskId);
const starts: readonly (readonly [what: string, act: Act])[] = [
  ['a run that goes on', (ctx, taskId) => taskRun(ctx, 'demo', { ...order, taskId })],
  ['a restart', (ctx, taskId) => taskRestart(ctx, 'demo', taskId)],
];

describe.each(starts)('%s', (_, start) => {
  test('with a deletion between any two of its steps', { timeout: 60_000 }, async () => {
    const { steps } = await actedOn(start, { at: -1, meanwhile: remove });
    const ends = new Set<unknown>();
    for (let at = 0; at < steps; at++) {
      const world = await actedOn(start, { at, meanwhile: remove });
      await expectNothingLost(world, `before step ${at} of ${steps}: ${String(world.end)}, ${String(world.other)}`);
      ends.add(world.other);
    }
    expect(ends).toContain('done');
  });

  test('between any two steps of a deletion', { timeout: 60_000 }, async () => {
    const { steps } = await actedOn(remove, { at: -1, meanwhile: start });
    const ends = new Set<unknown>();
    for (let at = 0; at < steps; at++) {
      const world = await actedOn(remove, { at, meanwhile: start });
      await expectNothingLost(world, `before step ${at} of ${steps}: ${String(world.end)}, ${String(world.other)}`);
      ends.add(world.other);
    }
    expect([...ends]).toEqual(expect.arrayContaining(['done', 'TASK_DELETING']));
  });
});
