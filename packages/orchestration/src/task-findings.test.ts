import { randomUUID } from 'node:crypto';
import { memoryFiles } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { taskRun } from './runners/run-task.ts';
import { repairTask, taskFindings } from './task-findings.ts';
import { listArchivedTasks } from './tasks/archive.ts';
import { updateTask } from './tasks/meta.ts';
import { taskNew } from './tasks/new-task.ts';
import { getTasks } from './tasks/query.ts';
import { memoryWorld, type MemoryWorld } from './testing/memory-world.ts';

const hour = 3_600_000;
const metaDir = '/state/core/projects/demo/tasks';
const folder = (id: string) => `/state/tasks/demo/${id}`;
const start = async ({ ctx }: MemoryWorld) => taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });

/** A world where files have the time of its clock, a day after what `left` leaves in it. */
async function aDayAfter(left: (world: MemoryWorld) => Promise<unknown>): Promise<MemoryWorld> {
  const clock = { now: new Date('2026-08-20T12:00:00.000Z') };
  const files = memoryFiles({ '/config/projects/demo/project.yml': 'repository: /r\n' }, { now: () => clock.now });
  const world = await memoryWorld({ files });
  await left(world);
  world.clock.advance(24 * hour);
  clock.now = world.clock.now();
  return world;
}

const brief = (findings: Awaited<ReturnType<typeof taskFindings>>) => findings.map(({ id, repair }) => [id, repair?.kind ?? null] as const);

test('all is well where records, containers and folders agree', async () => {
  const world = await aDayAfter(async (made) => {
    await taskNew(made.ctx, 'demo');
    const { containerName } = await start(made);
    made.runtime.finish(containerName, 0);
    await start(made);
  });
  await getTasks(world.ctx, 'demo', { live: true });
  const findings = await taskFindings(world.ctx);
  expect(brief(findings)).toEqual([['task-end', 'reconcile']]);
  for (const { repair } of findings) await repairTask(world.ctx, repair!);
  expect(await taskFindings(world.ctx)).toEqual([
    { id: 'tasks', status: 'ok', finding: '3 tasks in 1 project: records, containers and folders agree' },
  ]);
});

describe('what disagrees', () => {
  type Case = {
    readonly left: (world: MemoryWorld) => Promise<unknown>;
    readonly finding: readonly [id: string, repair: string | null];
    /** Whether the work of the one task is in the archive after the repair. */
    readonly archived?: boolean;
  };
  const cases: Readonly<Record<string, Case>> = {
    'a folder without a record': {
      left: ({ files }) => files.replace(`${folder('k3v8h')}/workspace/file`, 'work'),
      finding: ['task-folder', 'delete_task'],
      archived: true,
    },
    'a record without a folder': {
      left: async ({ ctx, files }) => files.removeTree(folder(await taskNew(ctx, 'demo'))),
      finding: ['task-no-folder', 'delete_task'],
      archived: true,
    },
    'a deletion that was cut short': {
      left: async ({ ctx }) => updateTask(ctx, 'demo', await taskNew(ctx, 'demo'), { deleting: true }),
      finding: ['task-deletion', 'delete_task'],
      archived: true,
    },
    'a restore that was cut short': {
      left: async ({ ctx }) => updateTask(ctx, 'demo', await taskNew(ctx, 'demo'), { restoring_from: '20260101T000000000000Z_g0000' }),
      finding: ['task-restore', 'forget_restore'],
    },
    'a launch that was cut short': {
      left: async ({ ctx }) =>
        updateTask(ctx, 'demo', await taskNew(ctx, 'demo'), { mode: 'run', launch_id: 'x', launching_at: '2026-08-20T12:00:00.000+00:00' }),
      finding: ['task-launch', 'reconcile'],
    },
    'a container without a record or a folder': {
      left: async (world) => {
        const { taskId, containerName } = await start(world);
        world.runtime.finish(containerName, 0);
        await world.files.removeTree(folder(taskId));
        await world.files.removeTree(metaDir);
      },
      finding: ['task-orphan', 'archive_orphan'],
      archived: true,
    },
    'a container that looked at a workspace': {
      left: async (world) => {
        const { containerName } = await start(world);
        const spec = world.runtime.specs.get(containerName)!;
        await world.runtime.create({ ...spec, name: 'looking', labels: { ...spec.labels, 'ai.terok.mode': 'once' } });
        await world.runtime.start('looking');
        world.runtime.finish('looking', 0);
      },
      finding: ['task-throwaway', 'remove_container'],
    },
    'what a fetch made': {
      left: async ({ ctx, files }) => files.ensureDirectory(`${folder(await taskNew(ctx, 'demo'))}/out-${randomUUID()}`),
      finding: ['task-leftover', 'remove_folder'],
    },
    'secrets of a launch': {
      left: async ({ ctx, files }) => files.replace(`${folder(await taskNew(ctx, 'demo'))}/secrets.env`, 'A=b\n'),
      finding: ['task-leftover', 'remove_file'],
    },
    'an archive that was never finished': {
      left: async ({ ctx, files }) => {
        await taskNew(ctx, 'demo');
        await files.replace('/state/archive/demo/tasks/.partial-k3v8h/task.json', '{}');
      },
      finding: ['task-leftover', 'remove_folder'],
    },
    'the mark of a deletion that came to its end, and not of one that is under way': {
      left: async ({ ctx, files }) => {
        for (const id of ['k3v8h', await taskNew(ctx, 'demo')]) await files.replace(`/state/archive/demo/tasks/.deleting-${id}`, '{}');
      },
      finding: ['task-leftover', 'remove_file'],
    },
  };

  test.each(Object.entries(cases))('%s is found, repaired, and then no more', async (_, { left, finding, archived = false }) => {
    const world = await aDayAfter(left);
    const findings = await taskFindings(world.ctx);
    expect(brief(findings)).toEqual([finding]);
    expect(findings[0]).toMatchObject({ status: 'warn', fix: expect.stringMatching(/^(?:terok|podman|rm) /) as string });

    for (const { repair } of findings) await repairTask(world.ctx, repair!);
    for (const { repair } of findings) await repairTask(world.ctx, repair!).catch((error: unknown) => void error);
    expect(brief(await taskFindings(world.ctx))).toEqual([['tasks', null]]);
    expect(await listArchivedTasks(world.ctx, 'demo')).toHaveLength(archived ? 1 : 0);
  });

  test('a damaged record and a lost container are for a person to decide', async () => {
    const world = await aDayAfter(async (made) => {
      const damaged = await taskNew(made.ctx, 'demo');
      await made.files.replace(`${metaDir}/${damaged}_meta.yml`, '[');
      const { containerName } = await start(made);
      await made.runtime.remove([containerName]);
    });
    expect(new Map(brief(await taskFindings(world.ctx)))).toEqual(
      new Map([
        ['task-container', null],
        ['task-record', null],
      ]),
    );
  });

  test('a container that runs is never taken away', async () => {
    const world = await aDayAfter(async (made) => {
      const { taskId } = await start(made);
      await made.files.removeTree(folder(taskId));
      await made.files.removeTree(metaDir);
    });
    const findings = await taskFindings(world.ctx);
    expect(findings).toMatchObject([{ id: 'task-orphan', finding: expect.stringContaining('it runs') as string }]);
    expect(findings[0]?.repair).toBeUndefined();
  });

  test('what is young may be somebody`s work at this moment', async () => {
    const world = await memoryWorld({ files: memoryFiles({}, { now: () => new Date('2026-08-20T12:00:00.000Z') }) });
    await world.files.replace(`${folder('k3v8h')}/workspace/file`, 'work');
    await world.files.replace(`${folder('k3v8h')}/secrets.env`, 'A=b\n');
    await world.files.replace('/state/archive/demo/tasks/.partial-k3v8h/task.json', '{}');
    expect(brief(await taskFindings(world.ctx))).toEqual([['tasks', null]]);
  });

  test('what was run is never taken for half restored, and a restore that came to its end meanwhile is let be', async () => {
    const restored: string[] = [];
    const world = await aDayAfter(async (made) => {
      const { taskId, containerName } = await start(made);
      await updateTask(made.ctx, 'demo', taskId, { restoring_from: '20260101T000000000000Z_g0000', ended: 'agent' });
      made.runtime.finish(containerName, 0);
      restored.push(taskId, await taskNew(made.ctx, 'demo'));
      await updateTask(made.ctx, 'demo', restored[1] ?? '', { restoring_from: '20260101T000000000000Z_g0000' });
    });
    const findings = await taskFindings(world.ctx);
    expect(findings.map(({ id, repair }) => [id, repair !== undefined && 'taskId' in repair && repair.taskId])).toEqual([
      ['task-restore', restored[1]],
    ]);
    await updateTask(world.ctx, 'demo', restored[1] ?? '', { restoring_from: null });
    for (const { repair } of findings) await repairTask(world.ctx, repair!);
    expect((await getTasks(world.ctx, 'demo')).map(({ taskId }) => taskId).toSorted()).toEqual(restored.toSorted());
  });

  test('nothing is said of containers while podman does not answer', async () => {
    const world = await aDayAfter(async (made) => {
      await start(made);
      await made.files.replace(`${folder('k3v8h')}/file`, 'work');
    });
    world.runtime.failing = true;
    expect(brief(await taskFindings(world.ctx))).toEqual([
      ['containers', null],
      ['task-folder', 'delete_task'],
    ]);
    await expect(repairTask(world.ctx, { kind: 'remove_container', name: 'none' })).resolves.toBeUndefined();
  });

  test('another installation`s containers are nobody`s here', async () => {
    const world = await aDayAfter(start);
    const stranger = { ...world.ctx, installationId: 'f'.repeat(32) };
    expect(brief(await taskFindings(stranger))).toEqual([['task-container', null]]);
  });
});
