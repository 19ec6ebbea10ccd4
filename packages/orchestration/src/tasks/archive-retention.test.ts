import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryWorld } from '../testing/memory-world.ts';
import {
  applyArchiveRetention,
  archiveFolderSizes,
  planArchiveRetention,
  retentionLimits,
  type ArchiveFolder,
} from './archive-retention.ts';
import { listArchivedTasks } from './archive.ts';

const now = new Date('2026-08-20T12:00:00.000Z');
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 24 * 60 * 60 * 1000);
const archive = (name: string, days: number | null, bytes = 10): ArchiveFolder => ({
  projectId: 'demo',
  archiveDir: `/state/archive/demo/tasks/${name}`,
  archivedAt: days === null ? null : daysAgo(days),
  bytes,
});
const decided = (archives: readonly ArchiveFolder[], limits: { maxAgeDays?: number; maxBytes?: number }) =>
  planArchiveRetention(archives, { maxAgeDays: null, maxBytes: null, ...limits }, now).map(
    ({ archive: { archiveDir }, action, reason }) => `${archiveDir.split('/').at(-1)}: ${action}, ${reason}`,
  );

describe('a plan', () => {
  const archives = [archive('a', 1), archive('b', 30), archive('c', 31, 50), archive('notes', null)];

  test.each([
    [{}, ['a: keep, no_limit', 'b: keep, no_limit', 'c: keep, no_limit', 'notes: keep, not_ours']],
    [{ maxAgeDays: 30 }, ['a: keep, within', 'b: keep, within', 'c: remove, too_old', 'notes: keep, not_ours']],
    [{ maxBytes: 20 }, ['a: keep, within', 'b: keep, within', 'c: remove, too_many', 'notes: keep, not_ours']],
    [{ maxBytes: 19 }, ['a: keep, within', 'b: remove, too_many', 'c: remove, too_many', 'notes: keep, not_ours']],
    [{ maxAgeDays: 30, maxBytes: 70 }, ['a: keep, within', 'b: keep, within', 'c: remove, too_old', 'notes: keep, not_ours']],
    [{ maxBytes: 1 }, ['a: keep, within', 'b: remove, too_many', 'c: remove, too_many', 'notes: keep, not_ours']],
  ])('by %j', (limits, decisions) => {
    expect(decided(archives, limits)).toEqual(decisions);
  });

  test('never keeps an archive while it removes a newer one, never removes what is within, and decides on every one once', () => {
    const folders = fc.array(fc.record({ days: fc.integer({ min: 0, max: 100 }), bytes: fc.nat(100) }), { maxLength: 30 });
    fc.assert(
      fc.property(folders, fc.option(fc.integer({ min: 1, max: 100 })), fc.option(fc.nat(1000)), (made, maxAgeDays, maxBytes) => {
        const all = made.map(({ days, bytes }, index) => archive(String(index), days, bytes));
        const plan = planArchiveRetention(all, { maxAgeDays, maxBytes }, now);
        expect(plan.map(({ archive: { archiveDir } }) => archiveDir).toSorted()).toEqual(
          all.map(({ archiveDir }) => archiveDir).toSorted(),
        );
        const actions = plan.map(({ action }) => action);
        expect(actions.toSorted()).toEqual(actions); // first those that stay
        const kept = plan.filter(({ action }) => action === 'keep');
        expect(kept.length === plan.length || maxAgeDays !== null || maxBytes !== null).toBe(true);
        const keptBytes = kept.reduce((total, { archive: { bytes } }) => total + bytes, 0);
        expect(maxBytes === null || kept.length <= 1 || keptBytes <= maxBytes).toBe(true);
      }),
    );
  });
});

test('limits are those of the configuration, and there are none by default', async () => {
  const { ctx } = await memoryWorld();
  expect(retentionLimits(ctx.config.archive)).toEqual({ maxAgeDays: null, maxBytes: null });
  expect(retentionLimits({ retention: 30, max_size: '2 KiB' })).toEqual({ maxAgeDays: 30, maxBytes: 2048 });
});

const disk = () => {
  const at = '/state/archive';
  const files = memoryFiles({
    [`${at}/demo/tasks/20260101T000000000000Z_g0000_old/task.json`]: '{"task_id":"g0000"}',
    [`${at}/demo/tasks/20260101T000000000000Z_g0000_old/work/work.bundle`]: 'xxxx',
    [`${at}/demo/tasks/20260819T000000000000Z_g0001/task.json`]: '{"task_id":"g0001"}',
    [`${at}/demo/tasks/20260231T000000000000Z_g0002/task.json`]: '{}',
    [`${at}/demo/tasks/.partial-g0003/task.json`]: '{}',
    [`${at}/demo/project-20260101.yml`]: 'repository: /r\n',
    [`${at}/gone/tasks/20260101T000000000000Z_g0004/task.json`]: '{}',
  });
  files.link('/etc', `${at}/gone/tasks/20260101T000000000000Z_g0004/link`);
  files.link('/etc', `${at}/demo/tasks/20260101T000000000000Z_g0009`);
  return files;
};

test('archives are found in every project with their sizes, links not followed', async () => {
  const { ctx } = await memoryWorld({ files: disk() });
  const found = (await archiveFolderSizes(ctx)).map(({ projectId, archiveDir, archivedAt, bytes }) => [
    projectId,
    archiveDir.split('/').at(-1),
    archivedAt?.toISOString() ?? null,
    bytes,
  ]);
  expect(found.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ['demo', '20260101T000000000000Z_g0000_old', '2026-01-01T00:00:00.000Z', 23],
    ['demo', '20260231T000000000000Z_g0002', null, 2],
    ['demo', '20260819T000000000000Z_g0001', '2026-08-19T00:00:00.000Z', 19],
    ['gone', '20260101T000000000000Z_g0004', '2026-01-01T00:00:00.000Z', 2],
  ]);
});

test('what a plan removes is gone whole or seen whole, wherever the power is cut', async () => {
  const { ctx, files } = await memoryWorld({ files: disk() });
  const plan = planArchiveRetention(await archiveFolderSizes(ctx), { maxAgeDays: 30, maxBytes: null }, now);
  const uncut = memoryFiles(files);
  const results = await applyArchiveRetention({ files: uncut }, plan);
  expect(results).toMatchObject([
    { bytes: 23, error: null },
    { bytes: 2, error: null },
  ]);
  expect((await listArchivedTasks({ ...ctx, files: uncut }, 'demo')).map(({ taskId }) => taskId)).toEqual(['g0001', '']);
  const removed = (paths: readonly string[]) => paths.filter((path) => path.includes('_g0000_old') || path.includes('_g0004'));
  expect(removed(uncut.paths())).toEqual([]);

  for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
    const cut = memoryFiles(files, { cutAt });
    await expect(applyArchiveRetention({ files: cut }, plan)).rejects.toThrow(PowerCut);
    const again = reboot(cut);
    const seen = (await listArchivedTasks({ ...ctx, files: again }, 'demo')).find(({ taskId }) => taskId === 'g0000');
    const whole = seen === undefined || again.text(`${seen.archiveDir}/work/work.bundle`) === 'xxxx';
    expect(whole).toBe(true);
    await applyArchiveRetention({ files: again }, plan);
    expect(removed(again.paths())).toEqual([]);
  }
});

test('one that cannot be removed does not keep the others', async () => {
  const { ctx, files } = await memoryWorld({ files: disk() });
  const plan = planArchiveRetention(await archiveFolderSizes(ctx), { maxAgeDays: 30, maxBytes: null }, now);
  const rename: typeof files.rename = async (from, to) => files.rename(from.replace('g0000', 'g9999'), to);
  const results = await applyArchiveRetention({ files: { ...files, rename } }, plan);
  expect(results.filter(({ error }) => error === null)).toHaveLength(1);
  expect(results).toHaveLength(2);
});
