import { taskFetch } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import type { TaskFetchJson } from '../json/task-json.ts';
import { resolveWorkedTask } from '../addresses/resolve-task.ts';

export type TaskFetchFlags = {
  readonly branch?: string;
  readonly into?: string;
  readonly committedOnly?: boolean;
  readonly json?: boolean;
};

export async function runTaskFetch(
  invocation: Invocation,
  { json, ...options }: TaskFetchFlags,
  first?: string,
  second?: string,
): Promise<void> {
  const { out, note } = invocation;
  const { ctx, projectId, taskId } = await resolveWorkedTask(invocation, first, second);
  const { branch, tip, commits, uncommittedIncluded, repository } = await taskFetch(ctx, projectId, taskId, options);
  if (json) {
    return out.json({
      project_id: projectId,
      task_id: taskId,
      branch,
      tip,
      commits,
      uncommitted_included: uncommittedIncluded,
      repository,
    } satisfies TaskFetchJson);
  }
  await out.line(printable(branch));
  note.say(
    `${commits} new commit${commits === 1 ? '' : 's'} in branch ${printable(branch)} of ${printable(repository)}, tip ${tip.slice(0, 12)}${uncommittedIncluded ? ', uncommitted work included' : ''}.`,
  );
  if (commits > 0) note.hint(lookFirst(`git -C ${printable(repository)}`, printable(branch)));
}

/** What an agent wrote runs on this host once somebody merges and runs it. */
const lookFirst = (git: string, branch: string): string =>
  `Look at it with \`${git} log -p ..${branch}\`; merge it with \`${git} merge ${branch}\`.`;
