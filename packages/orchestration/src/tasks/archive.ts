/** What a deleted task leaves behind: its record, its logs and all the work that was in its workspace. */
import { join } from 'node:path';
import { describeEnd, inContainer, toolEnvironment } from '@terok/executor';
import { formatInstant, pathSegment, printable, TerokError, type DirectoryEntry, type FileRead } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import { hasCommit } from '../projects/mirror.ts';
import { loadProject } from '../projects/projects.ts';
import { runOverWorkspace } from '../containers/throwaway.ts';
import type { TaskContext } from '../task-context.ts';
import { projectSecretValues } from '../task-logs.ts';
import { dossierPath, metaPath, readTaskRecord, tasksArchiveDir, tasksMetaDir, textAt, type TaskRecord } from './meta.ts';
import { homeArchive } from './archive-home.ts';
import { keptLog, keptLogFile } from './kept-logs.ts';
import { sanitizeTaskName } from './naming.ts';
import { taskRuns } from './runs.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { salvageScript } from './workspace-scripts.ts';

export type ArchivedTask = {
  readonly archiveDir: string;
  /** As the folder's name says: `YYYYMMDDTHHMMSSffffffZ`, UTC; it sorts by time. */
  readonly archivedAt: string;
  readonly taskId: string;
  readonly name: string;
  readonly mode: string | null;
  readonly exitCode: number | null;
};

const recordMaxBytes = 1024 * 1024;
/** Access tokens are worth nothing to whoever reads an archive, and much to whoever steals one. */
const tokenKeys = ['web_token', 'gate_token'];
/** What the record says of the deletion itself. */
const deletionKeys = ['deleting', 'archive_name'];

/** Archived tasks, newest first. An entry whose record cannot be read is left out. */
export async function listArchivedTasks(ctx: TaskContext, projectId: string): Promise<readonly ArchivedTask[]> {
  const directory = tasksArchiveDir(ctx, projectId);
  const folders = await archiveFolders(ctx, projectId);
  // By one call for all: opened one by one, many would be open at once, and some of them could not be read.
  const reads = await ctx.files.readMany(
    folders.map(({ name }) => join(directory, name, 'task.json')),
    { maxBytes: recordMaxBytes },
  );
  return folders.flatMap(({ name }, index) => archivedTask(join(directory, name), name, reads[index]) ?? []);
}

/**
 * The log of an archived task by the beginning of its archive's name, the newest that has one; null without. It is that of the task's
 * last run, or of `run`, counted from 1. What is in the file is to be read with `archivedLog`: one that ends in `.gz` is compressed.
 */
export async function taskArchiveLogs(
  ctx: TaskContext,
  projectId: string,
  archiveId: string,
  { run }: { readonly run?: number } = {},
): Promise<string | null> {
  const directory = tasksArchiveDir(ctx, projectId);
  const named = (await archiveFolders(ctx, projectId)).filter(({ name }) => name.startsWith(archiveId) || name.split('_')[1] === archiveId);
  const records = await ctx.files.readMany(
    named.map(({ name }) => join(directory, name, 'task.json')),
    { maxBytes: recordMaxBytes },
  );
  for (const [index, { name }] of named.entries()) {
    // Of an archive whose record cannot be read, the one log that needs none.
    const runs = taskRuns(recordOf(records[index]) ?? {});
    const wanted = run === undefined ? (runs.at(-1) ?? unknownRun) : runs.find(({ number }) => number === run);
    if (wanted === undefined) continue;
    const log = await keptLog(ctx, join(directory, name, 'logs'), wanted, { last: run === undefined || wanted === runs.at(-1) });
    if (log !== null) return log;
  }
  return null;
}

const unknownRun = { launchId: null };

/** The bytes of a log that `taskArchiveLogs` named, each line with its time. Throws LOG_DAMAGED after what of it can be read. */
export const archivedLog = (ctx: Pick<TaskContext, 'files'>, path: string): AsyncIterable<Uint8Array> => keptLogFile(ctx, path);

/** Folders of whole archives, newest first. */
export async function archiveFolders(ctx: TaskContext, projectId: string): Promise<readonly DirectoryEntry[]> {
  const entries = await ctx.files.list(tasksArchiveDir(ctx, projectId));
  return entries.filter(({ kind, name }) => kind === 'directory' && !name.startsWith('.')).toSorted((a, b) => (a.name < b.name ? 1 : -1));
}

function archivedTask(archiveDir: string, folder: string, read: FileRead | undefined): ArchivedTask | null {
  const record = recordOf(read);
  if (record === null) return null;
  return {
    archiveDir,
    archivedAt: folder.split('_', 1)[0] ?? '',
    taskId: textAt(record, 'task_id') ?? '',
    name: textAt(record, 'name') ?? '',
    mode: textAt(record, 'mode'),
    exitCode: typeof record['exit_code'] === 'number' ? record['exit_code'] : null,
  };
}

function recordOf(read: FileRead | undefined): Record<string, unknown> | null {
  return read !== undefined && 'bytes' in read && read.bytes !== null ? parsedRecord(new TextDecoder().decode(read.bytes)) : null;
}

function parsedRecord(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text || '{}');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
}

type Archiving = {
  readonly projectId: string;
  readonly taskId: string;
  /** The folder's, of which there is none yet. */
  readonly archiveName: string;
};

/**
 * Makes the archive in a folder that listings do not see, and renames it as the last step: an archive that is seen is whole.
 * Throws when anything of the work could not be kept; then nothing is left of the attempt. Returns the folder.
 */
export async function archiveTask(ctx: TaskContext, { projectId, taskId, archiveName }: Archiving): Promise<string> {
  const directory = tasksArchiveDir(ctx, projectId);
  const read = await readTaskRecord(ctx, projectId, taskId);
  const record = read.kind === 'read' ? read.record : {};
  const partial = join(directory, `.partial-${pathSegment('task', taskId)}`);
  await ctx.files.removeTree(partial);
  await ctx.files.ensureDirectory(partial);
  try {
    const kept = Object.fromEntries(
      Object.entries({ ...record, project_id: projectId, task_id: taskId }).filter(
        ([key]) => !tokenKeys.includes(key) && !deletionKeys.includes(key),
      ),
    );
    await ctx.files.replace(join(partial, 'task.json'), `${JSON.stringify(kept, undefined, 2)}\n`);
    if (read.kind === 'damaged') await keepDamagedRecord(ctx, projectId, taskId, partial);
    await keepLogs(ctx, projectId, taskId, partial);
    await keepHome(ctx, projectId, taskId, partial);
    await keepWork(ctx, { projectId, taskId, record, into: partial });
    const target = join(directory, archiveName);
    await ctx.files.rename(partial, target);
    return target;
  } catch (error) {
    await ctx.files.removeTree(partial);
    throw error;
  }
}

type Named = { readonly projectId: string; readonly taskId: string; readonly record: TaskRecord };

/** One that no archive has. Microseconds, of which the clock gives three digits. */
export async function newArchiveName(ctx: TaskContext, { projectId, taskId, record }: Named): Promise<string> {
  const stamp = formatInstant(ctx.clock.now())
    .replace(/[-:.]/g, '')
    .replace(/\+0000$/, '000Z');
  // A record may have been written by hand.
  const name = sanitizeTaskName(record.name);
  const first = [stamp, taskId, ...(name === null ? [] : [name])].join('_');
  for (let attempt = 0; ; attempt++) {
    const free = attempt === 0 ? first : `${first}_${attempt}`;
    if ((await ctx.files.stat(join(tasksArchiveDir(ctx, projectId), free))) === null) return free;
  }
}

/** Whether a name is one that `newArchiveName` gives to archives of this task: what stands in a record may have been written by hand. */
export function isArchiveNameOf(name: string, taskId: string): boolean {
  const [stamp = '', id, ...rest] = name.split('_');
  return /^\d{8}T\d{12}Z$/.test(stamp) && id === taskId && /^[a-z0-9_-]*$/.test(rest.join('_'));
}

/** The folder of a whole archive of this name; null while there is none. */
export async function madeArchive(ctx: TaskContext, projectId: string, archiveName: string): Promise<string | null> {
  const folder = join(tasksArchiveDir(ctx, projectId), archiveName);
  return (await ctx.files.stat(folder))?.kind === 'directory' ? folder : null;
}

/** The bytes as they are, whatever is wrong with them. */
async function keepDamagedRecord(ctx: TaskContext, projectId: string, taskId: string, into: string): Promise<void> {
  const metaDir = tasksMetaDir(ctx, projectId);
  for (const [path, name] of [
    [metaPath(metaDir, taskId), 'damaged_meta.yml'],
    [dossierPath(metaDir, taskId), 'damaged_dossier.json'],
  ] as const) {
    // However large: being too large may be what is wrong with it.
    if ((await ctx.files.stat(path))?.kind === 'file')
      await ctx.files.replace(join(into, name), ctx.files.readChunks(path, { maxBytes: Infinity }));
  }
}

async function keepLogs(ctx: TaskContext, projectId: string, taskId: string, into: string): Promise<void> {
  const { logs } = taskDirectory(ctx, projectId, taskId);
  for (const { name, kind } of await ctx.files.list(logs)) {
    if (kind !== 'file') continue;
    await ctx.files.replace(join(into, 'logs', name), ctx.files.readChunks(join(logs, name), { maxBytes: Infinity }));
  }
}

/** How the agent worked, as far as its home tells. */
async function keepHome(ctx: TaskContext, projectId: string, taskId: string, into: string): Promise<void> {
  const secrets = await projectSecretValues(ctx, projectId);
  const archive = await homeArchive(ctx.files, taskDirectory(ctx, projectId, taskId).home, secrets);
  if (archive !== null) await ctx.files.replace(join(into, 'home.tar'), archive);
}

type Keeping = { readonly projectId: string; readonly taskId: string; readonly record: TaskRecord; readonly into: string };

/** A workspace that no start has filled has nothing to keep; one that cannot be looked at in a container is kept whole. */
async function keepWork(ctx: TaskContext, keeping: Keeping): Promise<void> {
  const { projectId, taskId, into } = keeping;
  const { workspace } = taskDirectory(ctx, projectId, taskId);
  const entries = (await ctx.files.list(workspace)).filter(({ name }) => name !== inContainer.markerName);
  if (entries.length === 0) return;

  const output = join(into, 'work');
  const problem = await salvageProblem(ctx, keeping, output);
  if (problem === null) {
    await ctx.files.ensureDirectory(output, { mode: 0o700 });
    if ((await ctx.files.list(output)).length === 0) await ctx.files.removeTree(output);
    return;
  }
  await ctx.files.removeTree(output);
  const unreadable = (said: string) =>
    projectErrors.WORKSPACE_UNREADABLE({ project: projectId, task: taskId, what: 'archive', said: `${problem}\n${said}` });
  await ctx.files.replace(join(into, 'workspace.tar'), wholeFolder(ctx, workspace, unreadable));
}

/** Why the work could not be salvaged in a container: no image, no project, a repository that is not as git makes them; null when it was. */
async function salvageProblem(ctx: TaskContext, { projectId, taskId, record }: Keeping, output: string): Promise<string | null> {
  try {
    const project = await loadProject(ctx, projectId);
    const base = record.base_commit ?? '';
    // Of a history that was rewritten since, the archive keeps all: nobody else may have it any more.
    const args = [base, base !== '' && (await hasCommit(ctx, projectId, base)) ? 'without-base' : 'with-base'];
    const { exitCode, stderr } = await runOverWorkspace(ctx, { project, taskId, script: salvageScript, args, output });
    return exitCode === 0 ? null : printable(new TextDecoder().decode(stderr));
  } catch (error) {
    if (error instanceof TerokError) return error.message;
    throw error;
  }
}

/** A folder as a tar archive, links as links. Nothing in it is run or obeyed; files with holes do not fill the disk. */
async function* wholeFolder(ctx: TaskContext, folder: string, unreadable: (said: string) => TerokError): AsyncGenerator<Uint8Array> {
  const { output, ended } = ctx.processes.open({
    binary: 'tar',
    args: ['--create', '--file=-', '--sparse', '--one-file-system', `--directory=${folder}`, '.'],
    env: toolEnvironment(ctx.env),
    timeoutMs: 30 * 60_000,
  });
  let said = '';
  for await (const { stream, bytes } of output) {
    if (stream === 'stdout') yield bytes;
    else said = `${said}${new TextDecoder().decode(bytes)}`.slice(-2000);
  }
  const end = await ended;
  if (end.kind !== 'exited' || end.exitCode !== 0) throw unreadable(`tar ${describeEnd(end)}: ${printable(said)}`);
}
