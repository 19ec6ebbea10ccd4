/**
 * A task's record on disk: two files, each replaced in one step. The bookkeeping half is written first and removed last, and holds
 * everything that decides; the dossier can be made again from what is known. Readers never lock; writers hold the task's lock.
 */
import { readText, TerokError, withFileLock, type Files, type LockContext } from '@terok/sandbox';
import { taskErrors } from '../errors.ts';
import { parseBookkeeping, parseDossier, printBookkeeping, printDossier, type Half } from './meta-format.ts';
import { dossierHandleParts, dossierPath, metaPath, taskLockPath, tasksMetaDir, taskStems, type TaskStorePaths } from './meta-paths.ts';
import { changedRecord, checkTaskRecord, type TaskChange, type TaskRecord } from './meta-record.ts';

export { agentConfigDir, dossierPath, metaPath, tasksArchiveDir, tasksMetaDir, type TaskStorePaths } from './meta-paths.ts';
export { textAt, type TaskChange, type TaskEnd, type TaskRecord } from './meta-record.ts';

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
export async function readTaskRecord(
  ctx: { readonly paths: TaskStorePaths; readonly files: Files },
  projectId: string,
  taskId: string,
): Promise<TaskRecordRead> {
  const read = await readPair(ctx.files, tasksMetaDir(ctx, projectId), taskId);
  return read.kind === 'read' ? { kind: 'read', record: { ...read.record, project_id: projectId, task_id: taskId } } : read;
}

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
export async function markTaskDeleting(ctx: TaskStoreContext, projectId: string, taskId: string): Promise<void> {
  try {
    await updateTask(ctx, projectId, taskId, { deleting: true });
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
  const [bookkeepingPath, dossierFile] = [metaPath(metaDir, taskId), dossierPath(metaDir, taskId)];
  const [bookkeeping, dossier] = await Promise.all([
    readHalf(files, bookkeepingPath, parseBookkeeping),
    readHalf(files, dossierFile, parseDossier),
  ]);
  if ('reason' in bookkeeping) return { kind: 'damaged', path: bookkeepingPath, reason: bookkeeping.reason };
  if ('reason' in dossier) return { kind: 'damaged', path: dossierFile, reason: dossier.reason };
  if (bookkeeping.keys === null && dossier.keys === null) return { kind: 'absent' };

  const checked = checkTaskRecord({ ...bookkeeping.keys, ...dossier.keys });
  return 'reason' in checked
    ? { kind: 'damaged', path: bookkeepingPath, reason: checked.reason }
    : { kind: 'read', record: checked.record };
}

/** A half that is not there has no keys; one that cannot be read, whatever the cause, has a reason. */
async function readHalf(files: Files, path: string, parse: (text: string) => Half): Promise<Half | { readonly keys: null }> {
  try {
    const text = await readText(files, path, { maxBytes: halfMaxBytes });
    return text === null ? { keys: null } : parse(text);
  } catch (error) {
    if (error instanceof TerokError) return { reason: error.message.replace(/\.$/, '') };
    throw error;
  }
}

function isTaskError(error: unknown, code: keyof typeof taskErrors): boolean {
  return error instanceof TerokError && error.code === code;
}
