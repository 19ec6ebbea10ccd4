import { storageUsage, type ProjectStorage, type StorageUsage } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { storageJson } from '../json/storage-json.ts';
import { formatBytes } from '../output/byte-count.ts';
import { formatFacts } from '../output/facts.ts';
import type { Cell, Column } from '../output/table.ts';

const right = 'right';
const columns: readonly Column[] = [
  { heading: 'PROJECT', shrinksTo: 12 },
  { heading: 'TASK' },
  { heading: 'WORKSPACE', align: right },
  { heading: 'HOME', align: right },
  { heading: 'LOGS', align: right },
  { heading: 'CONTAINER', align: right },
  { heading: 'ALL', align: right },
];

export async function runStorage({ engine, out, note }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const usage = await storageUsage(await engine());
  if (json) await out.json(storageJson(usage));
  else {
    if (usage.projects.length > 0) await out.table({ columns, rows: usage.projects.flatMap(projectRows) });
    await out.text(formatFacts(sums(usage), out.paint));
  }
  for (const line of usage.incomplete) note.warn(printable(line));
}

function projectRows({ projectId, tasks, archiveBytes, mirrorBytes, totalBytes }: ProjectStorage): readonly (readonly Cell[])[] {
  const name = printable(projectId);
  const whole = (label: string, bytes: number): readonly Cell[] => [name, label, '', '', '', '', formatBytes(bytes)];
  return [
    ...tasks.map(({ taskId, workspaceBytes, homeBytes, logsBytes, containerBytes, totalBytes: all }) => [
      name,
      { text: taskId, style: 'strong' as const },
      formatBytes(workspaceBytes),
      formatBytes(homeBytes),
      formatBytes(logsBytes),
      containerBytes === null ? '?' : formatBytes(containerBytes),
      formatBytes(all),
    ]),
    whole('(mirror)', mirrorBytes),
    whole('(archive)', archiveBytes),
    [{ text: name, style: 'strong' }, '(all)', '', '', '', '', { text: formatBytes(totalBytes), style: 'strong' }],
  ];
}

function sums({ projects, images }: StorageUsage): readonly (readonly [string, string])[] {
  const total = projects.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  return [
    ['projects', formatBytes(total)],
    ['images', images === null || images.totalBytes === null ? 'unknown: podman does not say' : formatBytes(images.totalBytes)],
  ];
}
