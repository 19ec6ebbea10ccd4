import { getWorkspaceGitDiff } from '@terok/orchestration';
import { stripControl } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskDiffJson } from '../json/task-json.ts';
import { resolveWorkedTask } from '../addresses/resolve-task.ts';

export type TaskDiffFlags = { readonly against: 'base' | 'HEAD' | 'PREV'; readonly json?: boolean };

export async function runTaskDiff(
  invocation: Invocation,
  { against, json }: TaskDiffFlags,
  first?: string,
  second?: string,
): Promise<void> {
  const { out, note } = invocation;
  const { ctx, projectId, taskId } = await resolveWorkedTask(invocation, first, second);
  const diff = await getWorkspaceGitDiff(ctx, projectId, taskId, { against });
  if (diff === null) throw cliErrors.DIFF_UNAVAILABLE({ project: projectId, task: taskId, against });
  if (json) return out.json({ project_id: projectId, task_id: taskId, against, diff } satisfies TaskDiffJson);
  if (diff === '') return note.say('No difference.');
  await out.text(out.isTerminal ? stripControl(diff) : diff);
}
