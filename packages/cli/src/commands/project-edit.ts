import { parsedProject, projectEdit, readProjectBytes } from '@terok/orchestration';
import { chosenProject } from '../dialog/choose-address.ts';
import { editText } from '../dialog/editor.ts';
import type { Invocation } from '../invocation.ts';
import { withNearestProject } from '../addresses/nearest.ts';

/** Opens the file whatever is in it, so that a project that is none can be mended. */
export async function runProjectEdit(invocation: Invocation, _: Record<never, never>, named?: string): Promise<void> {
  const projectId = await chosenProject(invocation, named);
  const ctx = await invocation.engine();
  const { file, text: was } = await withNearestProject(ctx, projectId, () => readProjectBytes(ctx, projectId));
  const project = await editText(invocation, ctx, {
    content: was,
    directory: ctx.paths.projects,
    fileName: 'project.yml',
    check: (text) => void parsedProject(ctx, projectId, { file, text }),
    write: (text) => projectEdit(ctx, projectId, { text, was }),
  });
  invocation.note.say(project === null ? 'Nothing was changed.' : `Changed project ${projectId}; tasks that start from now on see it.`);
}
