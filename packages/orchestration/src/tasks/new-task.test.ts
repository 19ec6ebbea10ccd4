import { memoryFiles, PowerCut, reboot, seededRandom } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { freshDisk, memoryWorld } from '../testing/memory-world.ts';
import { taskDelete } from './lifecycle.ts';
import { newTaskId } from './identity.ts';
import { readTaskRecord } from './meta.ts';
import { generateTaskName, taskNew } from './new-task.ts';
import { getTasks } from './query.ts';

test('a task is a folder that a container can fill, and a record', async () => {
  const { ctx, files } = await memoryWorld();
  const id = await taskNew(ctx, 'demo', { name: 'Fix The Login!' });
  expect(await readTaskRecord(ctx, 'demo', id)).toEqual({
    kind: 'read',
    record: {
      project_id: 'demo',
      task_id: id,
      name: 'fix-the-login',
      mode: null,
      workspace: `/state/tasks/demo/${id}`,
      web_port: null,
      created_at: '2026-08-20T12:00:00.000+00:00',
    },
  });
  const root = `/state/tasks/demo/${id}`;
  expect(await files.stat(`${root}/workspace`)).toMatchObject({ kind: 'directory', mode: 0o700 });
  expect(files.text(`${root}/workspace/.new-task-marker`)).toContain('What is in the workspace is then lost.');
  expect(files.text(`${root}/README.md`)).toContain('Never run git');
  expect((await files.list(root)).map(({ name }) => name).toSorted()).toEqual(['README.md', 'agent-config', 'home', 'logs', 'workspace']);
});

test('a name is made up where none is given, and one that cannot be is refused before anything is made', async () => {
  const { ctx, files } = await memoryWorld();
  await expect(taskNew(ctx, 'demo', { name: '!!!' })).rejects.toMatchObject({ code: 'TASK_NAME_INVALID' });
  await expect(taskNew(ctx, 'demo', { name: '-x' })).rejects.toMatchObject({ code: 'TASK_NAME_INVALID' });
  await expect(taskNew(ctx, 'other')).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
  expect(files.paths().filter((path) => path.startsWith('/state/tasks/'))).toEqual([]);
  await taskNew(ctx, 'demo');
  for (const { name } of await getTasks(ctx, 'demo')) expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
  expect(await generateTaskName(ctx)).toMatch(/^[a-z]+-[a-z]+$/);
  expect(await generateTaskName(ctx, 'no-such-project')).toMatch(/^[a-z]+-[a-z]+$/);
});

/** The IDs that a world with this seed draws, in order. */
function drawn(seed: number, count: number) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => newTaskId(random));
}

test.each([
  ['a folder without a record', (id: string) => `/state/tasks/demo/${id}/README.md`],
  ['a record without a folder', (id: string) => `/state/core/projects/demo/tasks/${id}_meta.yml`],
  ['half a record', (id: string) => `/state/core/projects/demo/tasks/${id}_dossier.json`],
  ['an archive', (id: string) => `/state/archive/demo/tasks/20260820T120000000000Z_${id}_some_name/task.json`],
] as const)('an ID that is taken by %s is not given out again', async (_, path) => {
  const [first = '', second] = drawn(7, 2);
  const taken = { ['/config/projects/demo/project.yml']: 'repository: /r\n', [path(first)]: '{}' };
  const { ctx, files } = await memoryWorld({ files: memoryFiles(taken), seed: 7 });
  // A name is drawn from the same source when none is given.
  expect(await taskNew(ctx, 'demo', { name: 'x' })).toBe(second);
  expect(files.text(path(first))).toBe('{}');
});

test('a deleted task keeps its ID', async () => {
  const { ctx, files } = await memoryWorld({ seed: 7 });
  const id = await taskNew(ctx, 'demo', { name: 'x' });
  await taskDelete(ctx, 'demo', id);
  const again = await memoryWorld({ files, seed: 7 });
  expect(await taskNew(again.ctx, 'demo', { name: 'x' })).not.toBe(id);
});

test('many at once never share an ID, whatever they draw', async () => {
  const { ctx, files } = await memoryWorld();
  const makers = await Promise.all(Array.from({ length: 8 }, () => memoryWorld({ files, seed: 3 })));
  const ids = await Promise.all(makers.map((maker) => taskNew({ ...maker.ctx, files }, 'demo', { name: 'x' })));
  expect(new Set(ids).size).toBe(8);
  expect(await getTasks(ctx, 'demo')).toHaveLength(8);
});

test('a source of chance that gives the same ID for ever is a mistake of ours, not a loop', async () => {
  const { ctx } = await memoryWorld();
  const random = { bytes: (count: number) => new Uint8Array(count), integer: () => 0 };
  await taskNew({ ...ctx, random }, 'demo', { name: 'x' });
  await expect(taskNew({ ...ctx, random }, 'demo', { name: 'x' })).rejects.toThrow('100 attempts');
});

test('what fails half-way leaves no folder', async () => {
  const { ctx, files } = await memoryWorld();
  const broken = {
    ...files,
    replace: async (path: string, ...rest: [never]) => {
      if (path.endsWith('_meta.yml')) throw new Error('no space left');
      await files.replace(path, ...rest);
    },
  };
  await expect(taskNew({ ...ctx, files: broken }, 'demo')).rejects.toThrow('no space left');
  expect(await files.list('/state/tasks/demo')).toEqual([]);
});

test('wherever the power is cut there is no task, or a whole one, and the next is made', async () => {
  const uncut = await memoryWorld();
  await taskNew(uncut.ctx, 'demo', { name: 'whole' });
  expect(uncut.files.steps()).toBeGreaterThan(20);

  for (let cutAt = 0; cutAt < uncut.files.steps(); cutAt++) {
    const disk = freshDisk({ cutAt });
    const { ctx } = await memoryWorld({ files: disk });
    await expect(taskNew(ctx, 'demo', { name: 'whole' })).rejects.toThrow(PowerCut);

    const files = reboot(disk);
    const after = await memoryWorld({ files });
    const tasks = await getTasks(after.ctx, 'demo');
    expect(tasks.length).toBeLessThanOrEqual(1);
    for (const task of tasks) {
      expect(task.status).toBe('created');
      expect(files.text(`/state/tasks/demo/${task.taskId}/workspace/.new-task-marker`)).not.toBeNull();
    }
    const next = await taskNew(after.ctx, 'demo', { name: 'next' });
    expect(tasks.map(({ taskId }) => taskId)).not.toContain(next);
  }
});
