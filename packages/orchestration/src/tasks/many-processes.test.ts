import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test as base } from 'vitest';
import { projectAdd } from '../projects/projects.ts';
import { gitWorldFixture, type GitWorld } from '../testing/node-git-world.ts';
import { listArchivedTasks } from './archive.ts';
import { readTaskRecord } from './meta.ts';
import { taskNew } from './new-task.ts';
import { getTasks } from './query.ts';

const test = base.extend<{ world: GitWorld }>(gitWorldFixture);
const worker = fileURLToPath(new URL('../testing/node-task-worker.test.fixture.ts', import.meta.url));
const count = 32;

type Done = { readonly kept: string; readonly renamed: string; readonly deleted: string; readonly warnings: readonly string[] };

test(
  '32 processes make, rename and delete tasks of one project at once, and nothing of it is lost or mixed up',
  { timeout: 240_000 },
  async ({ world: { ctx, root, repository } }) => {
    await projectAdd(ctx, 'demo', { repository });
    const shared = await taskNew(ctx, 'demo', { name: 'shared' });
    const env = { PATH: ctx.env['PATH'], HOME: root, TEROK_ROOT: join(root, 'state'), TEROK_CONFIG_DIR: join(root, 'config') };
    const done = await Promise.all(
      Array.from({ length: count }, async (_, number): Promise<Done> => {
        const { end, stdout, stderr } = await ctx.processes.run({ binary: process.execPath, args: [worker, String(number), shared], env });
        if (end.kind !== 'exited' || end.exitCode !== 0) throw new Error(`process ${number}: ${new TextDecoder().decode(stderr)}`);
        return JSON.parse(new TextDecoder().decode(stdout)) as Done;
      }),
    );

    const ids = done.flatMap(({ kept, renamed, deleted }) => [kept, renamed, deleted]);
    expect(new Set([shared, ...ids]).size).toBe(3 * count + 1);
    expect(done.flatMap(({ warnings }) => warnings)).toEqual([]);

    const names = new Map((await getTasks(ctx, 'demo')).map(({ taskId, name }) => [taskId as string, name]));
    expect(names.get(shared)).toMatch(/^shared-\d+$/);
    names.delete(shared);
    expect(names).toEqual(
      new Map(
        done.flatMap(
          ({ kept, renamed }, number) =>
            [
              [kept, `kept-${number}`],
              [renamed, `renamed-${number}`],
            ] as const,
        ),
      ),
    );
    expect(new Set((await listArchivedTasks(ctx, 'demo')).map(({ taskId, name }) => `${taskId} ${name}`))).toEqual(
      new Set(done.map(({ deleted }, number) => `${deleted} deleted-${number}`)),
    );

    // Every change of the one task that all of them changed: one name each, and one count each.
    const read = await readTaskRecord(ctx, 'demo', shared);
    expect(read).toMatchObject({ kind: 'read', record: { x_count: count, rev: 2 * count } });
    const left = [
      ...(await ctx.files.list(join(ctx.paths.coreProjects, 'demo/tasks'))),
      ...(await ctx.files.list(join(ctx.paths.archive, 'demo/tasks'))),
    ];
    expect(left.filter(({ name }) => name.startsWith('.'))).toEqual([]);
    expect((await ctx.files.list(join(ctx.paths.tasks, 'demo'))).map(({ name }) => name).toSorted()).toEqual(
      [shared, ...names.keys()].toSorted(),
    );
  },
);
