/** A container that waits for people: started, entered where there is a terminal, and left running. */
import { runCli, taskLogin, type TaskContext } from '@terok/orchestration';
import { watchAttention } from './attention.ts';
import { canAsk } from '../dialog/dialog.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskRunJson } from '../json/task-json.ts';
import { launchAsWished, type LaunchWish } from './launch-wish.ts';
import { withNearestProject } from '../addresses/nearest.ts';

export type Interactive = LaunchWish & {
  readonly ctx: TaskContext;
  readonly projectId: string;
  readonly detach: boolean;
  readonly json: boolean;
};

/** Ends with 0 once the person has left the shell, for now or for good. The container goes on either way. */
export async function runInteractively(invocation: Invocation, wish: Interactive): Promise<number> {
  const { note, out, world } = invocation;
  const { ctx, projectId } = wish;
  const { taskId, containerName } = await started(invocation, wish);
  const hint = () => note.hint(`Enter it with \`terok login ${projectId} ${taskId}\`; end it with \`terok stop ${projectId} ${taskId}\`.`);
  if (wish.json) {
    const answer = { project_id: projectId, task_id: taskId, container_name: containerName, ended: null, exit_code: null, error: null };
    await out.json(answer satisfies TaskRunJson);
    return 0;
  }
  if (wish.detach || !canAsk(world) || !world.stdout.isTerminal) {
    await out.line(taskId);
    hint();
    return 0;
  }
  const forget = world.onSignal('SIGINT', () => undefined);
  try {
    return await taskLogin(ctx, projectId, taskId);
  } finally {
    forget();
    hint();
  }
}

async function started({ note, world }: Invocation, { ctx, projectId, ...wish }: Interactive) {
  const attention = watchAttention(world, note);
  try {
    return await withNearestProject(ctx, projectId, () =>
      launchAsWished(wish, { attention, note }, (options) => runCli(ctx, projectId, options)),
    );
  } finally {
    attention.end();
  }
}
