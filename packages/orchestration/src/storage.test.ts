import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { taskRun } from './runners/run-task.ts';
import { projectsOf, storageUsage } from './storage.ts';
import { taskNew } from './tasks/new-task.ts';
import { projectAdd } from './projects/projects.ts';
import { memoryWorld, scriptedPrograms } from './testing/memory-world.ts';
import { gitWorldFixture, type GitWorld } from './testing/node-git-world.ts';

const test = base.extend<{ world: GitWorld }>(gitWorldFixture);
const paths = { tasks: '/s/tasks', archive: '/s/archive', mirrors: '/s/mirrors' };
const sizes = (entries: Readonly<Record<string, number>>) => new Map(Object.entries(entries));

describe('bytes by path', () => {
  test('become bytes by task, and what its tasks share', () => {
    const bytes = sizes({
      '/s/tasks': 1000,
      '/s/tasks/demo': 900,
      '/s/tasks/demo/k3v8h': 600,
      '/s/tasks/demo/k3v8h/workspace': 400,
      '/s/tasks/demo/k3v8h/home': 100,
      '/s/tasks/demo/k3v8h/logs': 50,
      '/s/tasks/demo/g0000': 300,
      '/s/archive/demo': 70,
      '/s/archive/demo/tasks': 70,
      '/s/archive/gone': 7,
      '/s/mirrors': 25,
      '/s/mirrors/demo.git': 20,
      '/s/mirrors/other.git': 5,
    });
    expect(projectsOf(bytes, paths, (_, task) => (task === 'k3v8h' ? 11 : null))).toEqual([
      {
        projectId: 'demo',
        tasks: [
          { taskId: 'g0000', workspaceBytes: 0, homeBytes: 0, logsBytes: 0, containerBytes: null, totalBytes: 300 },
          { taskId: 'k3v8h', workspaceBytes: 400, homeBytes: 100, logsBytes: 50, containerBytes: 11, totalBytes: 611 },
        ],
        archiveBytes: 70,
        mirrorBytes: 20,
        totalBytes: 1001,
      },
      { projectId: 'gone', tasks: [], archiveBytes: 7, mirrorBytes: 0, totalBytes: 7 },
      { projectId: 'other', tasks: [], archiveBytes: 0, mirrorBytes: 5, totalBytes: 5 },
    ]);
  });

  test('that belong to no project and no task are nobody`s', () => {
    const bytes = sizes({ '/s/tasks/Demo/k3v8h': 1, '/s/tasks/demo/notes': 2, '/s/tasksomething/demo/k3v8h': 3, '/s/mirrors/..git': 4 });
    expect(projectsOf(bytes, paths, () => 0)).toEqual([{ projectId: 'demo', tasks: [], archiveBytes: 0, mirrorBytes: 0, totalBytes: 0 }]);
  });
});

test('what cannot be measured is said, and the rest is measured', async () => {
  const processes = scriptedPrograms(async ({ binary }) =>
    binary === 'du'
      ? {
          exitCode: 1,
          stdout: '4096\t/state/tasks/demo/k3v8h\0',
          stderr: 'du: cannot read directory \u001b[31m/state/tasks/demo/k3v8h/home\n',
        }
      : { exitCode: 1 },
  );
  const { ctx, files, runtime } = await memoryWorld({ processes });
  expect(await storageUsage({ ...ctx, processes })).toMatchObject({ projects: [] });
  await files.ensureDirectory('/state/tasks/demo/k3v8h');
  runtime.failing = true;
  const usage = await storageUsage(ctx);
  expect(usage).toMatchObject({ projects: [{ tasks: [{ taskId: 'k3v8h', totalBytes: 4096, containerBytes: null }] }], images: null });
  expect(usage.incomplete).toEqual([
    expect.stringContaining('cannot read directory') as string,
    'podman does not say what containers have written',
  ]);
  expect(usage.incomplete.join('')).not.toContain('\u001b');
});

test('on a real disk: holes do not count, links are not followed, and each task has its own', async ({
  world: { ctx, root, repository },
}) => {
  await projectAdd(ctx, 'demo', { repository });
  const [first, second] = [await taskNew(ctx, 'demo'), await taskNew(ctx, 'demo')];
  const folder = join(ctx.paths.tasks, 'demo', first);
  await writeFile(join(folder, 'workspace/large'), 'x'.repeat(512 * 1024));
  await writeFile(join(folder, 'home/hole'), '');
  await truncate(join(folder, 'home/hole'), 2 ** 40);
  await mkdir(join(root, 'elsewhere'));
  await writeFile(join(root, 'elsewhere/huge'), 'x'.repeat(4 * 1024 * 1024));
  await symlink(join(root, 'elsewhere'), join(folder, 'workspace/link'));

  const { projects, incomplete } = await storageUsage(ctx);
  expect(incomplete).toEqual([]);
  expect(projects.map(({ projectId, tasks }) => [projectId, tasks.map(({ taskId }) => taskId)])).toEqual([
    ['demo', [first as string, second as string].toSorted()],
  ]);
  const found = projects[0]?.tasks.find(({ taskId }) => taskId === first);
  expect(found?.workspaceBytes).toBeGreaterThanOrEqual(512 * 1024);
  expect(found?.workspaceBytes).toBeLessThan(1024 * 1024);
  expect(found?.homeBytes).toBeLessThan(1024 * 1024);
  expect(found?.totalBytes).toBeGreaterThanOrEqual((found?.workspaceBytes ?? 0) + (found?.homeBytes ?? 0));
});

test('a container has a layer of its own, which goes with its task', async () => {
  const { ctx, runtime, files } = await memoryWorld();
  const { taskId, containerName } = await taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });
  const processes = scriptedPrograms(async () => ({ stdout: `10\t/state/tasks/demo/${taskId}\0` }));
  const writtenBytes = async () => new Map([[containerName, 32]]);
  expect(await storageUsage({ ...ctx, files, processes, runtime: { ...runtime, writtenBytes } })).toMatchObject({
    projects: [{ tasks: [{ taskId, containerBytes: 32, totalBytes: 42 }] }],
  });
});
