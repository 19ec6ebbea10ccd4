/**
 * What the archive of a deletion under way is called, so that the deletion finds the archive that it made when it is taken up again. The
 * record says so; where it cannot be written, being damaged or gone, a file beside the archives does, for as long as the record is the
 * one it was.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ContainerRow } from '@terok/executor';
import { pathSegment, readText, TerokError } from '@terok/sandbox';
import { isTaskContainer } from '../containers/container-name.ts';
import { isUp } from '../containers/live-containers.ts';
import type { TaskContext } from '../task-context.ts';
import { archiveMoment } from './archive-retention.ts';
import { isArchiveNameOf, newArchiveName } from './archive.ts';
import { isMapping } from './mapping.ts';
import { dossierPath, metaPath, readTaskRecord, tasksArchiveDir, tasksMetaDir, textAt, unmarkTaskDeleting, updateTask } from './meta.ts';

type Place = { readonly projectId: string; readonly taskId: string };

export type MarkedDeletion = { readonly archiveName: string; readonly containers: readonly ContainerRow[] };

/**
 * Puts on record that the task is being deleted, and how its archive is or will be called; only then, when nothing starts it any more,
 * its containers are looked at. The name is that of the deletion that is taken up, unless a container ran since, which left work that is
 * not in that archive. A record or a disk that takes no mark keeps no task from being deleted; somebody who changes the record for as
 * long as one waits does (LOCK_TIMEOUT). What `look` throws is thrown, and nothing is marked then.
 */
export async function markDeletion(ctx: TaskContext, place: Place, look: () => Promise<readonly ContainerRow[]>): Promise<MarkedDeletion> {
  const { projectId, taskId } = place;
  const read = await readTaskRecord(ctx, projectId, taskId);
  const record = read.kind === 'read' ? read.record : {};
  const markedAnew = async () => {
    const archiveName = await newArchiveName(ctx, { projectId, taskId, record });
    await putMark(ctx, place, archiveName);
    return archiveName;
  };

  const marked = record.deleting === true ? textAt(record, 'archive_name') : await nameBeside(ctx, place);
  // A name may have been written by hand.
  if (marked !== null && isArchiveNameOf(marked, taskId)) {
    const containers = await look();
    return { archiveName: ranSince(containers, marked) ? await markedAnew() : marked, containers };
  }
  const archiveName = await markedAnew();
  try {
    return { archiveName, containers: await look() };
  } catch (error) {
    await unmarkDeletion(ctx, place);
    throw error;
  }
}

async function putMark(ctx: TaskContext, place: Place, archiveName: string): Promise<void> {
  try {
    await updateTask(ctx, place.projectId, place.taskId, { deleting: true, archive_name: archiveName });
    await forgetBeside(ctx, place);
  } catch (error) {
    if (!(error instanceof TerokError) || error.code === 'LOCK_TIMEOUT') throw error;
    await attempted(() => writeBeside(ctx, place, archiveName));
  }
}

/** What a deletion that came to nothing leaves. */
export async function unmarkDeletion(ctx: TaskContext, place: Place): Promise<void> {
  await unmarkTaskDeleting(ctx, place.projectId, place.taskId);
  await forgetBeside(ctx, place);
}

/** What one that came to its end leaves. */
export async function forgetBeside(ctx: TaskContext, place: Place): Promise<void> {
  await attempted(() => ctx.files.remove(besidePath(ctx, place)));
}

/** The task that such a file beside the archives is about; null for any other name. */
export const markedTask = (name: string): string | null => (name.startsWith(besidePrefix) ? name.slice(besidePrefix.length) : null);

/** One that runs may write still; of one that was started when the archive had its name already, the work may be later than the archive. */
const ranSince = (containers: readonly ContainerRow[], archiveName: string): boolean =>
  containers.some((row) => isUp(row) || (isTaskContainer(row.labels) && (row.startedAt ?? never) > (archiveMoment(archiveName) ?? never)));

const never = new Date(0);
const besidePrefix = '.deleting-';
const besideMaxBytes = 4096;
const recordMaxBytes = 16 * 1024 * 1024;

function besidePath(ctx: TaskContext, { projectId, taskId }: Place): string {
  return join(tasksArchiveDir(ctx, projectId), `${besidePrefix}${pathSegment('task', taskId)}`);
}

async function writeBeside(ctx: TaskContext, place: Place, name: string): Promise<void> {
  await ctx.files.replace(
    besidePath(ctx, place),
    `${JSON.stringify({ archive_name: name, record_sha256: await recordDigest(ctx, place) })}\n`,
  );
}

async function nameBeside(ctx: TaskContext, place: Place): Promise<string | null> {
  const text = await readText(ctx.files, besidePath(ctx, place), { maxBytes: besideMaxBytes }).catch(asNothing);
  const mark = text === null ? null : parsedJson(text);
  return isMapping(mark) && textAt(mark, 'record_sha256') === (await recordDigest(ctx, place)) ? textAt(mark, 'archive_name') : null;
}

/** Both halves as they are on the disk: what changed a record may have changed the task. */
async function recordDigest({ files, paths }: TaskContext, { projectId, taskId }: Place): Promise<string> {
  const metaDir = tasksMetaDir({ paths }, projectId);
  const hash = createHash('sha256');
  for (const read of await files.readMany([metaPath(metaDir, taskId), dossierPath(metaDir, taskId)], { maxBytes: recordMaxBytes })) {
    if ('failure' in read) hash.update(`failure ${read.failure.code}\n`);
    else hash.update(`${read.bytes?.length ?? 'none'}\n`).update(read.bytes ?? '');
  }
  return hash.digest('hex');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function asNothing(error: unknown): null {
  if (error instanceof TerokError) return null;
  throw error;
}

async function attempted(act: () => Promise<unknown>): Promise<void> {
  await act().catch(asNothing);
}
