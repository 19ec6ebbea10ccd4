import { getTasks, listProjects, projectDelete, projectRemove, readProjectFile, type TaskContext } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { confirm } from '../dialog/confirmation.ts';
import { chosenProject } from '../dialog/choose-address.ts';
import type { Invocation } from '../invocation.ts';
import type { ProjectRemoveJson } from '../json/project-json.ts';
import { withNearestProject } from '../addresses/nearest.ts';

export type ProjectRemoveFlags = { readonly withTasks?: boolean; readonly yes?: boolean; readonly json?: boolean };

/** A project whose file is broken can be removed like any other. */
export async function runProjectRemove(
  invocation: Invocation,
  { withTasks = false, yes = false, json }: ProjectRemoveFlags,
  named?: string,
): Promise<void> {
  const { out, note } = invocation;
  const projectId = await chosenProject(invocation, named);
  const ctx = await invocation.engine();
  await withNearestProject(ctx, projectId, () => readProjectFile(ctx, projectId));
  const question = await questionAbout(ctx, projectId, withTasks);
  await confirm(invocation, { question, action: 'Removing a project', yes, withoutTerminal: 'refuse' });

  const removed = withTasks ? await projectDelete(ctx, projectId) : { tasks: [], warnings: [], ...(await projectRemove(ctx, projectId)) };
  for (const warning of removed.warnings) note.warn(warning);
  if (json) return out.json({ project_id: projectId, ...removed } satisfies ProjectRemoveJson);
  note.say(
    `Removed project ${projectId}${removed.tasks.length === 0 ? '' : ` and ${counted(removed.tasks.length)}`}. Its repository was not touched.`,
  );
  note.say(`Its settings are kept in ${printable(removed.archive)}`);
  if (removed.left !== null) note.say(`What else you keep in ${printable(removed.left)} is still there.`);
}

async function questionAbout(ctx: TaskContext, projectId: string, withTasks: boolean): Promise<string> {
  const entry = (await listProjects(ctx)).find(({ id }) => id === projectId);
  const subject = `project ${projectId}${entry !== undefined && 'project' in entry ? ` (${printable(entry.project.repository)})` : ''}`;
  const tasks = withTasks ? (await getTasks(ctx, projectId)).length : 0;
  return tasks === 0 ? `Remove ${subject}?` : `Remove ${subject} and delete its ${counted(tasks)}? Their work goes into the archive.`;
}

const counted = (tasks: number): string => (tasks === 1 ? '1 task' : `${tasks} tasks`);
