/** The removal of a project between any two steps of whatever makes a task of it, and the other way round: no task without a project, no work without a task. */
import { TerokError } from '@terok/sandbox';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import type { TaskContext } from '../task-context.ts';
import { taskRestore } from '../tasks/archive-restore.ts';
import { taskNew } from '../tasks/new-task.ts';
import { getTasks } from '../tasks/query.ts';
import { interleaved } from '../testing/interleaved.ts';
import { freshDisk, memoryGit, memoryWorld, projectFile, type MemoryWorld } from '../testing/memory-world.ts';
import { projectEdit } from './project-change.ts';
import { projectDelete } from './project-delete.ts';
import { projectAdd, projectRemove } from './projects.ts';

type Act = (ctx: TaskContext) => Promise<unknown>;

async function openWorld(): Promise<MemoryWorld> {
  const world = await memoryWorld();
  await world.files.replace('/state/archive/demo/tasks/20260101T000000000000Z_g0000/task.json', '{"task_id":"g0000"}');
  return world;
}

const ended = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => 'done',
    (error: unknown) => (error instanceof TerokError ? error.code : error),
  );

/** Does `act` with `meanwhile` before its step number `at`; tells how many steps there were, and what became of both. */
async function actedOn(act: Act, { at, meanwhile }: { readonly at: number; readonly meanwhile: Act }) {
  const world = await openWorld();
  let steps = 0;
  let other: unknown = 'not begun';
  const before = async (): Promise<void> => {
    if (steps++ === at) other = await ended(meanwhile(world.ctx));
  };
  const files = interleaved(world.files, before);
  const end = await ended(act({ ...world.ctx, files, runtime: interleaved(world.runtime, before), processes: memoryGit(files) }));
  return { ...world, steps, end, other };
}

async function expectNothingIsNobodys(world: MemoryWorld & { readonly other: unknown }, step: string): Promise<void> {
  const { ctx, files, runtime, other } = world;
  const tasks = async () => (await getTasks(ctx, 'demo')).map(({ taskId }) => taskId as string);
  const folders = async () => (await files.list('/state/tasks/demo')).map(({ name }) => name).toSorted();
  // What a deletion could not take away whole has its record until that is repeated.
  expect(other === 'TASK_STAYS' ? await tasks() : await folders(), step).toEqual(await tasks());
  for (const name of runtime.specs.keys()) runtime.finish(name, 0);
  expect(files.text(projectFile) === null ? 'done' : await ended(projectDelete(ctx, 'demo')), step).toBe('done');
  expect([await tasks(), await folders(), [...runtime.specs.keys()]], step).toEqual([[], [], []]);
}

const makings: readonly (readonly [what: string, act: Act])[] = [
  ['a new task', (ctx) => taskNew(ctx, 'demo')],
  ['a launch', (ctx) => taskRun(ctx, 'demo', { prompt: 'echo', agent: 'shell' })],
  ['a restore', (ctx) => taskRestore(ctx, 'demo', 'g0000')],
];
/** How the making of a task may end whose project, and perhaps itself, goes meanwhile. */
const knownEnds = ['done', 'PROJECT_UNKNOWN', 'TASK_NOT_FOUND', 'TASK_DELETING', 'PODMAN_FAILED'];

const removals: readonly (readonly [what: string, act: Act])[] = [
  ['removed', (ctx) => projectRemove(ctx, 'demo')],
  ['deleted with its tasks', (ctx) => projectDelete(ctx, 'demo')],
];

describe.each(removals)('a project that is %s', (_, remove) => {
  test.each(makings)('between any two steps of %s', { timeout: 60_000 }, async (__, make) => {
    const { steps } = await actedOn(make, { at: -1, meanwhile: remove });
    const ends = new Set<unknown>();
    for (let at = 0; at < steps; at++) {
      const world = await actedOn(make, { at, meanwhile: remove });
      await expectNothingIsNobodys(world, `before step ${at} of ${steps}`);
      expect(knownEnds, `before step ${at} of ${steps}`).toContain(world.end);
      ends.add(world.end);
    }
    expect([...ends]).toEqual(expect.arrayContaining(['done', 'PROJECT_UNKNOWN']));
  });

  test.each(makings)('while any two of its steps have %s between them', { timeout: 60_000 }, async (__, make) => {
    const { steps } = await actedOn(remove, { at: -1, meanwhile: make });
    const ends = new Set<unknown>();
    for (let at = 0; at < steps; at++) {
      const world = await actedOn(remove, { at, meanwhile: make });
      await expectNothingIsNobodys(world, `before step ${at} of ${steps}`);
      ends.add(world.other);
    }
    expect([...ends]).toEqual(expect.arrayContaining(['done', 'PROJECT_UNKNOWN']));
  });
});

test('a project that is removed while it is edited does not come back, and neither is lost', { timeout: 60_000 }, async () => {
  const edit: Act = (ctx) => projectEdit(ctx, 'demo', { changes: [{ path: ['branch'], value: 'next' }] });
  const { steps } = await actedOn(edit, { at: -1, meanwhile: edit });
  for (let at = 0; at < steps; at++) {
    const { end, other, files } = await actedOn(edit, { at, meanwhile: (ctx) => projectRemove(ctx, 'demo') });
    const kept = files.paths().filter((path) => path.startsWith('/state/archive/demo/project-'));
    expect([files.text(projectFile) === null, kept.length], `before step ${at} of ${steps}: ${String(end)}`).toEqual(
      other === 'done' ? [true, 1] : [false, 0],
    );
  }
});

test('of two who add a project of one name the second is told that it is there', { timeout: 60_000 }, async () => {
  const add =
    (repository: string): Act =>
    (ctx) =>
      projectAdd(ctx, 'other', { repository });
  const { steps } = await actedOn(add('/one'), { at: -1, meanwhile: add('/two') });
  for (let at = 0; at < steps; at++) {
    const { end, other, files } = await actedOn(add('/one'), { at, meanwhile: add('/two') });
    expect([end, other].filter((each) => each === 'done')).toHaveLength(1);
    expect(files.text('/config/projects/other/project.yml')).toBe(`repository: ${end === 'done' ? '/one' : '/two'}\n`);
  }
});

test('what a person keeps beside project.yml stays when the project goes', async () => {
  const { ctx, files } = await memoryWorld();
  await files.replace('/config/projects/demo/hooks/notify', '#!/bin/sh\n');
  expect(await projectRemove(ctx, 'demo')).toMatchObject({ left: '/config/projects/demo' });
  expect([files.text(projectFile), files.text('/config/projects/demo/hooks/notify')]).toEqual([null, '#!/bin/sh\n']);
  await files.replace(projectFile, 'repository: /other\n');
  await files.removeTree('/config/projects/demo/hooks');
  expect(await projectRemove(ctx, 'demo')).toMatchObject({ left: null });
  expect(await files.stat('/config/projects/demo')).toBeNull();
});

test(
  'what a crash left of a task that was being made keeps no project from being removed, and goes with it',
  { timeout: 60_000 },
  async () => {
    const uncut = memoryFiles(freshDisk());
    await taskNew((await memoryWorld({ files: uncut })).ctx, 'demo');
    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const cut = memoryFiles(freshDisk(), { cutAt });
      await expect(taskNew((await memoryWorld({ files: cut })).ctx, 'demo')).rejects.toThrow(PowerCut);
      const { ctx, files } = await memoryWorld({ files: reboot(cut) });
      const known = await getTasks(ctx, 'demo');
      expect(await ended(projectRemove(ctx, 'demo')), `cut at ${cutAt}`).toBe(known.length === 0 ? 'done' : 'PROJECT_HAS_TASKS');
      expect((await files.list('/state/tasks/demo')).length, `cut at ${cutAt}`).toBe(known.length);
    }
  },
);

test('a project of which a task has no record any more has a task: its folder may hold work', async () => {
  const { ctx, files } = await memoryWorld();
  await files.replace('/state/tasks/demo/k3v8h/workspace/file', 'work');
  await expect(projectRemove(ctx, 'demo')).rejects.toMatchObject({
    code: 'PROJECT_HAS_TASKS',
    message: expect.stringContaining('k3v8h') as string,
  });
  expect([files.text(projectFile), files.text('/state/tasks/demo/k3v8h/workspace/file')]).toEqual([
    'repository: /repositories/demo\n',
    'work',
  ]);
});
