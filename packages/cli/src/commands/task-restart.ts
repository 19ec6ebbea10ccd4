import { taskRestart } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { watchAttention } from '../attended/attention.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskRestartJson } from '../json/task-json.ts';
import { progressOn } from '../output/progress.ts';
import { resolveTask } from '../addresses/resolve-task.ts';
import { requireSetup } from '../setup-gate.ts';

export type TaskRestartFlags = {
  readonly recreate?: boolean;
  readonly ensure?: boolean;
  readonly allowDowngrade?: boolean;
  readonly json?: boolean;
};

const done = { left: 'runs already', resumed: 'runs again, in the container it had', recreated: 'runs again, in a new container' } as const;

export async function runTaskRestart(
  invocation: Invocation,
  { recreate = false, ensure = false, allowDowngrade = false, json }: TaskRestartFlags,
  first?: string,
  second?: string,
): Promise<void> {
  const { out, note, world } = invocation;
  await requireSetup(invocation, { allowDowngrade });
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  const attention = watchAttention(world, note);
  try {
    const { containerName, how, reason } = await taskRestart(ctx, projectId, taskId, {
      recreate,
      ensure,
      onProgress: progressOn(note),
      signal: attention.interrupt,
    });
    if (json) {
      return await out.json({
        project_id: projectId,
        task_id: taskId,
        container_name: containerName,
        how,
        reason,
      } satisfies TaskRestartJson);
    }
    note.say(`Task ${projectId}/${taskId} ${done[how]}${reason === null ? '' : `: ${printable(reason)}`}.`);
    note.hint(`Follow it with \`terok task logs ${projectId} ${taskId} --follow\`.`);
  } catch (error) {
    if (attention.interrupt.aborted) throw cliErrors.INTERRUPTED({}, error);
    throw error;
  } finally {
    attention.end();
  }
}
