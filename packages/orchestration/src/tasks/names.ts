/** Tasks by their names alone, for those who ask at every key: nothing is read but the dossiers. */
import type { Files } from '@terok/sandbox';
import { parseDossier } from './dossier.ts';
import { dossierPath, tasksMetaDir, taskStems, type TaskStorePaths } from './meta-paths.ts';
import { isTaskId, type TaskId } from './task-id.ts';

/** `name` is empty where there is none, or none that can be read. */
export type NamedTask = { readonly taskId: TaskId; readonly name: string };

type NamesContext = { readonly paths: TaskStorePaths; readonly files: Pick<Files, 'list' | 'readMany'> };

/** The tasks of a project whose IDs start so, by descending ID. Throws PATH_SEGMENT_UNSAFE. */
export async function taskNames(
  ctx: NamesContext,
  projectId: string,
  { startsWith = '' }: { readonly startsWith?: string } = {},
): Promise<readonly NamedTask[]> {
  const metaDir = tasksMetaDir(ctx, projectId);
  const ids = [...taskStems(await ctx.files.list(metaDir, { startsWith }))].filter(isTaskId).toSorted().toReversed();
  const paths = ids.map((id) => dossierPath(metaDir, id));
  const reads = await ctx.files.readMany(paths, { maxBytes: dossierMaxBytes });
  return ids.map((taskId, index) => {
    const read = reads[index];
    return { taskId, name: read === undefined || 'failure' in read || read.bytes === null ? '' : nameIn(read.bytes) };
  });
}

const dossierMaxBytes = 64 * 1024;

function nameIn(dossier: Uint8Array): string {
  // Less to start with than a `TextDecoder`, which shows at every key.
  const half = parseDossier(Buffer.from(dossier).toString());
  return 'keys' in half && typeof half.keys['name'] === 'string' ? half.keys['name'] : '';
}
