/** Which task a person means: `PROJECT TASK` or `PROJECT/TASK`, the task by its ID or the first characters of it. */
import { cliErrors } from './errors.ts';

export type TaskAddress = { readonly projectId: string; readonly task: string };

export function taskAddress(first: string, second: string | undefined): TaskAddress {
  const slash = first.indexOf('/');
  if (slash === -1) {
    if (second === undefined) throw cliErrors.TASK_NOT_NAMED({ project: first });
    return { projectId: first, task: second };
  }
  if (second !== undefined) throw cliErrors.TASK_NAMED_TWICE({ first, second });
  const [projectId, task] = [first.slice(0, slash), first.slice(slash + 1)];
  if (task === '') throw cliErrors.TASK_NOT_NAMED({ project: projectId });
  return { projectId, task };
}
