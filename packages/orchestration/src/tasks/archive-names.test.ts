import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { storeContext } from '../testing/store-context.ts';
import { archiveNames } from './archive-names.ts';
import { tasksArchiveDir } from './meta-paths.ts';

const directory = tasksArchiveDir(storeContext(memoryFiles({})), 'demo');

test('archives, newest first, each with the name of its task', async () => {
  const ctx = storeContext(
    memoryFiles({
      [`${directory}/20260101T120000000000Z_k1aaa_first_try/task.json`]: '{}',
      [`${directory}/20260301T120000000000Z_k3aaa/task.json`]: '{}',
      [`${directory}/20260201T120000000000Z_k2aaa_second/task.json`]: '{}',
      [`${directory}/.partial-k4aaa/task.json`]: '{}',
      [`${directory}/20260401T120000000000Z_k5aaa_file`]: '',
    }),
  );
  expect(await archiveNames(ctx, 'demo')).toEqual([
    { archive: '20260301T120000000000Z_k3aaa', name: '' },
    { archive: '20260201T120000000000Z_k2aaa_second', name: 'second' },
    { archive: '20260101T120000000000Z_k1aaa_first_try', name: 'first_try' },
  ]);
  expect(await archiveNames(ctx, 'demo', { startsWith: '202602' })).toEqual([
    { archive: '20260201T120000000000Z_k2aaa_second', name: 'second' },
  ]);
});

test('a project without archives has none, and what is no name of a project leads nowhere', async () => {
  const ctx = storeContext(memoryFiles({}));
  expect(await archiveNames(ctx, 'demo')).toEqual([]);
  await expect(archiveNames(ctx, '../demo')).rejects.toMatchObject({ code: 'PATH_SEGMENT_UNSAFE' });
});
