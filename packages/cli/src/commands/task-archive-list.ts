import { basename } from 'node:path';
import { archiveMoment, listArchivedTasks } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { chosenProject } from '../dialog/choose-address.ts';
import type { Invocation } from '../invocation.ts';
import { taskArchiveListJson } from '../json/task-json.ts';
import { formatAgo } from '../output/duration.ts';
import type { Column } from '../output/table.ts';

const columns: readonly Column[] = [
  { heading: 'ARCHIVE', shrinksTo: 20 },
  { heading: 'TASK' },
  { heading: 'NAME', shrinksTo: 12 },
  { heading: 'EXIT', align: 'right' },
  { heading: 'ARCHIVED' },
];

/** Archives outlive their project, so the project need not exist. */
export async function runTaskArchiveList(invocation: Invocation, { json }: { readonly json?: boolean }, project?: string): Promise<void> {
  const { engine, out, note } = invocation;
  const projectId = await chosenProject(invocation, project);
  const ctx = await engine();
  const archived = await listArchivedTasks(ctx, projectId);
  if (json) return out.json(taskArchiveListJson(projectId, archived));
  if (archived.length === 0) return note.say(`Project ${printable(projectId)} has no archived tasks.`);

  const now = ctx.clock.now();
  const rows = archived.map(({ archiveDir, taskId, name, exitCode }) => [
    printable(basename(archiveDir)),
    { text: printable(taskId), style: 'strong' as const },
    printable(name),
    exitCode === null ? '' : String(exitCode),
    agoText(archiveMoment(basename(archiveDir)), now),
  ]);
  await out.table({ columns, rows });
}

const agoText = (moment: Date | null, now: Date): string => (moment === null ? '' : formatAgo(moment, now));
