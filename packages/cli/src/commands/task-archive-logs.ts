import { archivedLog, taskArchiveLogs } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { logWriter } from '../output/log-writer.ts';

export async function runTaskArchiveLogs(
  { engine, out, note }: Invocation,
  { run }: { readonly run?: number },
  projectId: string,
  archiveId: string,
): Promise<void> {
  const ctx = await engine();
  const path = await taskArchiveLogs(ctx, projectId, archiveId, run === undefined ? {} : { run });
  if (path === null) throw cliErrors.ARCHIVED_LOGS_MISSING({ project: printable(projectId), archive: printable(archiveId) });
  const writer = logWriter({ stdout: out, stderr: note });
  for await (const bytes of archivedLog(ctx, path)) await writer.write({ stream: 'stdout', bytes });
  await writer.end();
}
