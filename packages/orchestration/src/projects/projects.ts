/** Projects on disk: one folder each, with a `project.yml`. One broken project never hides the others. */
import { basename, dirname, join, resolve } from 'node:path';
import { formatInstant, pathSegment, readText, TerokError, type ConfigProblem } from '@terok/sandbox';
import { attemptGit, exitedWith, saidBy } from '../git.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { projectErrors } from '../errors.ts';
import { printPlainYaml } from '../plain-yaml.ts';
import type { TaskContext } from '../task-context.ts';
import { mirrorPath } from './mirror.ts';
import { isLocal, parseProject, ProjectFile, projectFilePath, type ProjectConfig } from './project-config.ts';
import { isProjectId, projectIds } from './project-id.ts';
import { whileFileStays, whileTasksStay } from './project-lock.ts';
import { everyTask, isOnlyBegun } from './project-tasks.ts';

export type ProjectListing =
  | { readonly id: string; readonly project: ProjectConfig }
  | { readonly id: string; readonly problems: readonly ConfigProblem[] };
export type NewProject = {
  readonly repository: string;
  readonly branch?: string;
  readonly base?: string;
  readonly network?: 'none' | 'open';
  readonly run?: NonNullable<ProjectFile['run']>;
  readonly limits?: NonNullable<ProjectFile['limits']>;
};

const projectFileMaxBytes = 256 * 1024;
const reachTimeoutMs = 30_000;

export async function listProjects(ctx: TaskContext): Promise<readonly ProjectListing[]> {
  const listings = await Promise.all((await projectIds(ctx)).map((id) => listing(ctx, id)));
  return listings.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Empty for a folder without a project file. */
async function listing(ctx: TaskContext, id: string): Promise<readonly ProjectListing[]> {
  const file = projectFilePath(ctx.paths, id);
  const text = await readText(ctx.files, file, { maxBytes: projectFileMaxBytes }).catch(asTerokError);
  if (text === null) return [];
  if (text instanceof TerokError)
    return [{ id, problems: [{ severity: 'error', file, line: 1, column: 1, path: '', message: text.message }] }];
  const read = parseProject(id, text, file, ctx.config);
  return [read.kind === 'read' ? { id, project: read.project } : { id, problems: read.problems }];
}

/** What is wrong with one project is an answer of the list; a mistake of ours is not. */
function asTerokError(error: unknown): TerokError {
  if (error instanceof TerokError) return error;
  throw error;
}

export async function loadProject(ctx: TaskContext, projectId: string): Promise<ProjectConfig> {
  const { file, text } = await readProjectFile(ctx, projectId);
  return parsedProject(ctx, projectId, { file, text });
}

/** As `loadProject`, for those whose work does not depend on it: null for one that is gone or cannot be read. */
export async function readableProject(ctx: TaskContext, projectId: string): Promise<ProjectConfig | null> {
  try {
    return await loadProject(ctx, projectId);
  } catch (error) {
    if (error instanceof TerokError) return null;
    throw error;
  }
}

/** Where a project is written, and its text, whatever that says: for those who want to change or keep it. Throws PROJECT_UNKNOWN. */
export async function readProjectFile(ctx: TaskContext, projectId: string): Promise<{ readonly file: string; readonly text: string }> {
  return readProject(ctx, projectId, (file) => readText(ctx.files, file, { maxBytes: projectFileMaxBytes }));
}

/** As `readProjectFile`, of a file that need not even be text. */
export async function readProjectBytes(ctx: TaskContext, projectId: string): Promise<{ readonly file: string; readonly text: Uint8Array }> {
  return readProject(ctx, projectId, (file) => ctx.files.read(file, { maxBytes: projectFileMaxBytes }));
}

async function readProject<T>(ctx: TaskContext, projectId: string, read: (file: string) => Promise<T | null>) {
  if (!isProjectId(projectId)) throw projectErrors.PROJECT_NAME_INVALID({ project: projectId });
  const file = projectFilePath(ctx.paths, projectId);
  const text = await read(file);
  if (text === null) throw projectErrors.PROJECT_UNKNOWN({ project: projectId, known: (await listProjects(ctx)).map(({ id }) => id) });
  return { file, text };
}

/** The project that a text describes; throws PROJECT_INVALID with every place to look at. */
export function parsedProject(
  ctx: Pick<TaskContext, 'config'>,
  projectId: string,
  { file, text }: { readonly file: string; readonly text: string },
): ProjectConfig {
  const read = parseProject(projectId, text, file, ctx.config);
  if (read.kind === 'read') return read.project;
  throw projectErrors.PROJECT_INVALID({ project: projectId, file, problems: read.problems.map(problemLine) });
}

const problemLine = ({ file, line, column, message, hint }: ConfigProblem): string =>
  `${file}:${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`;

/** Writes `project.yml`, whole at once, when the repository has answered. A local path is made absolute. */
export async function projectAdd(
  ctx: TaskContext,
  projectId: string,
  { repository, branch, base, network, run, limits }: NewProject,
): Promise<ProjectConfig> {
  if (!isProjectId(projectId)) throw projectErrors.PROJECT_NAME_INVALID({ project: projectId });
  const file = projectFilePath(ctx.paths, projectId);
  const refuseExisting = async () => {
    if ((await ctx.files.stat(file)) !== null) throw projectErrors.PROJECT_EXISTS({ project: projectId, file });
  };
  await refuseExisting();

  const location = await reachRepository(ctx, projectId, { repository, ...(branch === undefined ? {} : { branch }) });
  const written: ProjectFile = {
    repository: location,
    ...(branch === undefined ? {} : { branch }),
    ...(base === undefined ? {} : { image: { base } }),
    ...(network === undefined ? {} : { network: { mode: network } }),
    ...(run === undefined ? {} : { run }),
    ...(limits === undefined ? {} : { limits }),
  };
  return whileFileStays(ctx, { projectId, purpose: `adding project ${projectId}` }, async () => {
    await refuseExisting();
    await ctx.files.replace(file, printPlainYaml(ProjectFile.parse(written)));
    return loadProject(ctx, projectId);
  });
}

/** Where the repository is, a local path made absolute. Throws REPOSITORY_UNREACHABLE, or BRANCH_UNKNOWN with the branches that it has. */
export async function reachRepository(
  ctx: TaskContext,
  project: string,
  { repository: named, branch }: Pick<NewProject, 'repository' | 'branch'>,
): Promise<string> {
  const repository = isLocal(named) ? resolve(named) : named;
  const listed = await attemptGit(ctx, ['ls-remote', '--heads', '--', repository], { timeoutMs: reachTimeoutMs });
  if (!exitedWith(listed, 0)) throw projectErrors.REPOSITORY_UNREACHABLE({ project, repository, reason: saidBy(listed) });
  if (branch === undefined) return repository;
  const branches = new TextDecoder()
    .decode(listed.stdout)
    .split('\n')
    .flatMap((line) => line.split('\trefs/heads/')[1] ?? []);
  if (!branches.includes(branch)) throw projectErrors.BRANCH_UNKNOWN({ project, branch, branches });
  return repository;
}

export type ProjectRemoveResult = {
  /** Where the project's file is kept. */
  readonly archive: string;
  /** Its folder, where it holds more than that file, such as hooks: that is a person's, and stays. Null where nothing is left. */
  readonly left: string | null;
};

/**
 * Removes a project without tasks, broken or not: its file goes into the archive, its mirror goes, its tasks' archives stay. No task of
 * it can be made meanwhile or after. Throws PROJECT_UNKNOWN, PROJECT_HAS_TASKS.
 */
export async function projectRemove(ctx: TaskContext, projectId: string): Promise<ProjectRemoveResult> {
  await readProjectFile(ctx, projectId);
  return whileTasksStay(ctx, { projectId, purpose: `removing project ${projectId}` }, () => removeWhileTasksStay(ctx, projectId));
}

/** As `projectRemove`, for a caller that keeps tasks from being made. */
export async function removeWhileTasksStay(ctx: TaskContext, projectId: string): Promise<ProjectRemoveResult> {
  return whileFileStays(ctx, { projectId, purpose: `removing project ${projectId}` }, async () => {
    const { file, text } = await readProjectFile(ctx, projectId);
    const { tasks, begun } = await tasksOf(ctx, projectId);
    if (tasks.length > 0) throw projectErrors.PROJECT_HAS_TASKS({ project: projectId, tasks });
    for (const taskId of begun) await ctx.files.removeTree(taskDirectory(ctx, projectId, taskId).root);
    const archive = await keepProjectFile(ctx, projectId, text);
    // What can be had again goes first: cut short, there is a project still, and the removal can be repeated.
    await ctx.files.removeTree(mirrorPath(ctx, projectId));
    return { archive, left: await removeProjectFile(ctx, file) };
  });
}

/** Those that may hold work, and those that a crash left when they were being made. */
async function tasksOf(
  ctx: TaskContext,
  projectId: string,
): Promise<{ readonly tasks: readonly string[]; readonly begun: readonly string[] }> {
  const [tasks, begun]: [string[], string[]] = [[], []];
  for (const taskId of await everyTask(ctx, projectId)) ((await isOnlyBegun(ctx, projectId, taskId)) ? begun : tasks).push(taskId);
  return { tasks, begun };
}

async function removeProjectFile({ files }: Pick<TaskContext, 'files'>, file: string): Promise<string | null> {
  const folder = dirname(file);
  const others = (await files.list(folder)).filter(({ name }) => name !== basename(file));
  await files.remove(file);
  if (others.length > 0) return folder;
  await files.removeTree(folder);
  return null;
}

/** The file as it was, beside the archives of the project's tasks. */
async function keepProjectFile(ctx: TaskContext, projectId: string, text: string): Promise<string> {
  const stamp = formatInstant(ctx.clock.now()).replace(/[-:.]|\+00:00$/g, '');
  const directory = join(ctx.paths.archive, pathSegment('project', projectId));
  for (let attempt = 0; ; attempt++) {
    const archive = join(directory, `project-${stamp}${attempt === 0 ? '' : `_${attempt}`}.yml`);
    if ((await ctx.files.stat(archive)) !== null) continue;
    await ctx.files.replace(archive, text);
    return archive;
  }
}
