/** Makes a task: its folder first, whose exclusive creation is the reservation of its ID, and its record last. */
import { formatInstant } from '@terok/sandbox';
import { taskErrors } from '../errors.ts';
import { listOf, type ProjectConfig } from '../projects/project-config.ts';
import { whileTasksStay } from '../projects/project-lock.ts';
import { loadProject, readableProject, readProjectFile } from '../projects/projects.ts';
import type { TaskContext } from '../task-context.ts';
import { reserveTaskId, type TaskId } from './identity.ts';
import { dossierPath, removeTaskMeta, taskExists, tasksArchiveDir, tasksMetaDir, writeTaskMeta } from './meta.ts';
import { categoriesForProject, pickTaskName, sanitizeTaskName, validateTaskName } from './naming.ts';
import { fillTaskDirectory, taskDirectory } from '../containers/task-directory.ts';

export type NewTaskOptions = { readonly name?: string };

/** A task with a new workspace, not yet run. Throws TASK_NAME_INVALID before anything is made, and PROJECT_UNKNOWN. */
export async function taskNew(ctx: TaskContext, projectId: string, options: NewTaskOptions = {}): Promise<TaskId> {
  return createTask(ctx, await loadProject(ctx, projectId), options);
}

/** As `taskNew`, for a project that is loaded already. */
export async function createTask(ctx: TaskContext, project: ProjectConfig, { name }: NewTaskOptions): Promise<TaskId> {
  const taskName = name === undefined ? generatedName(ctx, project) : checkedTaskName(name);
  return whileTasksStay(ctx, { projectId: project.id, purpose: `making a task of ${project.id}` }, async () => {
    // It may have been removed since it was loaded, which is long ago where an image was built meanwhile.
    await readProjectFile(ctx, project.id);
    return makeTask(ctx, project.id, taskName);
  });
}

async function makeTask(ctx: TaskContext, projectId: string, name: string): Promise<TaskId> {
  const archived = await archivedTaskIds(ctx, projectId);
  const taskId = await reserveTaskId(ctx.random, async (id) => {
    if (archived.has(id) || (await taskExists(ctx, projectId, id))) return false;
    return ctx.files.createDirectory(taskDirectory(ctx, projectId, id).root);
  });

  const directory = taskDirectory(ctx, projectId, taskId);
  try {
    await fillTaskDirectory(ctx.files, directory);
    await writeTaskMeta(ctx, dossierPath(tasksMetaDir(ctx, projectId), taskId), {
      project_id: projectId,
      task_id: taskId,
      name,
      mode: null,
      workspace: directory.root,
      web_port: null,
      created_at: formatInstant(ctx.clock.now()),
    });
  } catch (error) {
    await ctx.files.removeTree(directory.root).catch(() => {});
    await removeTaskMeta(ctx, projectId, taskId).catch(() => {});
    throw error;
  }
  return taskId;
}

/** The name as it will be kept. */
export function checkedTaskName(raw: string): string {
  const name = sanitizeTaskName(raw);
  if (name === null)
    throw taskErrors.TASK_NAME_INVALID({ name: raw, reason: 'nothing is left of it without the characters that a name cannot have' });
  const problem = validateTaskName(name);
  if (problem !== null) throw taskErrors.TASK_NAME_INVALID({ name: raw, reason: problem });
  return name;
}

function generatedName(ctx: TaskContext, project: ProjectConfig): string {
  return pickTaskName(ctx.random, categoriesForProject(project.id, project.nameCategories, globalCategories(ctx)));
}

const globalCategories = ({ config }: Pick<TaskContext, 'config'>): readonly string[] | null => listOf(config.tasks.name_categories);

/** `talented-toucan`: from the project's categories, else the global ones, else some that its name decides. */
export async function generateTaskName(ctx: TaskContext, projectId?: string): Promise<string> {
  if (projectId === undefined) return pickTaskName(ctx.random, globalCategories(ctx) ?? ['general']);
  const project = await readableProject(ctx, projectId);
  return pickTaskName(ctx.random, categoriesForProject(projectId, project?.nameCategories ?? null, globalCategories(ctx)));
}

/** An archived task keeps its ID, so that a log line or a branch name always means one task. Folder names are `<ts>_<id>[_<name>]`. */
async function archivedTaskIds(ctx: TaskContext, projectId: string): Promise<ReadonlySet<string>> {
  const entries = await ctx.files.list(tasksArchiveDir(ctx, projectId));
  return new Set(entries.flatMap(({ name }) => name.split('_')[1] ?? []));
}
