import { sanitizeTaskName, taskRename } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { canAsk, ask } from '../dialog/dialog.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskRenameJson } from '../json/task-json.ts';
import { resolveTask } from '../addresses/resolve-task.ts';

/** `PROJECT TASK NAME`, or `PROJECT/TASK NAME`. */
export async function runTaskRename(invocation: Invocation, { json }: { readonly json?: boolean }, ...words: Words): Promise<void> {
  const { first, second, name: given } = renaming(words);
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  const name = given ?? (await askedName(invocation));

  await taskRename(ctx, projectId, taskId, name);
  const kept = sanitizeTaskName(name) ?? '';
  if (json) return invocation.out.json({ project_id: projectId, task_id: taskId, name: kept } satisfies TaskRenameJson);
  invocation.note.say(`Task ${projectId}/${taskId} is called ${kept} now.`);
}

type Words = readonly [first?: string, second?: string, third?: string];

/** Pure: which of the words is the name. */
function renaming([first, second, third]: Words) {
  if (first?.includes('/') !== true) return { first, second, name: third };
  if (third !== undefined) throw cliErrors.TASK_NAMED_TWICE({ first: printable(first), second: printable(second ?? '') });
  return { first, second: undefined, name: second };
}

async function askedName(invocation: Invocation): Promise<string> {
  if (!canAsk(invocation.world)) throw cliErrors.TASK_NAME_MISSING({});
  return ask(invocation, 'Its new name?');
}
