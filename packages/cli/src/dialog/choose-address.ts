/** A project or a task that was left out: chosen from a list at a terminal, asked for elsewhere. */
import { getTasks, listProjects, type TaskContext } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { canAsk, choose } from './dialog.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { statusWord } from '../output/status-cell.ts';

/** `named`, or the one that the person chooses. */
export async function chosenProject(invocation: Invocation, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  if (!canAsk(invocation.world)) throw cliErrors.PROJECT_NOT_NAMED({});
  const projects = await listProjects(await invocation.engine());
  if (projects.length === 0) throw cliErrors.NO_PROJECTS({});
  const choices = projects.map((entry) => ({
    value: entry.id,
    label: printable(entry.id),
    hint: 'project' in entry ? printable(entry.project.repository) : 'its project.yml has problems',
  }));
  return choose(invocation, 'Which project?', choices);
}

/** The ID of one of the project's tasks, newest first. */
export async function chosenTask(invocation: Invocation, ctx: TaskContext, projectId: string): Promise<string> {
  if (!canAsk(invocation.world)) throw cliErrors.TASK_NOT_NAMED({ project: printable(projectId) });
  const tasks = await getTasks(ctx, projectId, { reverse: true, live: true });
  if (tasks.length === 0) throw cliErrors.NO_TASKS({ project: printable(projectId) });
  const choices = tasks.map(({ taskId, name, status }) => ({
    value: taskId,
    label: `${taskId} ${printable(name)}`,
    hint: statusWord(status),
  }));
  return choose(invocation, `Which task of ${printable(projectId)}?`, choices);
}
