import { archiveFetch, loadProject, taskRestore } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import type { TaskArchiveRestoreJson } from '../json/task-json.ts';
import { withNearestProject } from '../addresses/nearest.ts';
import { requireSetup } from '../setup-gate.ts';

export type TaskArchiveRestoreFlags = {
  readonly name?: string;
  readonly branch?: string;
  readonly into?: string;
  readonly allowDowngrade?: boolean;
  readonly json?: boolean;
};

/** Into a new task; with `--branch` into a branch of a repository instead. */
export async function runTaskArchiveRestore(
  invocation: Invocation,
  { name, branch, into, allowDowngrade = false, json }: TaskArchiveRestoreFlags,
  projectId: string,
  archiveId: string,
): Promise<void> {
  const { out, note } = invocation;
  await requireSetup(invocation, { allowDowngrade });
  const ctx = await invocation.engine();
  await withNearestProject(ctx, projectId, () => loadProject(ctx, projectId));

  if (branch !== undefined) {
    const fetched = await archiveFetch(ctx, projectId, archiveId, { branch, ...(into === undefined ? {} : { into }) });
    const answer = { project_id: projectId, task_id: null, branch: fetched.branch, repository: fetched.repository };
    if (json) return out.json(answer satisfies TaskArchiveRestoreJson);
    await out.line(printable(fetched.branch));
    note.say(`The work is in branch ${printable(fetched.branch)} of ${printable(fetched.repository)}. The archive stays.`);
    return;
  }
  const { taskId, filled } = await taskRestore(ctx, projectId, archiveId, name === undefined ? {} : { name });
  if (json) return out.json({ project_id: projectId, task_id: taskId, branch: null, repository: null } satisfies TaskArchiveRestoreJson);
  await out.line(taskId);
  note.say(
    filled
      ? 'It has the work of the archived task; the archive stays.'
      : 'The archived task had no work, so this one is new. The archive stays.',
  );
  note.hint(`Go on with it: \`terok task run ${projectId} --task ${taskId} --prompt TEXT\`.`);
}
