import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { metaDir, storeContext } from '../testing/store-context.ts';
import { taskNames } from './names.ts';

const named = (name: unknown) => JSON.stringify({ project: 'demo', name });

test('tasks by descending ID, each with the name in its dossier', async () => {
  const ctx = storeContext(
    memoryFiles({
      [`${metaDir}/k1aaa_dossier.json`]: named('first'),
      [`${metaDir}/k1aaa_meta.yml`]: 'mode: run\n',
      [`${metaDir}/k3aaa_dossier.json`]: named('third'),
      [`${metaDir}/k2aaa_dossier.json`]: named('second'),
      [`${metaDir}/notes_dossier.json`]: named('no task'),
    }),
  );
  expect(await taskNames(ctx, 'demo')).toEqual([
    { taskId: 'k3aaa', name: 'third' },
    { taskId: 'k2aaa', name: 'second' },
    { taskId: 'k1aaa', name: 'first' },
  ]);
  expect(await taskNames(ctx, 'demo', { startsWith: 'k2' })).toEqual([{ taskId: 'k2aaa', name: 'second' }]);
});

test.each([
  ['no dossier at all', undefined],
  ['half a dossier', '{"name": "fir'],
  ['another kind of name', named(5)],
  ['no mapping', '[]'],
  ['no text', new Uint8Array([0xff, 0xfe])],
  ['too much of it', named('x'.repeat(100_000))],
])('a task with %s has no name', async (_, dossier) => {
  const ctx = storeContext(
    memoryFiles({
      [`${metaDir}/k1aaa_meta.yml`]: 'mode: run\n',
      ...(dossier === undefined ? {} : { [`${metaDir}/k1aaa_dossier.json`]: dossier }),
    }),
  );
  expect(await taskNames(ctx, 'demo')).toEqual([{ taskId: 'k1aaa', name: '' }]);
});

test('a project without tasks has none, and what is no name of a project leads nowhere', async () => {
  const ctx = storeContext(memoryFiles({}));
  expect(await taskNames(ctx, 'demo')).toEqual([]);
  await expect(taskNames(ctx, '../demo')).rejects.toMatchObject({ code: 'PATH_SEGMENT_UNSAFE' });
});
