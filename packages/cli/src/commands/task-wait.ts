import { taskStatus, waitForContainerExit } from '@terok/orchestration';
import { exitStatus } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskWaitJson } from '../json/task-json.ts';
import { endText } from '../output/end-text.ts';
import { resolveTask } from '../addresses/resolve-task.ts';

export type TaskWaitFlags = { readonly timeout?: number; readonly json?: boolean };

/** Ends as the task does, so that `task run --detach` and `task wait` together are `task run`. */
export async function runTaskWait(
  invocation: Invocation,
  { timeout, json }: TaskWaitFlags,
  first?: string,
  second?: string,
): Promise<number> {
  const { out, note } = invocation;
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  const before = await taskStatus(ctx, projectId, taskId);
  if (before.containerName !== null) {
    const { error } = await waitForContainerExit(
      ctx,
      before.containerName,
      projectId,
      taskId,
      timeout === undefined ? {} : { timeoutSeconds: timeout },
    );
    if (error !== null) throw cliErrors.WAIT_FAILED({ project: projectId, task: taskId, reason: error });
  }

  const { ended, task } = await taskStatus(ctx, projectId, taskId);
  if (before.containerName === null && ended === null) throw cliErrors.WAIT_FOR_NOTHING({ project: projectId, task: taskId });
  if (json) await out.json({ project_id: projectId, task_id: taskId, ended, exit_code: task.exitCode } satisfies TaskWaitJson);
  else note.say(`Task ${projectId}/${taskId} ended: ${endText({ ended: ended ?? 'terok_error', exitCode: task.exitCode })}.`);
  return task.exitCode ?? exitStatus.failure;
}
