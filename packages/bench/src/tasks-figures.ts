/** Looking at many tasks, against the least that the same look could cost: on a real disk, with podman's answer made up. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { executorContext, labelNames, type ContainerRow, type Runtime } from '@terok/executor';
import { dossierPath, getTasks, resolveTaskId, tasksMetaDir, type TaskContext } from '@terok/orchestration';
import { hostContext, nodeFiles } from '@terok/sandbox';
import type { Figure } from './figure.ts';
import { writeTasks } from './many-tasks.ts';
import { mediansMs } from './measure.ts';

type Many = { readonly ctx: TaskContext; readonly project: string; readonly ids: readonly string[]; readonly queries: () => number };

export async function taskFigures(directory: string): Promise<readonly Figure[]> {
  const thousand = await manyTasks(join(directory, 'thousand'), 1000);
  const tenThousand = await manyTasks(join(directory, 'ten-thousand'), 10_000);
  const listing = await mediansMs(11, {
    thousand: async () => void (await getTasks(thousand.ctx, thousand.project, { live: true })),
    byHand: () => readAll(tasksMetaDir(thousand.ctx, thousand.project)),
    tenThousand: async () => void (await getTasks(tenThousand.ctx, tenThousand.project, { live: true })),
  });
  const before = thousand.queries();
  await getTasks(thousand.ctx, thousand.project, { live: true });
  const asked = thousand.queries() - before;

  const metaDir = tasksMetaDir(tenThousand.ctx, tenThousand.project);
  const whole = tenThousand.ids[5000] ?? '';
  const looking = await mediansMs(51, {
    prefix: async () => void (await resolveTaskId(tenThousand.ctx, tenThousand.project, whole.slice(0, 4)).catch(() => null)),
    bare: async () => void (await readdir(metaDir)),
  });
  // Apart from the listings, which leave much to be swept up.
  const single = await mediansMs(501, {
    exact: async () => void (await resolveTaskId(tenThousand.ctx, tenThousand.project, whole)),
    stat: async () => void (await nodeFiles.stat(dossierPath(metaDir, whole))),
  });
  return [
    {
      name: '1,000 tasks with their state',
      against: `their records read by hand and not understood, ${asked} ${asked === 1 ? 'query' : 'queries'}`,
      ms: listing.thousand,
      againstMs: listing.byHand,
      limit: 'at most 100 ms, one query',
      within: listing.thousand <= 100 && asked === 1,
    },
    {
      name: '10,000 tasks with their state',
      against: '1,000 of them',
      ms: listing.tenThousand,
      againstMs: listing.thousand,
      limit: 'at most 12 ×',
      within: listing.tenThousand <= 12 * listing.thousand,
    },
    {
      name: 'a part of an ID among 10,000',
      against: 'a bare readdir',
      ms: looking.prefix,
      againstMs: looking.bare,
      limit: 'at most 2 ×',
      within: looking.prefix <= 2 * looking.bare,
    },
    {
      name: 'a whole ID among 10,000',
      against: 'one stat',
      ms: single.exact,
      againstMs: single.stat,
      limit: 'at most 2 ×',
      within: single.exact <= 2 * single.stat,
    },
  ];
}

function readAll(directory: string): void {
  for (const name of readdirSync(directory)) readFileSync(join(directory, name), 'utf8');
}

async function manyTasks(root: string, count: number): Promise<Many> {
  await mkdir(join(root, 'config/projects/many'), { recursive: true });
  await writeFile(join(root, 'config/projects/many/project.yml'), 'repository: /nowhere\n');
  const env = { TEROK_ROOT: join(root, 'state'), TEROK_CONFIG_DIR: join(root, 'config'), HOME: root };
  const sandbox = await hostContext({ env });
  const ids = await writeTasks(sandbox, 'many', count);

  let queries = 0;
  const rows = ids.map(rowOf);
  const runtime = {
    containers: async () => {
      queries += 1;
      return rows;
    },
  } satisfies Partial<Runtime>;
  const ctx = await executorContext(sandbox, { env });
  return { ctx: { ...ctx, runtime: { ...ctx.runtime, ...runtime } }, project: 'many', ids, queries: () => queries };
}

const rowOf = (id: string): ContainerRow => ({
  id: id.repeat(12),
  name: `many-run-${id}`,
  state: 'exited',
  imageId: 'd'.repeat(64),
  labels: { [labelNames.project]: 'many', [labelNames.task]: id, [labelNames.mode]: 'run', [labelNames.launch]: `launch-of-${id}` },
  startedAt: new Date('2026-08-20T12:00:01.000Z'),
  exitCode: 0,
  finishedAt: new Date('2026-08-20T12:30:00.000Z'),
});
