/** A person in a task's container, on their own terminal. */
import { describeEnd, type ContainerRow } from '@terok/executor';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { launchedContainer } from './launched-container.ts';

/** The words that open a shell in a running task on the caller's terminal; a shell that was left is gone on with. */
export async function getLoginCommand(ctx: TaskContext, projectId: string, taskId: string): Promise<readonly string[]> {
  return ctx.podman.commandLine(loginArgs(await runningContainer(ctx, projectId, taskId)));
}

/**
 * Opens that shell and returns its exit code when the person has left it, for good or for now; what runs in it goes on. Throws
 * TASK_NEVER_RUN, TASK_NO_CONTAINER, TASK_NOT_RUNNING, CONTAINERS_UNKNOWN, LOGIN_FAILED.
 */
export async function taskLogin(ctx: TaskContext, projectId: string, taskId: string): Promise<number> {
  const end = await ctx.podman.onTerminal(loginArgs(await runningContainer(ctx, projectId, taskId)));
  if (end.kind === 'exited') return end.exitCode;
  throw projectErrors.LOGIN_FAILED({ project: projectId, task: taskId, how: describeEnd(end) });
}

/** No keys detach from podman: they are the shell's. tmux has its own. */
function loginArgs({ name }: ContainerRow): readonly string[] {
  return ['exec', '--interactive', '--tty', '--detach-keys=', '--', name, 'tmux', 'new-session', '-A', '-s', 'main'];
}

async function runningContainer(ctx: TaskContext, projectId: string, taskId: string): Promise<ContainerRow> {
  const row = await launchedContainer(ctx, projectId, taskId);
  if (row.state !== 'running') throw projectErrors.TASK_NOT_RUNNING({ project: projectId, task: taskId, state: row.state });
  return row;
}
