/**
 * Where a task's files are. Every part that comes from outside passes `pathSegment`, which refuses what could lead elsewhere. What is asked
 * for of every task at once is put together without `join`, which takes as long as reading a file does.
 */
import { basename, dirname, join } from 'node:path';
import { pathSegment, type DirectoryEntry, type DurablePaths } from '@terok/sandbox';

export type TaskStorePaths = Pick<DurablePaths, 'coreProjects' | 'tasks' | 'archive'>;
type Located = { readonly paths: TaskStorePaths };

const dossierSuffix = '_dossier.json';
const metaSuffix = '_meta.yml';

/** The directory that holds the records of a project's tasks. Throws PATH_SEGMENT_UNSAFE, as everything in this module does. */
export function tasksMetaDir(ctx: Located, projectId: string): string {
  return join(ctx.paths.coreProjects, pathSegment('project', projectId), 'tasks');
}

/** The directory that holds what is left of a project's deleted tasks. */
export function tasksArchiveDir(ctx: Located, projectId: string): string {
  return join(ctx.paths.archive, pathSegment('project', projectId), 'tasks');
}

/** As `agentConfigDir`, for those who look at many tasks at once. */
export function agentConfigPath(ctx: Located, projectId: string, taskId: string): string {
  return `${ctx.paths.tasks}/${pathSegment('project', projectId)}/${pathSegment('task', taskId)}/agent-config`;
}

/** The directory on the host that a task's container sees as `CONTAINER_TEROK_CONFIG`. The container can write to it. */
export async function agentConfigDir(ctx: Located, projectId: string, taskId: string): Promise<string> {
  return agentConfigPath(ctx, projectId, taskId);
}

/** The half of a record that others may read: project, task and name, as JSON. */
export function dossierPath(metaDir: string, taskId: string): string {
  return `${metaDir}/${pathSegment('task', taskId)}${dossierSuffix}`;
}

/** The half of a record that is ours alone: everything else, as YAML. */
export function metaPath(metaDir: string, taskId: string): string {
  return `${metaDir}/${pathSegment('task', taskId)}${metaSuffix}`;
}

/** What holds off other writers of one record while it changes. */
export function taskLockPath(metaDir: string, taskId: string): string {
  return join(metaDir, `.${pathSegment('task', taskId)}.lock`);
}

/** The directory and the ID behind a path that `dossierPath` made. Any other path is a mistake of the caller. */
export function dossierHandleParts(handle: string): { readonly metaDir: string; readonly taskId: string } {
  const name = basename(handle);
  if (!name.endsWith(dossierSuffix) || name === dossierSuffix) throw new Error(`${JSON.stringify(handle)} is not a dossier-file handle.`);
  return { metaDir: dirname(handle), taskId: name.slice(0, -dossierSuffix.length) };
}

/** What stands before either suffix, once each, in the order of the listing. Whether it is a task ID is the caller's question. */
export function taskStems(entries: readonly DirectoryEntry[]): ReadonlySet<string> {
  const stems = new Set<string>();
  for (const { name, kind } of entries) {
    const stem = kind === 'file' ? stemOf(name) : '';
    if (stem !== '') stems.add(stem);
  }
  return stems;
}

function stemOf(name: string): string {
  const suffix = [metaSuffix, dossierSuffix].find((ending) => name.endsWith(ending));
  return suffix === undefined ? '' : name.slice(0, -suffix.length);
}
