/** A person in a task's container, on their own terminal. */
import { describeEnd, type ContainerRow } from '@terok/executor';
import { rowOfLaunch, taskContainers } from '../containers/live-containers.ts';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { loadTaskMeta } from './meta.ts';

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
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  if (typeof record.mode !== 'string') throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const rows = await taskContainers(ctx, projectId, taskId);
  if (rows === null) throw projectErrors.CONTAINERS_UNKNOWN({});
  const row = rowOfLaunch(rows, record.launch_id);
  if (row === undefined) throw projectErrors.TASK_NO_CONTAINER({ project: projectId, task: taskId });
  if (row.state !== 'running') throw projectErrors.TASK_NOT_RUNNING({ project: projectId, task: taskId, state: row.state });
  return row;
}
