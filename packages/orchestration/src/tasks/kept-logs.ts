/**
 * Logs that outlive their containers: files with the time of each line, in a folder that no container sees, in a task's and later in its
 * archive. `container.log` is that of the last run, `container-<launch>.log` that of an earlier one; `.gz` after it says that it is
 * compressed.
 */
import { join } from 'node:path';
import { withoutTimes } from '@terok/executor';
import { printable, TerokError, type Files } from '@terok/sandbox';
import { projectErrors } from '../errors.ts';
import type { TaskRun } from './runs.ts';

type FilesContext = { readonly files: Files };

export const lastLogName = 'container.log';

function earlierLogName(launchId: string | null): string {
  const mark = launchId?.slice(0, 8) ?? '';
  return `container-${/^[0-9a-f]{8}$/.test(mark) ? mark : 'before'}.log`;
}

/** The file that holds the log of a run; null where none was kept. What is no regular file holds none. */
export async function keptLog(
  { files }: FilesContext,
  logs: string,
  run: Pick<TaskRun, 'launchId'>,
  { last }: { readonly last: boolean },
): Promise<string | null> {
  // The last run may be one that was gone on from, where that came to nothing.
  const names = [...(last ? [lastLogName] : []), earlierLogName(run.launchId)];
  for (const name of names.flatMap((plain) => [plain, `${plain}.gz`])) {
    const path = join(logs, name);
    if ((await files.stat(path))?.kind === 'file') return path;
  }
  return null;
}

/** Puts the log of the last run beside those of the runs before, since another is to come. */
export async function setLogAside({ files }: FilesContext, logs: string, launchId: string | null): Promise<void> {
  const [from, to] = [join(logs, lastLogName), join(logs, earlierLogName(launchId))];
  const captured = (await files.stat(from))?.kind === 'file';
  if (captured) await files.rename(from, to);
  if ((await files.stat(`${from}.gz`))?.kind !== 'file') return;
  // What was captured later holds what was compressed before.
  if (captured) await files.remove(`${from}.gz`);
  else await files.rename(`${from}.gz`, `${to}.gz`);
}

/** A kept log as it was printed, both streams in one. Throws LOG_DAMAGED after what of it can be read. */
export async function* keptLogBytes(
  ctx: FilesContext,
  path: string,
  { tail }: { readonly tail?: number } = {},
): AsyncGenerator<Uint8Array> {
  const printed = () => withoutTimes(keptLogFile(ctx, path));
  yield* tail === undefined ? printed() : lastLines(printed, tail);
}

/** The same with the time of each line, as it is kept. */
export async function* keptLogFile({ files }: FilesContext, path: string): AsyncGenerator<Uint8Array> {
  const bytes = files.readChunks(path, { maxBytes: Infinity });
  if (!path.endsWith('.gz')) {
    yield* bytes;
    return;
  }
  try {
    yield* ReadableStream.from<Uint8Array>(bytes).pipeThrough(new DecompressionStream('gzip'));
  } catch (error) {
    if (error instanceof TerokError) throw error;
    throw projectErrors.LOG_DAMAGED({ path: printable(path) }, error);
  }
}

const newline = 0x0a;

/** Read twice rather than kept in memory. */
async function* lastLines(open: () => AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let ends = 0;
  let ended = true;
  for await (const bytes of open()) {
    for (const byte of bytes) if (byte === newline) ends++;
    ended = bytes.at(-1) === newline;
  }
  let passing = Math.max(0, ends + (ended ? 0 : 1) - count);
  for await (const bytes of open()) {
    let from = 0;
    for (; passing > 0 && from < bytes.length; from++) if (bytes[from] === newline) passing--;
    if (passing === 0 && from < bytes.length) yield bytes.subarray(from);
  }
}
