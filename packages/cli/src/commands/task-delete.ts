import { taskDelete } from '@terok/orchestration';
import { exitStatus, printable } from '@terok/sandbox';
import { confirm } from '../dialog/confirmation.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskDeleteJson } from '../json/task-json.ts';
import { resolveTask } from '../addresses/resolve-task.ts';

export type TaskDeleteFlags = { readonly force?: boolean; readonly yes?: boolean; readonly json?: boolean };

export async function runTaskDelete(
  invocation: Invocation,
  { force = false, yes = false, json }: TaskDeleteFlags,
  first?: string,
  second?: string,
): Promise<number> {
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  const question = force
    ? `Delete ${projectId}/${taskId}, even if it cannot be archived?`
    : `Delete ${projectId}/${taskId}? Its work goes into the archive.`;
  await confirm(invocation, { question, action: 'Deleting a task', yes, withoutTerminal: 'go_on' });

  const { deleted, warnings, archive } = await taskDelete(ctx, projectId, taskId, { force });
  for (const warning of warnings) invocation.note.warn(warning);
  const status = deleted ? exitStatus.ok : exitStatus.failure;
  if (json) {
    await invocation.out.json({ project_id: projectId, task_id: taskId, archive, warnings } satisfies TaskDeleteJson);
    return status;
  }
  if (!deleted) {
    invocation.note.say(
      `${projectId}/${taskId} is archived${archive === null ? '' : ` in ${printable(archive)}`}, and could not be removed whole.`,
    );
    invocation.note.hint(`Delete it again with \`terok task delete ${projectId} ${taskId}\`.`);
    return status;
  }
  invocation.note.say(
    archive === null
      ? `Deleted ${projectId}/${taskId}; nothing was archived.`
      : `Deleted ${projectId}/${taskId}. Archived in ${printable(archive)}`,
  );
  if (archive !== null) invocation.note.hint(`\`terok task archive restore ${projectId} ${taskId}\` brings it back.`);
  return status;
}
