/**
 * A task's record on disk: two files, each replaced in one step. The bookkeeping half is written first and removed last, and holds
 * everything that decides; the dossier can be made again from what is known. Readers never lock; writers hold the task's lock.
 */
import { readText, TerokError, textOfRead, withFileLock, type FileRead, type Files, type LockContext } from '@terok/sandbox';
import { taskErrors } from '../errors.ts';
import { parseBookkeeping, printBookkeeping } from './bookkeeping.ts';
import { parseDossier, printDossier, type Half } from './dossier.ts';
import { dossierHandleParts, dossierPath, metaPath, taskLockPath, tasksMetaDir, taskStems, type TaskStorePaths } from './meta-paths.ts';
import { changedRecord, checkTaskRecord, type TaskChange, type TaskRecord } from './meta-record.ts';

export { agentConfigDir, dossierPath, metaPath, tasksArchiveDir, tasksMetaDir, type TaskStorePaths } from './meta-paths.ts';
export { textAt, type EndReason, type TaskChange, type TaskRecord } from './meta-record.ts';

export type TaskStoreContext = LockContext & { readonly paths: TaskStorePaths; readonly files: Files };

/** `path` is the half that is at fault. */
export type TaskRecordRead =
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly path: string; readonly reason: string }
  | { readonly kind: 'read'; readonly record: TaskRecord };

/** A change, or what makes one of the record as it is under the lock. It may throw to leave everything as it was. */
export type TaskPatch = TaskChange | ((record: TaskRecord) => TaskChange);

const halfMaxBytes = 1024 * 1024;

/** Every name in the directory that has at least one half of a record, task ID or not, in the order of the listing. */
export async function* iterTaskIds(ctx: { readonly files: Files }, metaDir: string): AsyncIterable<string> {
  yield* taskStems(await ctx.files.list(metaDir));
}

export async function taskExists(ctx: TaskStoreContext, projectId: string, taskId: string): Promise<boolean> {
  const metaDir = tasksMetaDir(ctx, projectId);
  return (await ctx.files.stat(metaPath(metaDir, taskId))) !== null || (await ctx.files.stat(dossierPath(metaDir, taskId))) !== null;
}

/** The union of both halves as they are on disk; null when there is neither. Throws TASK_RECORD_DAMAGED. */
export async function readTaskMeta(ctx: { readonly files: Files }, metaDir: string, taskId: string): Promise<TaskRecord | null> {
  const read = await readPair(ctx.files, metaDir, taskId);
  switch (read.kind) {
    case 'absent':
      return null;
    case 'damaged':
      throw taskErrors.TASK_RECORD_DAMAGED(read);
    case 'read':
      return read.record;
  }
}

/** As `readTaskMeta`, for callers that go on when one record is damaged. The record bears the project and ID of its place. */
export async function readTaskRecord(ctx: RecordContext, projectId: string, taskId: string): Promise<TaskRecordRead> {
  const [read] = await readTaskRecords(ctx, projectId, [taskId]);
  return read ?? { kind: 'absent' };
}

/** As `readTaskRecord`, of as many tasks as there are, in their order: what to call for more than a few of them. */
export async function readTaskRecords(
  ctx: RecordContext,
  projectId: string,
  taskIds: readonly string[],
): Promise<readonly TaskRecordRead[]> {
  const metaDir = tasksMetaDir(ctx, projectId);
  const all: TaskRecordRead[] = [];
  for (let start = 0; start < taskIds.length; start += recordsAtOnce) {
    const ids = taskIds.slice(start, start + recordsAtOnce);
    const reads = await readPairs(ctx.files, metaDir, ids);
    all.push(...reads.map((read, index) => inPlace(read, projectId, ids[index] ?? '')));
  }
  return all;
}

/** So that others get the thread between the parsing of one lot and of the next. */
const recordsAtOnce = 128;

type RecordContext = { readonly paths: TaskStorePaths; readonly files: Files };

/** As it stands where it is; a copy only where it says otherwise. */
const inPlace = (read: TaskRecordRead, projectId: string, taskId: string): TaskRecordRead =>
  read.kind !== 'read' || (read.record.project_id === projectId && read.record.task_id === taskId)
    ? read
    : { kind: 'read', record: { ...read.record, project_id: projectId, task_id: taskId } };

/**
 * The record, and the handle that `writeTaskMeta` takes. Throws TASK_NOT_FOUND, TASK_RECORD_DAMAGED, and TASK_MODE_CONFLICT when
 * the task was launched in another mode than `expectedMode`.
 */
export async function loadTaskMeta(
  ctx: TaskStoreContext,
  projectId: string,
  taskId: string,
  { expectedMode }: { readonly expectedMode?: string } = {},
): Promise<{ readonly record: TaskRecord; readonly dossierPath: string }> {
  const record = await existingRecord(ctx, projectId, taskId);
  const { mode } = record;
  if (expectedMode !== undefined && typeof mode === 'string' && mode !== expectedMode) {
    throw taskErrors.TASK_MODE_CONFLICT({ project: projectId, task: taskId, mode, expected: expectedMode });
  }
  return { record, dossierPath: dossierPath(tasksMetaDir(ctx, projectId), taskId) };
}

/** Writes both halves as they are given, each in one step. This is how a record comes to be; to change one, use `updateTask`. */
export async function writeTaskMeta(ctx: { readonly files: Files }, dossierHandle: string, record: TaskRecord): Promise<void> {
  const { metaDir, taskId } = dossierHandleParts(dossierHandle);
  await ctx.files.replace(metaPath(metaDir, taskId), printBookkeeping(record));

  const dossier = printDossier(record);
  // Most changes leave the dossier as it is, and looking costs far less than two flushes of the disk.
  if ((await readText(ctx.files, dossierHandle, { maxBytes: halfMaxBytes })) !== dossier) await ctx.files.replace(dossierHandle, dossier);
}

/**
 * Changes a record under its lock and returns it as it is then; keys that the change does not name stay. A change that makes no
 * difference writes nothing. Never makes a record: throws TASK_NOT_FOUND, or TASK_RECORD_DAMAGED.
 */
export async function updateTask(ctx: TaskStoreContext, projectId: string, taskId: string, patch: TaskPatch): Promise<TaskRecord> {
  if (!(await taskExists(ctx, projectId, taskId))) throw taskErrors.TASK_NOT_FOUND({ project: projectId, task: taskId });
  const metaDir = tasksMetaDir(ctx, projectId);

  return withFileLock(ctx, taskLockPath(metaDir, taskId), { purpose: `changing task ${projectId}/${taskId}` }, async () => {
    const before = await existingRecord(ctx, projectId, taskId);
    const changed = changedRecord(before, typeof patch === 'function' ? patch(before) : patch);
    if (changed === before) return before;

    const after: TaskRecord = { ...changed, project_id: projectId, task_id: taskId, rev: (before.rev ?? 0) + 1 };
    await writeTaskMeta(ctx, dossierPath(metaDir, taskId), after);
    return after;
  });
}

/** Records the exit code, null when it could not be learned. A task that is gone needs none. */
export async function updateTaskExitCode(ctx: TaskStoreContext, projectId: string, taskId: string, exitCode: number | null): Promise<void> {
  try {
    await updateTask(ctx, projectId, taskId, { exit_code: exitCode });
  } catch (error) {
    if (!isTaskError(error, 'TASK_NOT_FOUND')) throw error;
  }
}

/**
 * Records that the task is being deleted, so that a deletion cut short is taken up again. Best effort: a deletion goes on without
 * the mark, since a full disk or a damaged record must not keep a task from being deleted.
 */
export async function markTaskDeleting(ctx: TaskStoreContext, projectId: string, taskId: string, archiveName?: string): Promise<void> {
  await attemptUpdate(ctx, projectId, taskId, { deleting: true, ...(archiveName === undefined ? {} : { archive_name: archiveName }) });
}

/** What a deletion that came to nothing leaves. Best effort, as the mark is. */
export async function unmarkTaskDeleting(ctx: TaskStoreContext, projectId: string, taskId: string): Promise<void> {
  await attemptUpdate(ctx, projectId, taskId, { deleting: false, archive_name: null });
}

async function attemptUpdate(ctx: TaskStoreContext, projectId: string, taskId: string, change: TaskChange): Promise<void> {
  try {
    await updateTask(ctx, projectId, taskId, change);
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
  }
}

/** Removes both halves, damaged or not; false when there was neither. */
export async function removeTaskMeta(ctx: TaskStoreContext, projectId: string, taskId: string): Promise<boolean> {
  if (!(await taskExists(ctx, projectId, taskId))) return false;
  const metaDir = tasksMetaDir(ctx, projectId);

  return withFileLock(ctx, taskLockPath(metaDir, taskId), { purpose: `removing task ${projectId}/${taskId}` }, async () => {
    const dossier = await ctx.files.remove(dossierPath(metaDir, taskId));
    const bookkeeping = await ctx.files.remove(metaPath(metaDir, taskId));
    return dossier || bookkeeping;
  });
}

async function existingRecord(ctx: TaskStoreContext, projectId: string, taskId: string): Promise<TaskRecord> {
  const read = await readTaskRecord(ctx, projectId, taskId);
  switch (read.kind) {
    case 'absent':
      throw taskErrors.TASK_NOT_FOUND({ project: projectId, task: taskId });
    case 'damaged':
      throw taskErrors.TASK_RECORD_DAMAGED(read);
    case 'read':
      return read.record;
  }
}

async function readPair(files: Files, metaDir: string, taskId: string): Promise<TaskRecordRead> {
  const [read] = await readPairs(files, metaDir, [taskId]);
  return read ?? { kind: 'absent' };
}

/** Both halves of each, in the order of the IDs. */
async function readPairs(files: Files, metaDir: string, taskIds: readonly string[]): Promise<readonly TaskRecordRead[]> {
  const paths = taskIds.flatMap((taskId) => [metaPath(metaDir, taskId), dossierPath(metaDir, taskId)]);
  const reads = await files.readMany(paths, { maxBytes: halfMaxBytes });
  const half = (index: number, parse: (text: string) => Half): FoundHalf => {
    const [path, read] = [paths[index], reads[index]];
    if (path === undefined || read === undefined) throw new Error(`A disk answered ${reads.length} of ${paths.length} reads.`);
    return { path, half: parsedHalf(read, path, parse) };
  };
  return taskIds.map((_, index) => joined(half(2 * index, parseBookkeeping), half(2 * index + 1, parseDossier)));
}

type FoundHalf = { readonly path: string; readonly half: Half | { readonly keys: null } };

function joined(bookkeeping: FoundHalf, dossier: FoundHalf): TaskRecordRead {
  for (const { path, half } of [bookkeeping, dossier]) if ('reason' in half) return { kind: 'damaged', path, reason: half.reason };
  const [kept, shown] = [bookkeeping.half, dossier.half].map((half) => ('keys' in half ? half.keys : null));
  if (kept === null && shown === null) return { kind: 'absent' };

  const checked = checkTaskRecord({ ...kept, ...shown });
  return 'reason' in checked
    ? { kind: 'damaged', path: bookkeeping.path, reason: checked.reason }
    : { kind: 'read', record: checked.record };
}

/** A half that is not there has no keys; one that cannot be read, whatever the cause, has a reason. */
function parsedHalf(read: FileRead, path: string, parse: (text: string) => Half): FoundHalf['half'] {
  try {
    const text = textOfRead(read, path);
    return text === null ? { keys: null } : parse(text);
  } catch (error) {
    if (error instanceof TerokError) return { reason: error.message.replace(/\.$/, '') };
    throw error;
  }
}

function isTaskError(error: unknown, code: keyof typeof taskErrors): boolean {
  return error instanceof TerokError && error.code === code;
}
