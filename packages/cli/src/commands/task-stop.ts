import { taskStop } from '@terok/orchestration';
import type { Invocation } from '../invocation.ts';
import type { TaskStopJson } from '../json/task-json.ts';
import { resolveTask } from '../addresses/resolve-task.ts';

export type TaskStopFlags = { readonly timeout?: number; readonly json?: boolean };

export async function runTaskStop(
  invocation: Invocation,
  { timeout, json }: TaskStopFlags,
  first?: string,
  second?: string,
): Promise<void> {
  const { out, note } = invocation;
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  await taskStop(ctx, projectId, taskId, timeout === undefined ? {} : { timeoutSeconds: timeout });
  if (json) return out.json({ project_id: projectId, task_id: taskId } satisfies TaskStopJson);
  note.say(`Stopped ${projectId}/${taskId}. Its workspace is kept.`);
}
