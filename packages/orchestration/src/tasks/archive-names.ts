/** Archives by their names alone, for those who ask at every key: no record is read. */
import type { Files } from '@terok/sandbox';
import { tasksArchiveDir, type TaskStorePaths } from './meta-paths.ts';

/** `name` is the task's, as far as the folder's name holds it. */
export type NamedArchive = { readonly archive: string; readonly name: string };

type NamesContext = { readonly paths: TaskStorePaths; readonly files: Pick<Files, 'list'> };

/** The whole archives of a project whose folders' names start so, newest first. Throws PATH_SEGMENT_UNSAFE. */
export async function archiveNames(
  ctx: NamesContext,
  projectId: string,
  { startsWith = '' }: { readonly startsWith?: string } = {},
): Promise<readonly NamedArchive[]> {
  const folders = await ctx.files.list(tasksArchiveDir(ctx, projectId), { startsWith });
  return folders
    .flatMap(({ name, kind }) => (kind === 'directory' && !name.startsWith('.') ? [name] : []))
    .toSorted()
    .toReversed()
    .map((archive) => ({ archive, name: archive.split('_').slice(2).join('_') }));
}
