/** The names of projects: of folders that a person made, one for each. */
import type { DurablePaths, Files } from '@terok/sandbox';

/** At most 40 characters, so that container names stay within the 64 bytes of a host name. */
export const isProjectId = (text: string): boolean => /^[a-z0-9][a-z0-9_-]{0,39}$/.test(text);

/** In the order of the listing, whether they can be read or not. */
export async function projectIds(ctx: {
  readonly paths: Pick<DurablePaths, 'projects'>;
  readonly files: Pick<Files, 'list'>;
}): Promise<readonly string[]> {
  return (await ctx.files.list(ctx.paths.projects)).flatMap(({ name, kind }) => (kind === 'directory' && isProjectId(name) ? [name] : []));
}
