/** The power is cut at every step of what changes a running task; one look later nothing is lost, and nothing is nobody's. */
import { labelNames } from '@terok/executor';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { loadTaskMeta } from '../tasks/meta.ts';
import { getTasks } from '../tasks/query.ts';
import { reconcileProject } from '../tasks/reconcile.ts';
import { interruptTask, taskStop } from '../tasks/stop.ts';
import { memoryGit, memoryWorld, projectFile, scriptedPrograms, type MemoryWorld } from '../testing/memory-world.ts';
import type { TaskContext } from '../task-context.ts';
import type { TaskId } from '../tasks/identity.ts';
import { followTask } from './follow-task.ts';
import { taskRun } from './run-task.ts';

const project = `repository: /repositories/demo
secrets: { KEY: { env: HOME } }
hooks: { pre_start: { command: [/hook] }, post_start: { command: [/hook] }, post_stop: { command: [/hook] } }
`;
const order = { prompt: 'echo', agent: 'shell' };

/** git on this disk, and a hook that always works. */
function programs(files: MemoryWorld['files']): TaskContext['processes'] {
  const git = memoryGit(files);
  const hook = scriptedPrograms(async () => ({}));
  return { ...git, run: (command) => (command.binary === '/hook' ? hook : git).run(command) };
}

async function openWorld(): Promise<MemoryWorld> {
  const world = await memoryWorld();
  await world.files.replace(projectFile, project);
  return { ...world, ctx: { ...world.ctx, processes: programs(world.files) } };
}

type Task = { readonly taskId: TaskId; readonly containerName: string };

async function runningTask(): Promise<MemoryWorld & Task> {
  const world = await openWorld();
  const task = await taskRun(world.ctx, 'demo', order);
  await world.files.remove(`/state/tasks/demo/${task.taskId}/workspace/.new-task-marker`);
  await world.files.replace(`/state/tasks/demo/${task.taskId}/workspace/file`, 'work');
  world.clock.advance(5000);
  return { ...world, ...task };
}

async function endedTask(): Promise<MemoryWorld & Task> {
  const world = await runningTask();
  world.runtime.finish(world.containerName, 7);
  return world;
}

type Act = (ctx: TaskContext, task: Task, world: MemoryWorld) => Promise<unknown>;
type Case = readonly [what: string, begin: () => Promise<MemoryWorld & Task>, act: Act, statuses: readonly string[]];

const cases: readonly Case[] = [
  ['a stop', runningTask, (ctx, { taskId }) => taskStop(ctx, 'demo', taskId), ['running', 'stopped']],
  ['an interruption', runningTask, (ctx, { taskId }) => interruptTask(ctx, 'demo', taskId), ['running', 'interrupted']],
  ['following to the end', endedTask, (ctx, { taskId }) => followTask(ctx, 'demo', taskId, { write: () => {} }), ['failed']],
  ['reconciling', endedTask, (ctx) => reconcileProject(ctx, 'demo'), ['failed']],
  ['a second run', endedTask, (ctx, { taskId }) => taskRun(ctx, 'demo', { ...order, taskId }), ['failed', 'running', 'not found']],
];

test.each(cases)('of %s', async (_, begin, act, statuses) => {
  const attempt = async (cutAt?: number) => {
    const world = await begin();
    const disk = memoryFiles(world.files, cutAt === undefined ? {} : { cutAt });
    await act({ ...world.ctx, files: disk, processes: programs(disk) }, world, world).catch((error: unknown) => {
      if (!(error instanceof PowerCut)) throw error;
    });
    return { world, disk };
  };
  const steps = (await attempt()).disk.steps();
  expect(steps).toBeGreaterThan(5);

  for (let cutAt = 0; cutAt < steps; cutAt++) {
    const { world, disk } = await attempt(cutAt);
    const files = reboot(disk);
    const after = await memoryWorld({ files, runtime: world.runtime, now: '2026-08-20T13:00:00.000Z' });
    const ctx = { ...after.ctx, processes: programs(files) };
    const at = `cut at ${cutAt} of ${steps}`;

    await reconcileProject(ctx, 'demo');
    const rev = (await loadTaskMeta(ctx, 'demo', world.taskId)).record.rev;
    expect(await reconcileProject(ctx, 'demo'), at).toEqual([]);
    const { record } = await loadTaskMeta(ctx, 'demo', world.taskId);
    expect(record.rev, at).toBe(rev);

    const tasks = await getTasks(ctx, 'demo', { live: true });
    expect(
      tasks.map(({ taskId }) => taskId),
      at,
    ).toEqual([world.taskId]);
    expect(statuses, at).toContain(tasks[0]?.status);
    expect(files.text(`/state/tasks/demo/${world.taskId}/workspace/file`), at).toBe('work');
    expect(await files.stat(`/state/tasks/demo/${world.taskId}/secrets.env`), at).toBeNull();
    for (const [name, { labels }] of world.runtime.specs) {
      expect([labels[labelNames.task], name], at).toEqual([world.taskId, world.containerName]);
      expect(labels[labelNames.launch], at).toBe(record.launch_id ?? labels[labelNames.launch]);
    }
    // What ended has its code and its moment, and can be gone on with.
    const ended = tasks[0]?.containerState === 'exited';
    expect(typeof record.exit_code === 'number' && typeof record.finished_at === 'string', at).toBe(ended || record.exit_code !== null);
    if (tasks[0]?.containerState !== 'running') await taskRun(ctx, 'demo', { ...order, taskId: world.taskId });
    expect(await getTasks(ctx, 'demo', { live: true }), at).toMatchObject([{ status: 'running' }]);
  }
});
