import { memoryFiles } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import { listArchivedTasks } from '../tasks/archive.ts';
import { taskNew } from '../tasks/new-task.ts';
import { getTasks } from '../tasks/query.ts';
import { memoryWorld, projectFile } from '../testing/memory-world.ts';
import { projectDelete } from './project-delete.ts';
import { projectRemove } from './projects.ts';

const text = (words: string) => new TextEncoder().encode(words);

describe('deleting a project', () => {
  test('case 193: archives every task and its own file before anything of it is gone', async () => {
    const { ctx, files, runtime } = await memoryWorld();
    const idle = await taskNew(ctx, 'demo', { name: 'idle' });
    const { taskId: ran, containerName } = await taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });
    runtime.finish(containerName, 0);
    await files.ensureDirectory('/state/tasks/demo/k3v8h/workspace'); // what a crash left

    const { tasks, warnings, archive } = await projectDelete(ctx, 'demo');
    expect({ tasks: tasks.toSorted(), warnings }).toEqual({ tasks: [idle, ran, 'k3v8h'].toSorted(), warnings: [] });
    expect(files.text(archive)).toBe('repository: /repositories/demo\n');
    expect((await listArchivedTasks(ctx, 'demo')).map(({ taskId }) => taskId).toSorted()).toEqual([idle, ran, 'k3v8h'].toSorted());
    expect(await files.stat('/config/projects/demo')).toBeNull();
    expect(files.paths().filter((path) => path.startsWith('/state/tasks') || path.startsWith('/state/mirrors/demo.git'))).toEqual([]);
    expect(runtime.specs.size).toBe(0);
  });

  test('refuses while a task runs, and while podman does not say', async () => {
    const { ctx, files, runtime } = await memoryWorld();
    const { taskId, containerName } = await taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });
    const before = files.paths();
    await expect(projectDelete(ctx, 'demo')).rejects.toMatchObject({
      code: 'PROJECT_BUSY',
      message: expect.stringContaining(taskId) as string,
    });
    runtime.pause(containerName);
    await expect(projectDelete(ctx, 'demo')).rejects.toMatchObject({ code: 'PROJECT_BUSY' });
    runtime.failing = true;
    await expect(projectDelete(ctx, 'demo')).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
    expect(files.paths()).toEqual(before);
  });

  test('stops at a task that cannot be removed whole, and says what of it stays', async () => {
    const { ctx, files, runtime } = await memoryWorld();
    const { taskId, containerName } = await taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });
    runtime.finish(containerName, 0);
    const remove = async (names: readonly string[]) => names.map((name) => ({ name, removed: false, error: 'locked' }));
    await expect(projectDelete({ ...ctx, runtime: { ...runtime, remove } }, 'demo')).rejects.toMatchObject({
      code: 'TASK_STAYS',
      message: expect.stringContaining(`${containerName}: locked`) as string,
    });
    expect(files.text(projectFile)).not.toBeNull();
    expect(await projectDelete(ctx, 'demo')).toMatchObject({ tasks: [taskId], warnings: [] });
    expect(runtime.specs.size).toBe(0);
  });

  test('stops at work that cannot be kept, and goes on with force', async () => {
    const execute = () => ({ exitCode: 1, stdout: text(''), stderr: text('no such object') });
    const { ctx, files, runtime } = await memoryWorld({ containers: { execute } });
    const { taskId, containerName } = await taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });
    await files.replace(`/state/tasks/demo/${taskId}/workspace/file`, 'work');
    runtime.finish(containerName, 0);

    await expect(projectDelete(ctx, 'demo')).rejects.toMatchObject({ code: 'ARCHIVE_FAILED' });
    expect(files.text(`/state/tasks/demo/${taskId}/workspace/file`)).toBe('work');
    expect(files.text(projectFile)).not.toBeNull();

    const { warnings } = await projectDelete(ctx, 'demo', { force: true });
    expect(warnings).toEqual([expect.stringContaining('given up') as string]);
    expect(files.text(projectFile)).toBeNull();
  });

  test('that is broken goes like any other, and its file is kept as it was', async () => {
    const broken = 'repository: [\n';
    const { ctx, files } = await memoryWorld({ files: memoryFiles({ [projectFile]: broken }) });
    const { archive } = await projectDelete(ctx, 'demo');
    expect(files.text(archive)).toBe(broken);
    await expect(projectDelete(ctx, 'demo')).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' });
  });

  test('case 194: never leads outside of its folders', async () => {
    const { ctx, files } = await memoryWorld();
    const before = files.paths();
    for (const id of ['../demo', '..', '', '/etc', 'demo/..', '.'])
      await expect(projectDelete(ctx, id)).rejects.toMatchObject({ code: 'PROJECT_NAME_INVALID' });
    expect(files.paths()).toEqual(before);
  });

  test('removing one that still has tasks is refused; two removals in one moment keep both files', async () => {
    const { ctx, files } = await memoryWorld();
    const id = await taskNew(ctx, 'demo');
    await expect(projectRemove(ctx, 'demo')).rejects.toMatchObject({ code: 'PROJECT_HAS_TASKS' });
    expect(await getTasks(ctx, 'demo')).toMatchObject([{ taskId: id }]);
    const first = (await projectDelete(ctx, 'demo')).archive;
    await files.replace(projectFile, 'repository: /other\n');
    const second = (await projectRemove(ctx, 'demo')).archive;
    expect([files.text(first), files.text(second)]).toEqual(['repository: /repositories/demo\n', 'repository: /other\n']);
  });
});
