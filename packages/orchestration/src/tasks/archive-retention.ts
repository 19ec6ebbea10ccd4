/** Which archives of deleted tasks are old or many enough to go. Off unless configured; a plan first, with a reason for each decision. */
import { basename, dirname, join } from 'node:path';
import { sizeBytes, TerokError, type Config, type Files } from '@terok/sandbox';
import type { TaskContext } from '../task-context.ts';
import { archiveFolders } from './archive.ts';
import { tasksArchiveDir } from './meta.ts';

export type ArchiveFolder = {
  readonly projectId: string;
  readonly archiveDir: string;
  /** Null where the folder's name does not say: such a folder is nobody's to remove. */
  readonly archivedAt: Date | null;
  readonly bytes: number;
};

export const archiveReasons = {
  no_limit: 'no limit is set',
  within: 'it is within the limits',
  not_ours: 'its name says nothing of when it was made',
  too_old: 'it is older than `archive.retention`',
  too_many: 'it is among the oldest beyond `archive.max_size`',
} as const;

export type ArchiveDecision =
  | { readonly archive: ArchiveFolder; readonly action: 'keep'; readonly reason: 'no_limit' | 'within' | 'not_ours' }
  | { readonly archive: ArchiveFolder; readonly action: 'remove'; readonly reason: 'too_old' | 'too_many' };

export type RetentionLimits = { readonly maxAgeDays: number | null; readonly maxBytes: number | null };

const dayMs = 24 * 60 * 60 * 1000;

/** Pure. Newest first; what is too old does not count against the size, and the newest archive of all stays whatever its size. */
export function planArchiveRetention(
  archives: readonly ArchiveFolder[],
  { maxAgeDays, maxBytes }: RetentionLimits,
  now: Date,
): readonly ArchiveDecision[] {
  const newestFirst = archives.toSorted((a, b) => timeOf(b) - timeOf(a) || (a.archiveDir < b.archiveDir ? -1 : 1));
  let [kept, keptBytes] = [0, 0];
  return newestFirst.map((archive): ArchiveDecision => {
    if (archive.archivedAt === null) return { archive, action: 'keep', reason: 'not_ours' };
    if (maxAgeDays === null && maxBytes === null) return { archive, action: 'keep', reason: 'no_limit' };
    if (maxAgeDays !== null && now.getTime() - archive.archivedAt.getTime() > maxAgeDays * dayMs)
      return { archive, action: 'remove', reason: 'too_old' };
    if (maxBytes !== null && kept > 0 && keptBytes + archive.bytes > maxBytes) {
      keptBytes = Infinity; // a smaller one that is older still does not outlive it
      return { archive, action: 'remove', reason: 'too_many' };
    }
    kept++;
    keptBytes += archive.bytes;
    return { archive, action: 'keep', reason: 'within' };
  });
}

const timeOf = ({ archivedAt }: ArchiveFolder): number => archivedAt?.getTime() ?? 0;

/** What `archive.retention` (days) and `archive.max_size` say; both are off by default. */
export const retentionLimits = ({ retention, max_size: maxSize }: Config['archive']): RetentionLimits => ({
  maxAgeDays: retention,
  maxBytes: maxSize === null ? null : sizeBytes(maxSize),
});

/** Every archive of an installation with its size: what a plan is made from. */
export async function archiveFolderSizes(ctx: TaskContext): Promise<readonly ArchiveFolder[]> {
  const projects = (await ctx.files.list(ctx.paths.archive)).filter(({ kind, name }) => kind === 'directory' && !name.startsWith('.'));
  const found: ArchiveFolder[] = [];
  for (const { name: projectId } of projects)
    for (const { name } of await archiveFolders(ctx, projectId)) {
      const archiveDir = join(tasksArchiveDir(ctx, projectId), name);
      found.push({ projectId, archiveDir, archivedAt: archiveMoment(name), bytes: await treeBytes(ctx.files, archiveDir) });
    }
  return found;
}

/** Removes what a plan says; a folder disappears from listings in one step. One that cannot be removed does not keep the others. */
export async function applyArchiveRetention(
  ctx: Pick<TaskContext, 'files'>,
  plan: readonly ArchiveDecision[],
): Promise<readonly { readonly archiveDir: string; readonly bytes: number; readonly error: string | null }[]> {
  const results: { archiveDir: string; bytes: number; error: string | null }[] = [];
  for (const { archive, action } of plan) {
    if (action === 'keep') continue;
    results.push({ archiveDir: archive.archiveDir, bytes: archive.bytes, error: await removalError(ctx.files, archive.archiveDir) });
  }
  return results;
}

async function removalError(files: Files, archiveDir: string): Promise<string | null> {
  const leaving = join(dirname(archiveDir), `.removing-${basename(archiveDir)}`);
  try {
    await files.removeTree(leaving); // of a removal that was cut short
    if ((await files.stat(archiveDir)) !== null) await files.rename(archiveDir, leaving);
    await files.removeTree(leaving);
    return null;
  } catch (error) {
    if (error instanceof TerokError) return error.message;
    throw error;
  }
}

/** Archive name: `YYYYMMDDTHHMMSSffffffZ_<task>[_<name>]`, in UTC. */
export function archiveMoment(name: string): Date | null {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})\d{3}Z_/.exec(name);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = match.slice(1).map(Number);
  const moment = new Date(Date.UTC(year, month - 1, day, hour, minute, second, ms));
  return moment.getUTCDate() === day && moment.getUTCMonth() === month - 1 ? moment : null;
}

async function treeBytes(files: Files, directory: string): Promise<number> {
  let total = 0;
  for (const { name, kind } of await files.list(directory)) {
    const path = join(directory, name);
    if (kind === 'directory') total += await treeBytes(files, path);
    else if (kind === 'file') total += (await files.stat(path))?.sizeBytes ?? 0;
  }
  return total;
}
