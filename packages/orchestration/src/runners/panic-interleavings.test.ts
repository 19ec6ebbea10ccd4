/** A panic, from its first step to its last, between any two steps of whatever starts a container: afterwards nothing runs. */
import { readyLine } from '@terok/executor';
import { TerokError } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { isUp } from '../containers/live-containers.ts';
import { panicNow } from '../panic.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { markTaskDeleting } from '../tasks/meta.ts';
import { getTasks } from '../tasks/query.ts';
import { reconcileProject } from '../tasks/reconcile.ts';
import { interleaved } from '../testing/interleaved.ts';
import { memoryGit, memoryWorld, type MemoryWorld } from '../testing/memory-world.ts';
import { taskRestart } from './restart-task.ts';
import { runCli } from './run-cli.ts';
import { taskRun } from './run-task.ts';

const ready = { output: [{ stream: 'stderr' as const, bytes: new TextEncoder().encode(`${readyLine}\n`) }] };
const openWorld = () => memoryWorld({ containers: { program: () => ready } });
const order = { prompt: 'echo', agent: 'shell' };

type Begun = MemoryWorld & { readonly taskId?: TaskId };

async function endedTask(mode: 'run' | 'cli'): Promise<Begun> {
  const world = await openWorld();
  const { taskId, containerName } = mode === 'cli' ? await runCli(world.ctx, 'demo') : await taskRun(world.ctx, 'demo', order);
  await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
  await world.files.replace(`/state/tasks/demo/${taskId}/workspace/file`, 'work');
  world.runtime.finish(containerName, 0);
  world.clock.advance(5000);
  await reconcileProject(world.ctx, 'demo');
  return { ...world, taskId };
}

type Act = (ctx: TaskContext, taskId: TaskId | undefined) => Promise<unknown>;
const again = (taskId: TaskId | undefined) => (taskId === undefined ? {} : { taskId });

const acts: readonly (readonly [what: string, begin: () => Promise<Begun>, act: Act])[] = [
  ['a first run', openWorld, (ctx) => taskRun(ctx, 'demo', order)],
  ['an interactive task', openWorld, (ctx) => runCli(ctx, 'demo')],
  ['a run that goes on', () => endedTask('run'), (ctx, taskId) => taskRun(ctx, 'demo', { ...order, ...again(taskId) })],
  ['a restart', () => endedTask('run'), (ctx, taskId) => (taskId === undefined ? Promise.resolve() : taskRestart(ctx, 'demo', taskId))],
  [
    'a restart in a new container',
    () => endedTask('cli'),
    (ctx, taskId) => (taskId === undefined ? Promise.resolve() : taskRestart(ctx, 'demo', taskId, { recreate: true })),
  ],
];

/** Does `act` with `meanwhile` before its step number `at`; tells how many steps there were, and what became of it. */
async function actedOn(
  begin: () => Promise<Begun>,
  act: Act,
  { at, meanwhile }: { at: number; meanwhile: (world: Begun) => Promise<unknown> },
) {
  const world = await begin();
  let steps = 0;
  const before = async (): Promise<void> => {
    if (steps++ === at) await meanwhile(world);
  };
  const files = interleaved(world.files, before);
  const ctx = { ...world.ctx, files, runtime: interleaved(world.runtime, before), processes: memoryGit(files) };
  const end = await act(ctx, world.taskId).then(
    () => 'done',
    (error: unknown) => (error instanceof TerokError ? error.code : error),
  );
  return { ...world, steps, end };
}

test.each(acts)('between any two steps of %s', async (_, begin, act) => {
  const { steps, end } = await actedOn(begin, act, { at: -1, meanwhile: async () => {} });
  expect(end).toBe('done');
  expect(steps).toBeGreaterThan(20);

  const ends = new Set<unknown>();
  for (let at = 0; at < steps; at++) {
    const world = await actedOn(begin, act, { at, meanwhile: ({ ctx }) => panicNow(ctx) });
    const step = `before step ${at} of ${steps}`;
    expect((await world.runtime.containers({}))?.filter(isUp), step).toEqual([]);
    await reconcileProject(world.ctx, 'demo');
    const tasks = await getTasks(world.ctx, 'demo', { live: true });
    expect(
      tasks.map(({ status }) => status).filter((status) => !['completed', 'stopped', 'failed'].includes(status)),
      step,
    ).toEqual([]);
    const work = world.taskId === undefined ? 'work' : world.files.text(`/state/tasks/demo/${world.taskId}/workspace/file`);
    expect(work, step).toBe('work');
    ends.add(world.end);
  }
  expect(ends).toContain('PANIC');
});

test.each(acts.filter(([what]) => what !== 'a first run' && what !== 'an interactive task'))(
  'a deletion that begins between any two steps of %s leaves nothing running either',
  async (_, begin, act) => {
    const { steps } = await actedOn(begin, act, { at: -1, meanwhile: async () => {} });
    const ends = new Set<unknown>();
    for (let at = 0; at < steps; at++) {
      const meanwhile = ({ ctx, taskId = '' }: { readonly ctx: TaskContext; readonly taskId?: string }) =>
        markTaskDeleting(ctx, 'demo', taskId);
      const world = await actedOn(begin, act, { at, meanwhile });
      const refusedAndUp = world.end === 'done' ? [] : (await world.runtime.containers({}))?.filter(isUp);
      expect(refusedAndUp, `before step ${at} of ${steps}`).toEqual([]);
      ends.add(world.end);
    }
    expect(ends).toContain('TASK_DELETING');
  },
);
