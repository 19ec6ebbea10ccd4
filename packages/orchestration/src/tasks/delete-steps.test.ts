/** The steps of a deletion, each of which may fail by itself: over the whole matrix nothing is lost sight of, and a second try ends it. */
import { basename } from 'node:path';
import { sandboxErrors } from '@terok/sandbox';
import { describe, expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import type { TaskContext } from '../task-context.ts';
import { memoryWorld } from '../testing/memory-world.ts';
import { listArchivedTasks } from './archive.ts';
import { taskDelete } from './lifecycle.ts';
import { readTaskRecord, updateTask } from './meta.ts';

const steps = ['container', 'folder', 'dossier', 'bookkeeping'] as const;
type Step = (typeof steps)[number];

/** Every set of steps, from none to all. */
const matrix: readonly (readonly Step[])[] = Array.from({ length: 2 ** steps.length }, (_, bits) =>
  steps.filter((__, index) => (bits & (1 << index)) !== 0),
);

const states = ['running', 'paused', 'exited', 'gone'] as const;

async function worldWith(state: (typeof states)[number]) {
  const world = await memoryWorld();
  const { taskId: id, containerName: name } = await taskRun(world.ctx, 'demo', { prompt: 'x', agent: 'shell' });
  const folder = `/state/tasks/demo/${id}`;
  await world.files.remove(`${folder}/workspace/.new-task-marker`);
  await world.files.replace(`${folder}/workspace/file`, 'work');
  if (state === 'paused') world.runtime.pause(name);
  if (state === 'exited') world.runtime.finish(name, 3);
  if (state === 'gone') await world.runtime.remove([name]);
  /** A throw-away container that leaves what it found in the archive. */
  const runOnce: TaskContext['runtime']['runOnce'] = async ({ mounts: [workspace, output] }) => {
    const found = world.files.text(`${workspace?.source}/file`);
    if (found !== null && output !== undefined) await world.files.replace(`${output.source}/untracked.tar`, found);
    return { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
  };
  const ctx: TaskContext = { ...world.ctx, runtime: { ...world.runtime, runOnce } };
  return { ...world, ctx, id, name, folder };
}

/** The same world, in which these steps fail. */
function failing(ctx: TaskContext, folder: string, faults: readonly Step[]): TaskContext {
  const refused = (path: string) => Promise.reject(sandboxErrors.FILE_FAILED({ path, attempt: 'remove', reason: 'busy' }));
  const { files, runtime } = ctx;
  return {
    ...ctx,
    files: {
      ...files,
      removeTree: (path) => (path === folder && faults.includes('folder') ? refused(path) : files.removeTree(path)),
      remove: (path) => {
        const half = path.endsWith('_dossier.json') ? 'dossier' : path.endsWith('_meta.yml') ? 'bookkeeping' : null;
        return half !== null && faults.includes(half) ? refused(path) : files.remove(path);
      },
    },
    runtime: {
      ...runtime,
      remove: async (names) =>
        faults.includes('container') ? names.map((name) => ({ name, removed: false, error: 'locked' })) : runtime.remove(names),
    },
  };
}

describe.each(states)('a task whose container is %s', (state) => {
  const containerFails = (faults: readonly Step[]) => faults.includes('container') && state !== 'gone';
  const recordFails = (faults: readonly Step[]) => faults.includes('dossier') || faults.includes('bookkeeping');
  const kinds = (warnings: readonly string[]) => warnings.map((warning) => warning.split(':', 1)[0]);
  const worksOf = async ({ ctx, files }: Awaited<ReturnType<typeof worldWith>>) =>
    (await listArchivedTasks(ctx, 'demo')).map(({ archiveDir }) => files.text(`${archiveDir}/work/untracked.tar`));

  test.each(matrix.map((faults) => [faults.join(', ') || 'nothing', faults] as const))(
    'stays as one that is being deleted where %s fails, until a second try ends it; there is one archive',
    async (_, faults) => {
      const world = await worldWith(state);
      const { ctx, files, runtime, id, name, folder } = world;
      const { deleted, warnings, archive } = await taskDelete(failing(ctx, folder, faults), 'demo', id);

      const expected = containerFails(faults)
        ? [`Container ${name}`]
        : faults.includes('folder')
          ? ['Workspace removal failed']
          : recordFails(faults)
            ? ['Metadata removal failed']
            : [];
      expect(kinds(warnings)).toEqual(expected);
      expect(files.text(`${archive}/work/untracked.tar`)).toBe('work');
      const stays = expected.length > 0;
      expect(deleted).toBe(!stays);
      expect(await readTaskRecord(ctx, 'demo', id)).toMatchObject(
        stays ? { kind: 'read', record: { deleting: true, archive_name: basename(archive ?? '') } } : { kind: 'absent' },
      );

      const again = await taskDelete(ctx, 'demo', id).catch((error: unknown) => error);
      expect(again).toMatchObject(stays ? { warnings: [], archive } : { code: 'TASK_NOT_FOUND' });
      expect((await readTaskRecord(ctx, 'demo', id)).kind).toBe('absent');
      expect(await files.stat(folder)).toBeNull();
      expect(runtime.specs.size).toBe(0);
      expect(await worksOf(world)).toEqual(['work']);
    },
  );

  test.each(matrix.map((faults) => [faults.join(', ') || 'nothing', faults] as const))(
    'goes with force as far as it does where %s fails, with a warning for each',
    async (_, faults) => {
      const world = await worldWith(state);
      const { ctx, files, runtime, id, name, folder } = world;
      const { warnings } = await taskDelete(failing(ctx, folder, faults), 'demo', id, { force: true });
      expect(kinds(warnings)).toEqual([
        ...(containerFails(faults) ? [`Container ${name}`] : []),
        ...(faults.includes('folder') ? ['Workspace removal failed'] : []),
        ...(recordFails(faults) ? ['Metadata removal failed'] : []),
      ]);
      expect((await readTaskRecord(ctx, 'demo', id)).kind).toBe(recordFails(faults) ? 'read' : 'absent');
      expect((await files.stat(folder)) !== null).toBe(faults.includes('folder'));
      expect(runtime.specs.has(name)).toBe(containerFails(faults));
      expect(await worksOf(world)).toEqual(['work']);
    },
  );
});

describe('a deletion that is taken up again', () => {
  const crashed = async (change: (world: Awaited<ReturnType<typeof worldWith>>) => unknown = () => {}) => {
    const world = await worldWith('exited');
    const first = await taskDelete(failing(world.ctx, world.folder, ['container']), 'demo', world.id);
    await change(world);
    world.clock.advance(5000);
    return { ...world, first, second: await taskDelete(world.ctx, 'demo', world.id) };
  };

  test('has the archive that it made, and does not look at the workspace again', async () => {
    const { first, second, ctx } = await crashed(({ files, folder }) => files.remove(`${folder}/workspace/file`));
    expect(second.archive).toBe(first.archive);
    expect(await listArchivedTasks(ctx, 'demo')).toHaveLength(1);
  });

  test('makes another where somebody let the container go on meanwhile: what it made since is kept', async () => {
    const { second, files, ctx } = await crashed(async (world) => {
      await world.runtime.start(world.name);
      await world.files.replace(`${world.folder}/workspace/file`, 'later work');
    });
    expect(files.text(`${second.archive}/work/untracked.tar`)).toBe('later work');
    expect(await listArchivedTasks(ctx, 'demo')).toHaveLength(2);
  });

  test('does not follow a name that leads elsewhere', async () => {
    const { second, files } = await crashed(({ ctx, id }) => updateTask(ctx, 'demo', id, { archive_name: '../../../tasks' }));
    expect(files.text(`${second.archive}/work/untracked.tar`)).toBe('work');
  });
});

describe('a deletion of which the record can take no note', () => {
  const metaDir = '/state/core/projects/demo/tasks';
  type World = Awaited<ReturnType<typeof worldWith>>;
  const records: readonly (readonly [what: string, spoil: (world: World) => Promise<unknown>])[] = [
    ['is damaged', ({ files, id }) => files.replace(`${metaDir}/${id}_meta.yml`, 'mode: [\n')],
    ['has a dossier that is damaged', ({ files, id }) => files.replace(`${metaDir}/${id}_dossier.json`, '{')],
    ['is gone', ({ files }) => files.removeTree(metaDir)],
    ['is larger than any', ({ files, id }) => files.replace(`${metaDir}/${id}_meta.yml`, 'x'.repeat(20 * 1024 * 1024))],
    ['cannot be written', async () => {}],
  ];
  const unwritable = (ctx: TaskContext): TaskContext => ({
    ...ctx,
    files: {
      ...ctx.files,
      replace: async (path, ...rest) => {
        if (path.startsWith(metaDir)) throw sandboxErrors.FILE_ACCESS_DENIED({ path, attempt: 'write' });
        await ctx.files.replace(path, ...rest);
      },
    },
  });
  const begun = async ([what, spoil]: (typeof records)[number]) => {
    const world = await worldWith('exited');
    const ctx = what === 'cannot be written' ? unwritable(world.ctx) : world.ctx;
    await spoil(world);
    const first = await taskDelete(failing(ctx, world.folder, ['container']), 'demo', world.id);
    world.clock.advance(5000);
    return { ...world, ctx, first };
  };
  const hidden = async ({ files }: World) =>
    (await files.list('/state/archive/demo/tasks')).filter(({ name }) => name.startsWith('.')).map(({ name }) => name);

  test.each(records)('because it %s has one archive all the same, however often it is repeated', async (...record) => {
    const world = await begun(record);
    const { ctx, id, folder, files, first } = world;
    expect(first.deleted).toBe(false);
    const second = await taskDelete(failing(ctx, folder, ['folder']), 'demo', id);
    expect(second).toMatchObject({ deleted: false, archive: first.archive });
    const third = await taskDelete(ctx, 'demo', id);
    expect(third).toMatchObject({ deleted: true, archive: first.archive, warnings: [] });
    expect(files.text(`${first.archive}/work/untracked.tar`)).toBe('work');
    expect([(await listArchivedTasks(ctx, 'demo')).length, await hidden(world)]).toEqual([1, []]);
  });

  test.each(records)('because it %s makes another where a container ran meanwhile', async (...record) => {
    const { ctx, id, runtime, files, name, folder, first, clock } = await begun(record);
    await runtime.start(name);
    await files.replace(`${folder}/workspace/file`, 'later work');
    runtime.finish(name, 0);
    clock.advance(5000);
    const { archive } = await taskDelete(ctx, 'demo', id);
    expect([files.text(`${first.archive}/work/untracked.tar`), files.text(`${archive}/work/untracked.tar`)]).toEqual([
      'work',
      'later work',
    ]);
  });

  test('makes another where somebody mended the record meanwhile, and it was damaged again', async () => {
    const { ctx, id, files, folder, first } = await begun([
      'is damaged',
      ({ files: disk, id: task }) => disk.replace(`${metaDir}/${task}_meta.yml`, '['),
    ]);
    await files.replace(`${metaDir}/${id}_meta.yml`, 'mode: run\nx: [\n');
    await files.replace(`${folder}/workspace/file`, 'later work');
    const { archive } = await taskDelete(ctx, 'demo', id);
    expect(archive).not.toBe(first.archive);
    expect(files.text(`${archive}/work/untracked.tar`)).toBe('later work');
  });

  test.each(['{', '[]', '{"archive_name":7}', '{"archive_name":"../../../tasks"}'])('obeys no note that says %j', async (note) => {
    const { ctx, id, files } = await worldWith('exited');
    await files.replace(`${metaDir}/${id}_meta.yml`, '[');
    await files.replace(`/state/archive/demo/tasks/.deleting-${id}`, note);
    const { archive } = await taskDelete(ctx, 'demo', id);
    expect(files.text(`${archive}/work/untracked.tar`)).toBe('work');
  });

  test('leaves no note when its work could not be kept', async () => {
    const world = await worldWith('exited');
    await world.files.replace(`${metaDir}/${world.id}_meta.yml`, '[');
    const runtime = { ...world.ctx.runtime, logs: () => refusedLog() };
    await expect(taskDelete({ ...world.ctx, runtime }, 'demo', world.id)).rejects.toMatchObject({ code: 'ARCHIVE_FAILED' });
    expect(await hidden(world)).toEqual([]);
  });
});

/** A log of which nothing can be read. */
async function* refusedLog(): AsyncGenerator<never> {
  yield* [];
  throw sandboxErrors.FILE_FAILED({ path: 'log', attempt: 'read', reason: 'gone' });
}

test('a container that ran and ended after its task was archived has left work that is not in the archive', async () => {
  const { ctx, files, runtime, clock, id, name, folder } = await worldWith('exited');
  const first = await taskDelete(failing(ctx, folder, ['container']), 'demo', id);
  clock.advance(5000);
  await runtime.start(name);
  await files.replace(`${folder}/workspace/file`, 'later work');
  runtime.finish(name, 0);
  const { archive } = await taskDelete(ctx, 'demo', id);
  expect([files.text(`${first.archive}/work/untracked.tar`), files.text(`${archive}/work/untracked.tar`)]).toEqual(['work', 'later work']);
});

test.each([
  ['runs', 'running', 2],
  ['has ended', 'exited', 1],
  ['has no container', 'gone', 1],
] as const)('podman is asked for the containers of a task that %s no more often than they may have changed', async (_, state, times) => {
  const { ctx, runtime, id } = await worldWith(state);
  const before = runtime.calls.length;
  await taskDelete(ctx, 'demo', id);
  expect(runtime.calls.slice(before).filter(({ verb }) => verb === 'ps')).toHaveLength(times);
});
