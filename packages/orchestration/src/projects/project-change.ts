/** Changes to `project.yml`: nothing is written that could not be read again, and comments stay. */
import { changedYaml, type YamlChange } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { projectFilePath, type ProjectConfig } from './project-config.ts';
import { isProjectId } from './project-id.ts';
import { whileFileStays } from './project-lock.ts';
import { parsedProject, readProjectBytes, readProjectFile } from './projects.ts';

/** A new text, and the one that it was made from (its bytes, where it is no text); or new values for some keys. */
export type ProjectEdit = { readonly text: string; readonly was: string | Uint8Array } | { readonly changes: readonly YamlChange[] };

/**
 * Writes a project's file anew. PROJECT_INVALID with file, line and column of every problem, PROJECT_CHANGED when the text is not
 * the one the edit was made from: nothing is written then. A broken project may be edited until it is none.
 */
export async function projectEdit(ctx: TaskContext, projectId: string, edit: ProjectEdit): Promise<ProjectConfig> {
  const { file } = await readProjectBytes(ctx, projectId);
  return whileFileStays(ctx, { projectId, purpose: `changing project ${projectId}` }, async () => {
    if ('was' in edit && !(await holds(ctx, projectId, edit.was))) throw projectErrors.PROJECT_CHANGED({ project: projectId, file });
    const after = 'text' in edit ? edit.text : changedYaml((await readProjectFile(ctx, projectId)).text, file, edit.changes);
    const project = parsedProject(ctx, projectId, { file, text: after });
    if (!(await holds(ctx, projectId, Buffer.from(after)))) await ctx.files.replace(file, after);
    return project;
  });
}

async function holds(ctx: TaskContext, projectId: string, content: string | Uint8Array): Promise<boolean> {
  if (typeof content === 'string') return (await readProjectFile(ctx, projectId)).text === content;
  return Buffer.compare((await readProjectBytes(ctx, projectId)).text, content) === 0;
}

/**
 * A new project that begins as a copy of another, comments and all, with some keys changed. It has a mirror and tasks of its own.
 * Throws PROJECT_NAME_INVALID, PROJECT_UNKNOWN, PROJECT_EXISTS, and PROJECT_INVALID where the copy would be none.
 */
export async function projectDerive(
  ctx: TaskContext,
  sourceId: string,
  projectId: string,
  changes: readonly YamlChange[] = [],
): Promise<ProjectConfig> {
  if (!isProjectId(projectId)) throw projectErrors.PROJECT_NAME_INVALID({ project: projectId });
  const source = await readProjectFile(ctx, sourceId);
  const file = projectFilePath(ctx.paths, projectId);
  return whileFileStays(ctx, { projectId, purpose: `deriving project ${projectId}` }, async () => {
    if ((await ctx.files.stat(file)) !== null) throw projectErrors.PROJECT_EXISTS({ project: projectId, file });
    const text = changes.length === 0 ? source.text : changedYaml(source.text, file, changes);
    const project = parsedProject(ctx, projectId, { file, text });
    await ctx.files.replace(file, text);
    return project;
  });
}
