import { projectEdit, readProjectFile } from '@terok/orchestration';
import { chosenProject } from '../choose-address.ts';
import { editText } from '../editor.ts';
import type { Invocation } from '../invocation.ts';
import { withNearestProject } from '../nearest.ts';

export async function runProjectEdit(invocation: Invocation, _: Record<never, never>, named?: string): Promise<void> {
  const projectId = await chosenProject(invocation, named);
  const ctx = await invocation.engine();
  const { text } = await withNearestProject(ctx, projectId, () => readProjectFile(ctx, projectId));
  const project = await editText(invocation, ctx, {
    text,
    fileName: 'project.yml',
    write: (edited) => projectEdit(ctx, projectId, { text: edited, was: text }),
    mendable: ['PROJECT_INVALID'],
  });
  invocation.note.say(project === null ? 'Nothing was changed.' : `Changed project ${projectId}; tasks that start from now on see it.`);
}
