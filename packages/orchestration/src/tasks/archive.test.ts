import { memoryFiles } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import type { TaskContext } from '../task-context.ts';
import { memoryWorld } from '../testing/memory-world.ts';
import { archiveTask, isArchiveNameOf, listArchivedTasks, newArchiveName, taskArchiveLogs } from './archive.ts';
import { loadTaskMeta, updateTask } from './meta.ts';
import { taskNew } from './new-task.ts';

const directory = '/state/archive/demo/tasks';
const at = (day: number) => `202608${String(day).padStart(2, '0')}T120000000000Z`;
const disk = (files: Readonly<Record<string, string>>) =>
  memoryFiles({
    '/config/projects/demo/project.yml': 'repository: /r\n',
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${directory}/${path}`, text])),
  });

describe('the list of archived tasks', () => {
  test('is newest first, and leaves out what is no archive', async () => {
    const files = disk({
      [`${at(1)}_g0000_first/task.json`]: '{"task_id":"g0000","name":"first","mode":"run","exit_code":0}',
      [`${at(3)}_g0002/task.json`]: '{"task_id":"g0002","mode":null,"exit_code":"0"}',
      [`${at(2)}_g0001_second/task.json`]: '{"task_id":"g0001","name":"second","mode":"run","exit_code":7}',
      [`${at(4)}_g0003_empty/task.json`]: '',
      [`${at(5)}_g0004_broken/task.json`]: '{"task_id"',
      [`${at(6)}_g0005_list/task.json`]: '[]',
      [`${at(7)}_g0006_none/other.json`]: '{}',
      [`${at(8)}_g0007_huge/task.json`]: `"${'x'.repeat(2 * 1024 * 1024)}"`,
      '.partial-g0008/task.json': '{"task_id":"g0008"}',
      'notes.txt': 'mine',
    });
    await files.ensureDirectory(`${directory}/${at(9)}_g0009_directory/task.json`);
    files.link('/etc/passwd', `${directory}/${at(9)}_g0010_link`);
    const { ctx } = await memoryWorld({ files });

    expect((await listArchivedTasks(ctx, 'demo')).map(({ archiveDir: _, ...task }) => task)).toEqual([
      { archivedAt: at(4), taskId: '', name: '', mode: null, exitCode: null },
      { archivedAt: at(3), taskId: 'g0002', name: '', mode: null, exitCode: null },
      { archivedAt: at(2), taskId: 'g0001', name: 'second', mode: 'run', exitCode: 7 },
      { archivedAt: at(1), taskId: 'g0000', name: 'first', mode: 'run', exitCode: 0 },
    ]);
  });

  test('is empty where nothing was ever archived', async () => {
    const { ctx } = await memoryWorld();
    expect(await listArchivedTasks(ctx, 'demo')).toEqual([]);
    expect(await taskArchiveLogs(ctx, 'demo', '2026')).toBeNull();
  });

  test.each(['../demo', '..', '', 'a/b'])('of a project called %j is refused', async (project) => {
    const { ctx } = await memoryWorld();
    await expect(listArchivedTasks(ctx, project)).rejects.toMatchObject({ code: 'PATH_SEGMENT_UNSAFE' });
  });
});

describe('an archived log', () => {
  const files = disk({
    [`${at(1)}_g0000_a/logs/container.log`]: 'old',
    [`${at(2)}_g0000_b/logs/container.log`]: 'new',
    [`${at(3)}_g0000_c/task.json`]: '{}',
    [`${at(4)}_g0001_d/task.json`]: '{}',
  });
  files.link('/etc/passwd', `${directory}/${at(4)}_g0001_d/logs/container.log`);

  test.each([
    ['the beginning of a name', at(1), `${at(1)}_g0000_a`],
    ['a beginning that several share', '202608', `${at(2)}_g0000_b`],
    ['the ID of a task', 'g0000', `${at(2)}_g0000_b`],
    ['a beginning that none has', '2027', null],
    ['one without a log', at(3), null],
    ['one whose log is a link', at(4), null],
    ['a way out', '../', null],
    ['the name of the task', 'a', null],
  ] as const)('is found by %s', async (_, words, folder) => {
    const { ctx } = await memoryWorld({ files });
    expect(await taskArchiveLogs(ctx, 'demo', words)).toBe(folder === null ? null : `${directory}/${folder}/logs/container.log`);
  });
});

test('an archived log that was compressed is found as that', async () => {
  const log = `${directory}/${at(1)}_g0000_a/logs/container.log.gz`;
  const { ctx } = await memoryWorld({ files: disk({ [`${at(1)}_g0000_a/logs/container.log.gz`]: 'packed' }) });
  expect(await taskArchiveLogs(ctx, 'demo', 'g0000')).toBe(log);
});

/** As a deletion makes it. */
async function archived(ctx: TaskContext, taskId: string): Promise<string> {
  const { record } = await loadTaskMeta(ctx, 'demo', taskId);
  const archiveName = await newArchiveName(ctx, { projectId: 'demo', taskId, record });
  expect(isArchiveNameOf(archiveName, taskId)).toBe(true);
  return archiveTask(ctx, { projectId: 'demo', taskId, archiveName });
}

test.each([
  ['20260820T120000000000Z_g0000', true],
  ['20260820T120000000000Z_g0000_a-b_c', true],
  ['20260820T120000000000Z_g0001_a', false],
  ['20260820T120000000000Z_g0000_../../x', false],
  ['../20260820T120000000000Z_g0000', false],
  ['.partial-g0000', false],
  ['', false],
])('%j is a name of an archive of task g0000: %s', (name, is) => {
  expect(isArchiveNameOf(name, 'g0000')).toBe(is);
});

test('two archives of one moment are two archives', async () => {
  const { ctx } = await memoryWorld();
  const id = await taskNew(ctx, 'demo', { name: 'same' });
  const folders = [await archived(ctx, id), await archived(ctx, id), await archived(ctx, id)];
  expect(folders).toEqual(['', '_1', '_2'].map((end) => `${directory}/20260820T120000000000Z_${id}_same${end}`));
});

test('what a crash left of an attempt is no part of the next', async () => {
  const { ctx, files } = await memoryWorld();
  const id = await taskNew(ctx, 'demo', { name: 'x' });
  await files.replace(`${directory}/.partial-${id}/logs/old.log`, 'old');
  const folder = await archived(ctx, id);
  expect((await files.list(folder)).map(({ name }) => name)).toEqual(['task.json']);
  expect(await files.list(directory)).toHaveLength(1);
});

test('logs are kept, links among them not; a name cannot lead elsewhere', async () => {
  const { ctx, files } = await memoryWorld();
  const id = await taskNew(ctx, 'demo', { name: 'x' });
  const logs = `/state/tasks/demo/${id}/logs`;
  await files.replace(`${logs}/container.log`, 'printed');
  files.link('/etc/shadow', `${logs}/link.log`);
  await files.ensureDirectory(`${logs}/folder`);
  await updateTask(ctx, 'demo', id, { name: '../../escape' });
  const folder = await archived(ctx, id);
  expect(folder.startsWith(`${directory}/2026`)).toBe(true);
  expect(folder.slice(directory.length + 1)).not.toContain('/');
  expect((await files.list(`${folder}/logs`)).map(({ name }) => name)).toEqual(['container.log']);
});

test('a log is archived as it is read, however large: nothing holds it whole', async () => {
  const { ctx, files } = await memoryWorld();
  const id = await taskNew(ctx, 'demo', { name: 'x' });
  const log = `/state/tasks/demo/${id}/logs/container.log`;
  const text = 'a line of the log\n'.repeat(5000);
  await files.replace(log, text);
  let unwritten = 0;
  let unwrittenMax = 0;
  /** A disk that reads no log whole, and counts how much of it was read and is not written yet. */
  const watched: TaskContext['files'] = {
    ...files,
    read: (path, options) => (path === log ? Promise.reject(new Error('read whole')) : files.read(path, options)),
    async *readChunks(path, options) {
      for await (const chunk of files.readChunks(path, options)) {
        unwritten += chunk.length;
        unwrittenMax = Math.max(unwrittenMax, unwritten);
        yield chunk;
        unwritten -= chunk.length;
      }
    },
  };
  const folder = await archived({ ...ctx, files: watched }, id);
  expect(files.text(`${folder}/logs/container.log`) === text).toBe(true);
  expect(unwrittenMax).toBeLessThan(text.length / 10);
});
