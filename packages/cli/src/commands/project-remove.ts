import { loadProject, projectRemove } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { confirm } from '../confirmation.ts';
import { chosenProject } from '../choose-address.ts';
import type { Invocation } from '../invocation.ts';
import { withNearestProject } from '../nearest.ts';

export type ProjectRemoveFlags = { readonly yes?: boolean; readonly json?: boolean };

export async function runProjectRemove(invocation: Invocation, { yes = false, json }: ProjectRemoveFlags, project?: string): Promise<void> {
  const projectId = await chosenProject(invocation, project);
  const ctx = await invocation.engine();
  const { id, repository } = await withNearestProject(ctx, projectId, () => loadProject(ctx, projectId));
  await confirm(invocation, {
    question: `Remove project ${id} (${printable(repository)})?`,
    action: 'Removing a project',
    yes,
    withoutTerminal: 'refuse',
  });

  const { archive } = await projectRemove(ctx, id);
  if (json) return invocation.out.json({ project_id: id, archive });
  invocation.note.say(`Removed project ${id}. Its repository was not touched.`);
  if (archive !== null) invocation.note.say(`Its settings are kept in ${printable(archive)}`);
}
