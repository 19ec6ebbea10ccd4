import { taskNew } from '@terok/orchestration';
import { chosenProject } from '../dialog/choose-address.ts';
import type { Invocation } from '../invocation.ts';
import type { TaskNewJson } from '../json/task-json.ts';
import { withNearestProject } from '../addresses/nearest.ts';

export type TaskNewFlags = { readonly name?: string; readonly json?: boolean };

export async function runTaskNew(invocation: Invocation, { name, json }: TaskNewFlags, project?: string): Promise<void> {
  const { engine, out, note } = invocation;
  const projectId = await chosenProject(invocation, project);
  const ctx = await engine();
  const taskId = await withNearestProject(ctx, projectId, () => taskNew(ctx, projectId, name === undefined ? {} : { name }));
  if (json) return out.json({ project_id: projectId, task_id: taskId } satisfies TaskNewJson);
  await out.line(taskId);
  note.hint(`Run it with \`terok task run ${projectId} --task ${taskId} --prompt TEXT\`.`);
}
