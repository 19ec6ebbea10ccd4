import { taskArchiveLogs } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { logWriter } from '../output/log-writer.ts';

export async function runTaskArchiveLogs(
  { engine, out, note, world }: Invocation,
  _: Record<never, never>,
  projectId: string,
  archiveId: string,
): Promise<void> {
  const path = await taskArchiveLogs(await engine(), projectId, archiveId);
  if (path === null) throw cliErrors.ARCHIVED_LOGS_MISSING({ project: printable(projectId), archive: printable(archiveId) });
  const writer = logWriter({ stdout: out, stderr: note });
  const log = path.endsWith('.gz') ? unpacked(path, world.readFile(path)) : world.readFile(path);
  for await (const bytes of log) await writer.write({ stream: 'stdout', bytes });
  await writer.end();
}

async function* unpacked(path: string, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* ReadableStream.from<Uint8Array>(packed).pipeThrough(new DecompressionStream('gzip'));
  } catch (error) {
    throw cliErrors.ARCHIVED_LOGS_DAMAGED({ path: printable(path) }, error);
  }
}
