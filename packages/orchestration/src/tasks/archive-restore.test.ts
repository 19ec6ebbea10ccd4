import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import type { RunSpec } from '@terok/executor';
import { describe, expect, test } from 'vitest';
import type { TaskContext } from '../task-context.ts';
import { freshDisk, memoryGit, memoryWorld, scriptedPrograms, type MemoryWorld, type WorldOptions } from '../testing/memory-world.ts';
import { archiveFetch, taskRestore } from './archive-restore.ts';
import { taskRun } from '../runners/run-task.ts';
import { taskDelete } from './lifecycle.ts';
import { readTaskRecord, updateTask } from './meta.ts';
import { taskNew } from './new-task.ts';
import { getTasks } from './query.ts';

const directory = '/state/archive/demo/tasks';
const folder = `${directory}/20260101T000000000000Z_g0000_old-idea`;
const old = {
  project_id: 'demo',
  task_id: 'g0000',
  name: 'old-idea',
  mode: 'run',
  agent: 'claude',
  branch: 'main',
  base_commit: 'b'.repeat(40),
  exit_code: 3,
  ended: 'agent',
  launch_id: 'gone',
  session_id: 'gone',
  container_name: 'gone',
  x_other: 'left in the archive',
};

/** A disk with one archive, a host that copies files, and containers that answer `exitCode`. */
async function archivedWorld({
  record = JSON.stringify(old),
  work = ['work/work.bundle', 'work/head.txt'],
  exitCode = 0,
  ...options
}: WorldOptions & { record?: string; work?: readonly string[]; exitCode?: number } = {}) {
  const files = options.files ?? freshDisk();
  if (options.files === undefined) {
    await files.replace(`${folder}/task.json`, record);
    for (const name of work) await files.replace(`${folder}/${name}`, 'work');
  }
  const specs: RunSpec[] = [];
  const copied: string[] = [];
  const git = memoryGit(files);
  const processes: TaskContext['processes'] = {
    ...git,
    run: async (command) => {
      if (command.binary !== 'install') return git.run(command);
      copied.push(...command.args.slice(command.args.indexOf('--') + 1));
      return scriptedPrograms(async () => ({})).run(command);
    },
  };
  const execute = (spec: RunSpec) => {
    specs.push(spec);
    return { exitCode, stdout: new Uint8Array(), stderr: new TextEncoder().encode('lacks a \u001b[31mcommit') };
  };
  const world = await memoryWorld({ ...options, files, processes, containers: { execute } });
  return { ...world, specs, copied };
}

const record = async ({ ctx }: MemoryWorld, id: string) => {
  const read = await readTaskRecord(ctx, 'demo', id);
  return read.kind === 'read' ? read.record : read.kind;
};

describe('restoring an archived task', () => {
  test('makes a new one with its work, filled in a container without a network, and says where it came from', async () => {
    const world = await archivedWorld();
    const { taskId, archiveDir, filled } = await taskRestore(world.ctx, 'demo', 'g0000');
    expect({ archiveDir, filled }).toEqual({ archiveDir: folder, filled: true });
    expect(world.copied).toEqual([`${folder}/work/work.bundle`, `${folder}/work/head.txt`]);
    expect(world.specs).toMatchObject([
      {
        network: 'none',
        rootFilesystem: 'read_only',
        command: [...Array.from({ length: 4 }, () => expect.any(String) as string), old.base_commit, 'main'],
        mounts: [
          { target: '/workspace', source: `/state/tasks/demo/${taskId}/workspace`, access: 'write' },
          { target: '/run/terok/in', access: 'read' },
          { target: '/run/terok/mirror.git', access: 'read' },
        ],
      },
    ]);
    expect(await record(world, taskId)).toMatchObject({
      name: 'old-idea',
      mode: 'run',
      agent: 'claude',
      exit_code: 3,
      restored_from: '20260101T000000000000Z_g0000_old-idea',
      restoring_from: null,
    });
    expect(Object.keys((await record(world, taskId)) as object)).not.toEqual(expect.arrayContaining(['session_id']));
    expect(JSON.stringify(await record(world, taskId))).not.toMatch(/"gone"|left in/);
    expect(await world.files.stat(`/state/tasks/demo/${taskId}/restoring`)).toBeNull();
    expect(world.files.text(`${folder}/work/work.bundle`)).toBe('work');
  });

  test('puts back what was kept of the home of its agent, and the session with it', async () => {
    const world = await archivedWorld({ work: ['work/work.bundle', 'home.tar'] });
    const { taskId } = await taskRestore(world.ctx, 'demo', 'g0000');
    expect(world.copied).toEqual([`${folder}/home.tar`, `${folder}/work/work.bundle`]);
    expect(world.specs[0]?.mounts.at(-1)).toEqual({
      source: `/state/tasks/demo/${taskId}/home`,
      target: '/run/terok/home',
      access: 'write',
    });
    expect(await record(world, taskId)).toMatchObject({ agent: 'claude', session_id: 'gone' });
  });

  test('of one that left nothing but its home begins where that one began', async () => {
    const world = await archivedWorld({ work: ['home.tar'] });
    const { taskId, filled } = await taskRestore(world.ctx, 'demo', 'g0000');
    expect({ filled, copied: world.copied }).toEqual({ filled: true, copied: [`${folder}/home.tar`] });
    expect(await record(world, taskId)).toMatchObject({ mode: 'run', base_commit: old.base_commit, session_id: 'gone' });
  });

  test('takes another name where one is given, and what was kept whole where there is no more than that', async () => {
    const world = await archivedWorld({ work: ['workspace.tar'] });
    const { taskId } = await taskRestore(world.ctx, 'demo', '20260101', { name: 'New Name' });
    expect(world.copied).toEqual([`${folder}/workspace.tar`]);
    expect(await record(world, taskId)).toMatchObject({ name: 'new-name' });
  });

  test('of one that never began makes a new task, and starts nothing', async () => {
    const world = await archivedWorld({ work: [] });
    const { taskId, filled } = await taskRestore(world.ctx, 'demo', 'g0000');
    expect({ filled, started: world.specs.length }).toEqual({ filled: false, started: 0 });
    expect(await getTasks(world.ctx, 'demo')).toMatchObject([{ taskId, status: 'created', mode: null }]);
  });

  test('leaves nothing of the new task when the work does not come back', async () => {
    const world = await archivedWorld({ exitCode: 1 });
    const before = world.files.paths().filter((path) => path.startsWith('/state/archive'));
    const failure = await taskRestore(world.ctx, 'demo', 'g0000').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'WORKSPACE_UNREADABLE', message: expect.stringContaining('lacks a') as string });
    expect(String(failure)).not.toContain('\u001b');
    expect(await getTasks(world.ctx, 'demo')).toEqual([]);
    expect(world.files.paths().filter((path) => path.startsWith('/state/tasks') || path.startsWith('/state/core'))).toEqual([]);
    expect(world.files.paths().filter((path) => path.startsWith('/state/archive'))).toEqual(before);
  });

  test('follows no link that a container left in place of the work', async () => {
    const world = await archivedWorld({ work: [] });
    world.files.link('/etc/shadow', `${folder}/work/work.bundle`);
    await world.files.ensureDirectory(`${folder}/work/untracked.tar`);
    expect(await taskRestore(world.ctx, 'demo', 'g0000')).toMatchObject({ filled: false });
    expect(world.copied).toEqual([]);
  });

  test.each([
    ['', 'ARCHIVE_UNKNOWN'],
    ['k3v8h', 'ARCHIVE_UNKNOWN'],
    ['../..', 'ARCHIVE_UNKNOWN'],
    ['.partial', 'ARCHIVE_UNKNOWN'],
  ])('called %j is refused', async (id, code) => {
    const world = await archivedWorld();
    await expect(taskRestore(world.ctx, 'demo', id)).rejects.toMatchObject({ code });
    expect(await getTasks(world.ctx, 'demo')).toEqual([]);
  });

  test.each(['{', '[]', '{"mode": 7}', ''])('whose record is %j is refused, and its folder named', async (text) => {
    const world = await archivedWorld({ record: text });
    await expect(taskRestore(world.ctx, 'demo', 'g0000')).rejects.toMatchObject({
      code: 'ARCHIVE_DAMAGED',
      message: expect.stringContaining(folder) as string,
    });
  });

  test('cut at any step leaves the archive whole, and what it made says that it is unfinished or is a task', async () => {
    const before = await archivedWorld();
    const archive = before.files.paths().filter((path) => path.startsWith('/state/archive'));
    const disk = memoryFiles(before.files);
    const uncut = await archivedWorld({ files: disk });
    await taskRestore(uncut.ctx, 'demo', 'g0000');
    expect(disk.steps()).toBeGreaterThan(40);
    for (let cutAt = 0; cutAt < disk.steps(); cutAt++) {
      const cut = memoryFiles(before.files, { cutAt });
      const world = await archivedWorld({ files: cut });
      await expect(taskRestore(world.ctx, 'demo', 'g0000')).rejects.toThrow(PowerCut);
      const again = reboot(cut);
      const after = { ...world.ctx, files: again };
      expect(again.paths().filter((path) => path.startsWith('/state/archive'))).toEqual(archive);
      const tasks = await getTasks(after, 'demo');
      expect(tasks.length).toBeLessThanOrEqual(1);
      expect(tasks.map(({ status }) => status)).not.toContain('damaged');
    }
  });
});

test('a task that is half restored cannot be run, and may be deleted', async () => {
  const world = await archivedWorld();
  const taskId = await taskNew(world.ctx, 'demo');
  await updateTask(world.ctx, 'demo', taskId, { restoring_from: folder.slice(directory.length + 1) });
  await expect(taskRun(world.ctx, 'demo', { prompt: 'x', agent: 'shell', taskId })).rejects.toMatchObject({
    code: 'TASK_RESTORING',
    hint: expect.stringContaining('20260101T000000000000Z_g0000') as string,
  });
  expect(await taskDelete(world.ctx, 'demo', taskId)).toMatchObject({ deleted: true });
});

test('into a branch: the copy is gone afterwards, whatever became of the fetch', async () => {
  const world = await archivedWorld();
  await expect(archiveFetch(world.ctx, 'demo', 'g0000', { branch: 'idea' })).rejects.toMatchObject({ code: 'WORKSPACE_UNREADABLE' });
  expect(world.specs).toHaveLength(2);
  expect(world.specs[1]?.mounts[0]).toMatchObject({ target: '/workspace', access: 'read' });
  expect(await getTasks(world.ctx, 'demo')).toEqual([]);
});
