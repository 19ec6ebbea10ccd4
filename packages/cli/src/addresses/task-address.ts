/** Which task a person means: `PROJECT TASK` or `PROJECT/TASK`, the task by its ID or the first characters of it. */
import { cliErrors } from '../errors.ts';

/** What was left out is null. */
export type TaskAddress = { readonly projectId: string | null; readonly task: string | null };

export function taskAddress(first: string | undefined, second: string | undefined): TaskAddress {
  if (first === undefined) return { projectId: null, task: null };
  const slash = first.indexOf('/');
  if (slash === -1) return { projectId: first, task: second ?? null };
  if (second !== undefined) throw cliErrors.TASK_NAMED_TWICE({ first, second });
  return { projectId: first.slice(0, slash), task: first.slice(slash + 1) || null };
}
