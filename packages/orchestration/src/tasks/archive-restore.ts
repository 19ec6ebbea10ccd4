/** The work of an archived task, made into a task again, or into a branch. What fills the workspace runs in a container, as everything that an agent wrote. */
import { basename, join } from 'node:path';
import { describeEnd, inContainer, toolEnvironment, withUsableEngine } from '@terok/executor';
import { formatInstant, printable, readText } from '@terok/sandbox';
import { giveToContainer, taskDirectory } from '../containers/task-directory.ts';
import { runOverWorkspace } from '../containers/throwaway.ts';
import { projectErrors } from '../errors.ts';
import { mirrorPath, syncMirror } from '../projects/mirror.ts';
import type { ProjectConfig } from '../projects/project-config.ts';
import { loadProject } from '../projects/projects.ts';
import type { TaskContext } from '../task-context.ts';
import { archiveFolders } from './archive.ts';
import { taskFetch, type FetchOptions, type FetchResult } from './fetch.ts';
import type { TaskId } from './identity.ts';
import { checkTaskRecord, type TaskRecord } from './meta-record.ts';
import { removeTaskMeta, tasksArchiveDir, updateTask } from './meta.ts';
import { createTask } from './new-task.ts';
import { sanitizeTaskName } from './naming.ts';
import { homeOutbox, inbox, restoreScript } from './workspace-scripts.ts';

export type RestoredTask = {
  readonly taskId: TaskId;
  /** The folder that its work came from, which stays. */
  readonly archiveDir: string;
  /** Whether there was work; a task that never began is new again. */
  readonly filled: boolean;
};

type Archive = { readonly dir: string; readonly record: TaskRecord };

/**
 * A new task with the work of an archived one: references, what was checked out, staged, changed and untracked, and what was kept of
 * the agent's home, so that its session can be gone on with. It can be fetched and looked at like the old one, and says in
 * `restored_from` where it came from. `archiveId` is the ID of the
 * archived task or the beginning of its archive's name; of several the newest is taken. Throws ARCHIVE_UNKNOWN, ARCHIVE_DAMAGED,
 * WORKSPACE_UNREADABLE; nothing of the new task is left then.
 */
export async function taskRestore(
  ctx: TaskContext,
  projectId: string,
  archiveId: string,
  { name }: { readonly name?: string } = {},
): Promise<RestoredTask> {
  const project = await loadProject(ctx, projectId);
  const archive = await archiveNamed(ctx, projectId, archiveId);
  const work = await workOf(ctx, archive.dir);
  if (work.length > 0) await syncMirror(ctx, project);

  const givenName = name ?? sanitizeTaskName(archive.record.name);
  const taskId = await createTask(ctx, project, givenName === null ? {} : { name: givenName });
  try {
    await updateTask(ctx, projectId, taskId, { restoring_from: basename(archive.dir) });
    if (work.length > 0) await fill(ctx, project, { taskId, archive, work });
    await updateTask(ctx, projectId, taskId, {
      ...(work.length === 0 ? {} : restoredFields(ctx, archive.record, { withHome: work.some(isHome) })),
      restoring_from: null,
      restored_from: basename(archive.dir),
    });
  } catch (error) {
    await forget(ctx, projectId, taskId);
    throw error;
  }
  return { taskId, archiveDir: archive.dir, filled: work.length > 0 };
}

/** The work of an archived task in a branch of the project's repository (`terok/<archived task>` when left out), checked as any other. */
export async function archiveFetch(
  ctx: TaskContext,
  projectId: string,
  archiveId: string,
  options: FetchOptions = {},
): Promise<FetchResult> {
  const { record } = await archiveNamed(ctx, projectId, archiveId);
  const { taskId } = await taskRestore(ctx, projectId, archiveId);
  try {
    return await taskFetch(ctx, projectId, taskId, { branch: `terok/${record.task_id ?? taskId}`, ...options });
  } finally {
    // A copy of what the archive still holds.
    await forget(ctx, projectId, taskId);
  }
}

const recordMaxBytes = 1024 * 1024;

async function archiveNamed(ctx: TaskContext, projectId: string, archiveId: string): Promise<Archive> {
  const unknown = projectErrors.ARCHIVE_UNKNOWN({ project: projectId, archive: archiveId });
  if (archiveId === '') throw unknown;
  const folders = await archiveFolders(ctx, projectId);
  const found = folders.find(({ name }) => name.startsWith(archiveId) || name.split('_')[1] === archiveId);
  if (found === undefined) throw unknown;
  const dir = join(tasksArchiveDir(ctx, projectId), found.name);
  const text = await readText(ctx.files, join(dir, 'task.json'), { maxBytes: recordMaxBytes });
  const checked = checkTaskRecord(parsedJson(text ?? ''));
  if ('reason' in checked) throw projectErrors.ARCHIVE_DAMAGED({ archive: dir, reason: checked.reason });
  return { dir, record: checked.record };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the restoring container is given. A container wrote them: a link in their place is not followed. */
const parts = ['work.bundle', 'uncommitted.patch', 'untracked.tar', 'repository.tar', 'head.txt'];

async function workOf({ files }: TaskContext, archiveDir: string): Promise<readonly string[]> {
  const candidates = [
    ...['workspace.tar', homeName].map((name) => join(archiveDir, name)),
    ...parts.map((name) => join(archiveDir, 'work', name)),
  ];
  const facts = await Promise.all(candidates.map((path) => files.stat(path)));
  return candidates.filter((_, index) => facts[index]?.kind === 'file');
}

/** What `archiveTask` keeps of an agent's home. */
const homeName = 'home.tar';
const isHome = (path: string): boolean => basename(path) === homeName;

type Filling = { readonly taskId: TaskId; readonly archive: Archive; readonly work: readonly string[] };

async function fill(given: TaskContext, project: ProjectConfig, { taskId, archive: { record }, work }: Filling): Promise<void> {
  const ctx = await withUsableEngine(given, { onProgress: () => {} });
  if (!('profile' in ctx.engine)) throw new Error('the engine is usable and has no profile');
  const directory = taskDirectory(ctx, project.id, taskId);
  await giveToContainer(ctx.files, directory, ctx.engine.profile);

  // Archives are their owner's alone to read, which the container's user is not.
  const copies = join(directory.root, 'restoring');
  try {
    await ctx.files.ensureDirectory(copies, { mode: 0o755 });
    const copied = await ctx.processes.run({
      binary: 'install',
      args: ['--mode=0644', `--target-directory=${copies}`, '--', ...work],
      env: toolEnvironment(ctx.env),
      timeoutMs: 30 * 60_000,
    });
    const unreadable = (said: string) => projectErrors.WORKSPACE_UNREADABLE({ project: project.id, task: taskId, what: 'restore', said });
    if (copied.end.kind !== 'exited' || copied.end.exitCode !== 0)
      throw unreadable(`\`install\` ${describeEnd(copied.end)}: ${printable(new TextDecoder().decode(copied.stderr))}`);
    const { exitCode, stderr } = await runOverWorkspace(ctx, {
      project,
      taskId,
      script: restoreScript,
      args: [record.base_commit ?? '', record.branch ?? ''],
      workspaceAccess: 'write',
      mounts: [
        { source: copies, target: inbox, access: 'read' },
        { source: mirrorPath(ctx, project.id), target: inContainer.mirror, access: 'read' },
        ...(work.some(isHome) ? [{ source: directory.home, target: homeOutbox, access: 'write' as const }] : []),
      ],
    });
    if (exitCode !== 0) throw unreadable(printable(new TextDecoder().decode(stderr)));
  } finally {
    await ctx.files.removeTree(copies);
  }
}

const workKeys: readonly string[] = [
  'mode',
  'agent',
  'preset',
  'model',
  'unrestricted',
  'branch',
  'base_commit',
  'started_at',
  'finished_at',
  'time_limit_s',
  'exit_code',
  'log_format',
];

/** What the old record says of the work; not of its container and its launch, which are gone, and of its session only with its home. */
function restoredFields(
  ctx: TaskContext,
  record: TaskRecord,
  { withHome }: { readonly withHome: boolean },
): Readonly<Record<string, unknown>> {
  const { mode, ended } = record;
  const keys = withHome ? [...workKeys, 'session_id'] : workKeys;
  return {
    ...Object.fromEntries(keys.flatMap((key) => (record[key] === undefined ? [] : [[key, record[key]]]))),
    ended: ended ?? (typeof mode === 'string' ? 'stopped' : null),
    ready_at: formatInstant(ctx.clock.now()),
  };
}

async function forget(ctx: TaskContext, projectId: string, taskId: TaskId): Promise<void> {
  await ctx.files.removeTree(taskDirectory(ctx, projectId, taskId).root);
  await removeTaskMeta(ctx, projectId, taskId);
}
