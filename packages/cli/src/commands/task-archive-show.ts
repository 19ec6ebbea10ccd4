import { basename, join } from 'node:path';
import { listArchivedTasks } from '@terok/orchestration';
import { cliErrors } from '../errors.ts';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import type { TaskArchiveShowJson } from '../json/task-json.ts';
import { formatBytes } from '../output/byte-count.ts';
import { formatFacts } from '../output/facts.ts';

/** `archiveId` is the ID of the archived task or the beginning of its archive's name; of several the newest. */
export async function runTaskArchiveShow(
  { engine, out }: Invocation,
  { json }: { readonly json?: boolean },
  projectId: string,
  archiveId: string,
): Promise<void> {
  const ctx = await engine();
  const archived = (await listArchivedTasks(ctx, projectId)).find(
    ({ archiveDir, taskId }) => taskId === archiveId || basename(archiveDir).startsWith(archiveId),
  );
  if (archived === undefined) throw cliErrors.ARCHIVE_MISSING({ project: printable(projectId), archive: printable(archiveId) });
  const { archiveDir, archivedAt, taskId, name, mode, exitCode } = archived;

  const kept: { name: string; bytes: number }[] = [];
  for (const folder of ['.', 'work', 'logs', 'home']) {
    for (const entry of await ctx.files.list(join(archiveDir, folder))) {
      const path = join(folder, entry.name);
      const facts = entry.kind === 'file' ? await ctx.files.stat(join(archiveDir, path)) : null;
      if (facts !== null) kept.push({ name: path, bytes: facts.sizeBytes });
    }
  }
  const files = kept.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (json) {
    return out.json({
      archive: archiveDir,
      archived_at: archivedAt,
      project_id: projectId,
      task_id: taskId,
      name,
      mode,
      exit_code: exitCode,
      files,
    } satisfies TaskArchiveShowJson);
  }
  await out.text(
    formatFacts(
      [
        ['task', `${projectId}/${taskId}`],
        ['name', name],
        ['archived', archivedAt],
        ['exit code', exitCode === null ? 'none' : String(exitCode)],
        ['archive', archiveDir],
        ...files.map((file) => [file.name === 'task.json' ? 'record' : 'file', `${file.name} (${formatBytes(file.bytes)})`] as const),
      ],
      out.paint,
    ),
  );
}
