import { sandboxErrors, TerokError } from '@terok/sandbox';
import { memoryFiles, PowerCut, reboot, type MemoryFiles } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { taskRun } from '../runners/run-task.ts';
import type { TaskContext } from '../task-context.ts';
import { memoryWorld, projectFile, scriptedPrograms, type MemoryWorld, type WorldOptions } from '../testing/memory-world.ts';
import { listArchivedTasks, taskArchiveLogs } from './archive.ts';
import type { TaskId } from './identity.ts';
import { taskDelete, taskRename } from './lifecycle.ts';
import { getLoginCommand } from './login.ts';
import { readTaskRecord, updateTask } from './meta.ts';
import { taskNew } from './new-task.ts';
import { getTasks } from './query.ts';
import { reconcileProject } from './reconcile.ts';
import { interruptTask, taskStop } from './stop.ts';

const text = (words: string) => new TextEncoder().encode(words);
/** A throw-away container in which nothing can be read. */
const refusing = (): ReturnType<typeof said> => said(5, 'odd');
const said = (exitCode: number, stderr: string) => ({ exitCode, stdout: new Uint8Array(), stderr: text(stderr) });

/** A task that runs, with something in its workspace. */
async function runningTask(options: WorldOptions = {}): Promise<MemoryWorld & { readonly id: TaskId; readonly name: string }> {
  const world = await memoryWorld(options);
  const { taskId: id, containerName: name } = await taskRun(world.ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  await world.files.remove(`/state/tasks/demo/${id}/workspace/.new-task-marker`);
  await world.files.replace(`/state/tasks/demo/${id}/workspace/file`, 'work');
  world.clock.advance(5000);
  return { ...world, id, name };
}

const record = async ({ ctx }: MemoryWorld, id: string) => {
  const read = await readTaskRecord(ctx, 'demo', id);
  return read.kind === 'read' ? read.record : read.kind;
};

async function* refusedLog(refused: TerokError): AsyncGenerator<never> {
  yield* [];
  throw refused;
}

describe('stopping', () => {
  test('records who asked before the container is ended, with the grace of the project or the one given', async () => {
    const world = await runningTask();
    const stops: unknown[] = [];
    const runtime = {
      ...world.runtime,
      stop: async (name: string, options: unknown) => {
        stops.push({ name, options, asked: (await record(world, world.id)) as unknown });
        await world.runtime.stop(name, { graceSeconds: 0 });
      },
    };
    await taskStop({ ...world.ctx, runtime }, 'demo', world.id);
    expect(stops).toMatchObject([
      { name: world.name, options: { graceSeconds: 10 }, asked: { stop_requested_at: '2026-08-20T12:00:05.000+00:00' } },
    ]);
    expect(await record(world, world.id)).toMatchObject({ ended: 'stopped', exit_code: 143, finished_at: '2026-08-20T12:00:05.000+00:00' });
  });

  test('a grace that is given goes before the one of the project', async () => {
    const world = await runningTask();
    const graces: number[] = [];
    const stop = async (name: string, options: { readonly graceSeconds: number }) => {
      graces.push(options.graceSeconds);
      await world.runtime.stop(name, options);
    };
    await taskStop({ ...world.ctx, runtime: { ...world.runtime, stop } }, 'demo', world.id, { timeoutSeconds: 30 });
    expect(graces).toEqual([30]);
  });

  test('what fails to stop is still recorded as asked to, and goes on', async () => {
    const world = await runningTask();
    const runtime = { ...world.runtime, stop: () => Promise.reject(new Error('podman is busy')) };
    await expect(taskStop({ ...world.ctx, runtime }, 'demo', world.id)).rejects.toThrow('podman is busy');
    expect(await record(world, world.id)).toMatchObject({ stop_requested_at: expect.any(String) as string });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'running' }]);
  });

  test('Ctrl-C says interrupted', async () => {
    const world = await runningTask();
    expect(await interruptTask(world.ctx, 'demo', world.id)).toEqual({
      ended: 'interrupted',
      exitCode: 143,
      error: 'The task was interrupted.',
    });
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'interrupted' }]);
  });

  test.each([
    ['exited', (world: MemoryWorld, name: string): void => world.runtime.finish(name, 3), 'TASK_NOT_RUNNING'],
    ['gone', (world: MemoryWorld, name: string): void => void world.runtime.remove([name]), 'TASK_NOT_RUNNING'],
    [
      'not to be learned',
      (world: MemoryWorld): void => {
        world.runtime.failing = true;
      },
      'CONTAINERS_UNKNOWN',
    ],
  ] as const)('a task whose container is %s cannot be stopped, and nobody is said to have asked', async (_, change, code) => {
    const world = await runningTask();
    change(world, world.name);
    await expect(taskStop(world.ctx, 'demo', world.id)).rejects.toMatchObject({ code });
    expect(await record(world, world.id)).not.toMatchObject({ stop_requested_at: expect.any(String) as string });
  });

  test('an end that nobody recorded is recorded on the way', async () => {
    const world = await runningTask();
    world.runtime.finish(world.name, 3);
    await expect(taskStop(world.ctx, 'demo', world.id)).rejects.toMatchObject({ code: 'TASK_NOT_RUNNING' });
    expect(await record(world, world.id)).toMatchObject({ ended: 'agent', exit_code: 3 });
  });

  test('a paused task can be stopped', async () => {
    const world = await runningTask();
    world.runtime.pause(world.name);
    await taskStop(world.ctx, 'demo', world.id);
    expect(await record(world, world.id)).toMatchObject({ ended: 'stopped' });
  });

  test.each([
    ['has never been run', async (world: MemoryWorld) => taskNew(world.ctx, 'demo'), 'TASK_NEVER_RUN'],
    ['is unknown', async () => 'g0000', 'TASK_NOT_FOUND'],
  ] as const)('a task that %s is refused by its own code', async (_, make, code) => {
    const world = await memoryWorld();
    const id = await make(world);
    await expect(taskStop(world.ctx, 'demo', id)).rejects.toMatchObject({ code });
    await expect(getLoginCommand(world.ctx, 'demo', id)).rejects.toMatchObject({ code });
  });
});

describe('renaming', () => {
  test('asks for the task first, then for the name', async () => {
    const world = await runningTask();
    await expect(taskRename(world.ctx, 'demo', 'g0000', '!!!')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    await expect(taskRename(world.ctx, 'demo', world.id, '!!!')).rejects.toMatchObject({ code: 'TASK_NAME_INVALID' });
    await taskRename(world.ctx, 'demo', world.id, 'Fix The Login');
    expect(await record(world, world.id)).toMatchObject({ name: 'fix-the-login', mode: 'run' });
    expect(world.runtime.specs.has(world.name)).toBe(true);
  });

  test('is the old name or the new one, wherever the power is cut', async () => {
    const before = await runningTask();
    const uncut = memoryFiles(before.files);
    await taskRename({ ...before.ctx, files: uncut }, 'demo', before.id, 'new-name');
    const old = (await getTasks(before.ctx, 'demo'))[0]?.name;
    expect(uncut.steps()).toBeGreaterThan(5);

    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(before.files, { cutAt });
      await taskRename({ ...before.ctx, files: disk }, 'demo', before.id, 'new-name').catch(powerCut);
      const [task] = await getTasks({ ...before.ctx, files: reboot(disk) }, 'demo');
      expect([old, 'new-name']).toContain(task?.name);
      expect(task?.status).not.toBe('damaged');
    }
  });
});

describe('deleting', () => {
  test('archives first, then removes the container, the folder and the record', async () => {
    const world = await runningTask({ containers: { program: () => ({ output: [{ stream: 'stdout', bytes: text('printed\n') }] }) } });
    await updateTask(world.ctx, 'demo', world.id, { web_token: 'secret', gate_token: 'secret', x_other: 'kept' });
    const seen: unknown[] = [];
    const runtime = {
      ...world.runtime,
      remove: async (names: readonly string[]) => {
        const archives = await listArchivedTasks(world.ctx, 'demo');
        seen.push({ names, archives: archives.length, folder: (await world.files.stat(`/state/tasks/demo/${world.id}`)) !== null });
        return world.runtime.remove(names);
      },
    };
    const { archive, warnings } = await taskDelete({ ...world.ctx, runtime }, 'demo', world.id);

    expect(warnings).toEqual([]);
    expect(seen).toEqual([{ names: [world.name], archives: 1, folder: true }]);
    expect(await world.files.stat(`/state/tasks/demo/${world.id}`)).toBeNull();
    expect(await record(world, world.id)).toBe('absent');
    expect(world.runtime.specs.size).toBe(0);
    expect(await listArchivedTasks(world.ctx, 'demo')).toMatchObject([
      { taskId: world.id, mode: 'run', exitCode: 143, archiveDir: archive },
    ]);
    expect(world.files.text(`${archive}/logs/container.log`)).toContain('printed');
    expect(await taskArchiveLogs(world.ctx, 'demo', world.id)).toBe(`${archive}/logs/container.log`);

    const kept = JSON.parse(world.files.text(`${archive}/task.json`) ?? '') as Record<string, unknown>;
    expect(kept).toMatchObject({ project_id: 'demo', task_id: world.id, x_other: 'kept', prompt_sha256: expect.any(String) as string });
    expect(Object.keys(kept)).not.toEqual(expect.arrayContaining(['web_token']));
    expect(world.files.text(`${archive}/task.json`)).not.toMatch(/secret|deleting/);
  });

  test('ends a task that runs within its grace before its work is looked at', async () => {
    const world = await runningTask();
    await taskDelete(world.ctx, 'demo', world.id);
    expect(world.runtime.calls.map(({ verb }) => verb).filter((verb) => verb !== 'ps')).toEqual(['create', 'start', 'stop', 'run', 'rm']);
  });

  test('a task that was never run leaves only its record', async () => {
    const world = await memoryWorld();
    const id = await taskNew(world.ctx, 'demo', { name: 'idea' });
    const { archive } = await taskDelete(world.ctx, 'demo', id);
    expect(world.files.paths().filter((path) => path.startsWith(archive ?? '-'))).toEqual([`${archive}/task.json`]);
    expect(archive).toMatch(new RegExp(`/archive/demo/tasks/20260820T120000000000Z_${id}_idea$`));
  });

  test('work that cannot be kept is not removed: container, folder and record stay as they are', async () => {
    const world = await runningTask({ containers: { execute: () => said(1, 'no such object') } });
    await expect(taskDelete(world.ctx, 'demo', world.id)).rejects.toMatchObject({
      code: 'ARCHIVE_FAILED',
      message: expect.stringContaining('no such object') as string,
    });
    expect(world.files.text(`/state/tasks/demo/${world.id}/workspace/file`)).toBe('work');
    expect(world.runtime.specs.has(world.name)).toBe(true);
    expect(world.files.paths().filter((path) => path.startsWith('/state/archive'))).toEqual([]);
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ deleting: false, exitCode: 143 }]);
  });

  test('with force it is given up, and that is said', async () => {
    const world = await runningTask({ containers: { execute: () => said(1, 'no such object') } });
    const { archive, warnings } = await taskDelete(world.ctx, 'demo', world.id, { force: true });
    expect({ archive, warnings }).toEqual({ archive: null, warnings: [expect.stringMatching(/given up.*no such object/s)] });
    expect(await record(world, world.id)).toBe('absent');
    expect(world.runtime.specs.size).toBe(0);
  });

  test('with force a container that does not stop, and a log that cannot be read, do not cost the work as well', async () => {
    const world = await runningTask();
    const refused = sandboxErrors.FILE_FAILED({ path: 'x', attempt: 'read', reason: 'locked' });
    const runtime = { ...world.ctx.runtime, stop: () => Promise.reject(refused), logs: () => refusedLog(refused) };
    const ctx = { ...world.ctx, runtime, processes: scriptedPrograms(async () => ({ stdout: 'all of it' })) };
    await expect(taskDelete(ctx, 'demo', world.id)).rejects.toMatchObject({ code: 'ARCHIVE_FAILED' });
    const { archive, warnings } = await taskDelete(ctx, 'demo', world.id, { force: true });
    expect(warnings.map((warning) => warning.split(':', 1)[0])).toEqual(['Stopping failed', 'Reading the log failed']);
    expect(world.files.paths().filter((path) => path.startsWith(`${archive}/`))).toContain(`${archive}/task.json`);
    expect(world.runtime.specs.size).toBe(0);
  });

  test('with force nothing is archived of a container that can neither be stopped nor removed', async () => {
    const world = await runningTask();
    const refused = sandboxErrors.FILE_FAILED({ path: 'x', attempt: 'read', reason: 'locked' });
    const remove = async (names: readonly string[]) => names.map((name) => ({ name, removed: false, error: 'locked' }));
    const ctx = { ...world.ctx, runtime: { ...world.ctx.runtime, stop: () => Promise.reject(refused), remove } };
    const { archive, warnings } = await taskDelete(ctx, 'demo', world.id, { force: true });
    expect(archive).toBeNull();
    expect(warnings.map((warning) => warning.split(':', 1)[0])).toEqual([
      'Stopping failed',
      'Archive failed, and the work was given up',
      `Container ${world.name}`,
    ]);
  });

  test('the logs of all its containers are kept, where an earlier one could not be removed', async () => {
    const world = await runningTask({
      containers: {
        program: (spec) => ({ output: [{ stream: 'stdout', bytes: text(`of ${spec.labels['ai.terok.launch']}`) }], exitCode: 0 }),
      },
    });
    const first = (await record(world, world.id)) as { launch_id: string };
    const remove = async (names: readonly string[]) => names.map((name) => ({ name, removed: false, error: 'locked' }));
    world.clock.advance(5000);
    await taskRun({ ...world.ctx, runtime: { ...world.runtime, remove } }, 'demo', { prompt: 'x', agent: 'shell', taskId: world.id });
    const second = (await record(world, world.id)) as { launch_id: string };
    const { archive } = await taskDelete(world.ctx, 'demo', world.id);
    expect(world.files.text(`${archive}/logs/container.log`)).toContain(`of ${second.launch_id}`);
    expect(world.files.text(`${archive}/logs/container-${first.launch_id.slice(0, 8)}.log`)).toContain(`of ${first.launch_id}`);
  });

  test.each([
    ['the workspace holds no repository that can be read', async () => {}, { execute: refusing }],
    ['project.yml is broken', (world: MemoryWorld) => world.files.replace(projectFile, 'repository: [\n'), {}],
    ['the project is gone', (world: MemoryWorld) => world.files.removeTree('/config/projects/demo'), {}],
  ] as const)('where %s the workspace is kept whole, and a task that runs is ended all the same', async (_, change, containers) => {
    const asked: string[] = [];
    const processes = scriptedPrograms(async ({ binary, args }) => {
      asked.push([binary, ...args].join(' '));
      return { stdout: 'all of it' };
    });
    const world = await runningTask({ containers });
    await change(world);
    const { archive, warnings } = await taskDelete({ ...world.ctx, processes }, 'demo', world.id);
    expect(warnings).toEqual([]);
    expect(asked.filter((line) => !line.startsWith('git '))).toEqual([expect.stringMatching(/^tar --create --file=- .*--one-file-system/)]);
    expect(world.files.text(`${archive}/workspace.tar`)).toBe('all of it');
    expect(await world.files.stat(`${archive}/work`)).toBeNull();
    expect(await record(world, world.id)).toBe('absent');
  });

  test('the bytes of a damaged record are kept as they are', async () => {
    const world = await runningTask();
    const metaDir = '/state/core/projects/demo/tasks';
    const [yaml, json] = ['exit_code: [broken\n', '{"project": 7'];
    await world.files.replace(`${metaDir}/${world.id}_meta.yml`, yaml);
    await world.files.replace(`${metaDir}/${world.id}_dossier.json`, json);
    expect(await getTasks(world.ctx, 'demo', { live: true })).toMatchObject([{ status: 'damaged', containerState: 'running' }]);

    const { archive, warnings } = await taskDelete(world.ctx, 'demo', world.id);
    expect(warnings).toEqual([]);
    expect(world.files.text(`${archive}/damaged_meta.yml`)).toBe(yaml);
    expect(world.files.text(`${archive}/damaged_dossier.json`)).toBe(json);
    expect(await listArchivedTasks(world.ctx, 'demo')).toMatchObject([{ taskId: world.id, name: '' }]);
    expect(world.files.paths().filter((path) => path.startsWith(metaDir))).toEqual([]);
    expect(world.runtime.specs.size).toBe(0);
  });

  test('a folder that a crash left without a record can be deleted too', async () => {
    const world = await memoryWorld();
    await world.files.replace('/state/tasks/demo/g0000/README.md', '');
    await taskDelete(world.ctx, 'demo', 'g0000');
    expect(await world.files.stat('/state/tasks/demo/g0000')).toBeNull();
  });

  test.each(['g0000', '../demo', '', '.', 'G0000'])('%j is no task', async (id) => {
    const world = await runningTask();
    const before = world.files.paths();
    await expect(taskDelete(world.ctx, 'demo', id, { force: true })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    expect(world.files.paths()).toEqual(before);
  });

  test('while podman does not answer nothing is deleted, and no task looks as if it were', async () => {
    const world = await runningTask();
    world.runtime.failing = true;
    await expect(taskDelete(world.ctx, 'demo', world.id, { force: true })).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
    expect(await record(world, world.id)).not.toMatchObject({ deleting: true });
    expect(world.files.text(`/state/tasks/demo/${world.id}/workspace/file`)).toBe('work');
  });

  test('every container of the task goes, of other tasks none', async () => {
    const world = await runningTask();
    const { containerName: other } = await taskRun(world.ctx, 'demo', { prompt: 'echo', agent: 'shell' });
    const spec = world.runtime.specs.get(world.name);
    if (spec === undefined) throw new Error('there is no container');
    await world.runtime.create({ ...spec, name: `${world.name}-0123` });
    await taskDelete(world.ctx, 'demo', world.id);
    expect([...world.runtime.specs.keys()]).toEqual([other]);
  });

  test('with force what does not go is named, and the rest goes (locked container, folder, record)', async () => {
    const world = await runningTask();
    const failure = (path: string) => Promise.reject(sandboxErrors.FILE_FAILED({ path, attempt: 'remove', reason: 'busy' }));
    const root = `/state/tasks/demo/${world.id}`;
    const files = {
      ...world.files,
      removeTree: (path: string) => (path === root ? failure(path) : world.files.removeTree(path)),
      remove: (path: string) => (path.endsWith('_dossier.json') ? failure(path) : world.files.remove(path)),
    };
    const runtime = {
      ...world.runtime,
      remove: async (names: readonly string[]) => names.map((name) => ({ name, removed: false, error: 'locked' })),
    };
    const { warnings, archive } = await taskDelete({ ...world.ctx, files, runtime }, 'demo', world.id, { force: true });
    expect(warnings).toEqual([
      `Container ${world.name}: locked`,
      expect.stringMatching(/^Workspace removal failed: .*busy/),
      expect.stringMatching(/^Metadata removal failed: .*busy/),
    ]);
    expect(archive).not.toBeNull();
  });

  test('two at once are one deletion and one task that is not there, and the archive is whole', async () => {
    const world = await runningTask({ containers: {} });
    const runtime = { ...world.runtime, runOnce: bundling(world.files) };
    const ctx = { ...world.ctx, runtime };
    const both = await Promise.allSettled([taskDelete(ctx, 'demo', world.id), taskDelete(ctx, 'demo', world.id)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'TASK_NOT_FOUND' } });
    const archives = await listArchivedTasks(ctx, 'demo');
    expect(archives.map(({ archiveDir }) => world.files.text(`${archiveDir}/work/work.bundle`))).toEqual(['work']);
  });

  test('wherever the power is cut, the work is in the task or in a whole archive; a second try ends the deletion', async () => {
    const uncut = await runningTask();
    const counting = memoryFiles(uncut.files);
    await taskDelete({ ...uncut.ctx, files: counting, runtime: { ...uncut.runtime, runOnce: bundling(counting) } }, 'demo', uncut.id);
    expect(counting.steps()).toBeGreaterThan(20);

    for (let cutAt = 0; cutAt < counting.steps(); cutAt++) {
      const world = await runningTask();
      const disk = memoryFiles(world.files, { cutAt });
      const first = { ...world.ctx, files: disk, runtime: { ...world.runtime, runOnce: bundling(disk) } };
      await taskDelete(first, 'demo', world.id).catch(powerCut);

      const files = reboot(disk);
      const ctx = { ...first, files, runtime: { ...world.runtime, runOnce: bundling(files) } };
      const work = async () => [
        ...(files.text(`/state/tasks/demo/${world.id}/workspace/file`) === null ? [] : ['task']),
        ...(await listArchivedTasks(ctx, 'demo')).flatMap(({ archiveDir }) => files.text(`${archiveDir}/work/work.bundle`) ?? []),
      ];
      expect(await work(), `cut at ${cutAt}`).not.toEqual([]);

      expect(await taskDelete(ctx, 'demo', world.id).then(() => 'deleted', codeOf), `cut at ${cutAt}, repeated`).toMatch(
        /^(deleted|TASK_NOT_FOUND)$/,
      );
      expect(await work(), `cut at ${cutAt}, repeated`).toEqual(['work']);
      expect(await record({ ...world, ctx }, world.id)).toBe('absent');
      expect(await files.stat(`/state/tasks/demo/${world.id}`)).toBeNull();
      expect(world.runtime.specs.size).toBe(0);
      expect(await reconcileProject(ctx, 'demo')).toEqual([]);
    }
  });
});

/** A throw-away container that leaves what it found in the workspace in the folder it may write to. */
const bundling =
  (files: MemoryFiles): TaskContext['runtime']['runOnce'] =>
  async ({ mounts }) => {
    const [workspace, output] = mounts;
    const work = files.text(`${workspace?.source}/file`);
    if (output !== undefined && work !== null) await files.replace(`${output.source}/work.bundle`, work);
    return said(0, '');
  };

const codeOf = (error: unknown): unknown => (error instanceof TerokError ? error.code : error);

const powerCut = (error: unknown): void => {
  if (!(error instanceof PowerCut)) throw error;
};
