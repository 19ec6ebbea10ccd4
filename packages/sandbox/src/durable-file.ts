/** Whole files: text read with care, and what is kept of a damaged one. */
import { basename, dirname, join } from 'node:path';
import { sandboxErrors } from './errors.ts';
import type { Clock, FileRead, Files, ReadOptions } from './host.ts';
import { formatInstant } from './instant.ts';

/** The text of a regular file, or null when nothing is there; FILE_TOO_LARGE, FILE_IS_LINK, FILE_NOT_REGULAR, FILE_NOT_UTF8 otherwise. A byte-order mark is left out. */
export async function readText(files: Files, path: string, options: ReadOptions): Promise<string | null> {
  const bytes = await files.read(path, options);
  return bytes === null ? null : decodeUtf8(bytes, path);
}

/** The text of one of many files, as `readText` has it. Throws what kept the file from being read. */
export function textOfRead(read: FileRead, path: string): string | null {
  if ('failure' in read) throw read.failure;
  return read.bytes === null ? null : decodeUtf8(read.bytes, path);
}

function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (error) {
    throw sandboxErrors.FILE_NOT_UTF8({ path }, error);
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

const corruptCopiesKept = 3;
const corruptCopyMaxBytes = 16 * 1024 * 1024;

/**
 * Copies a damaged file to `<file>.corrupt-<time>` before it is replaced, keeps the last three such copies, and returns the copy's path. The file itself stays.
 * A file with the same content as the newest copy is not copied again.
 */
export async function keepCorruptCopy(files: Files, clock: Clock, path: string): Promise<string> {
  const bytes = await files.read(path, { maxBytes: corruptCopyMaxBytes });
  if (bytes === null) throw sandboxErrors.FILE_FAILED({ path, attempt: 'read', reason: 'no such file or directory' });

  const newest = (await corruptCopies(files, path)).at(-1);
  if (newest !== undefined && (await holds(files, newest, bytes))) return newest;

  const copy = await freeName(files, `${path}.corrupt-${compact(clock.now())}`);
  await files.replace(copy, bytes);
  const copies = await corruptCopies(files, path);
  for (const old of copies.filter((each) => each !== copy).slice(0, Math.max(0, copies.length - corruptCopiesKept)))
    await files.remove(old);
  return copy;
}

async function corruptCopies(files: Files, path: string): Promise<readonly string[]> {
  const prefix = `${basename(path)}.corrupt-`;
  const names = (await files.list(dirname(path)))
    .filter(({ kind, name }) => kind === 'file' && name.startsWith(prefix))
    .map(({ name }) => name);
  return names.toSorted().map((name) => join(dirname(path), name));
}

async function holds(files: Files, path: string, bytes: Uint8Array): Promise<boolean> {
  const found = await files.read(path, { maxBytes: corruptCopyMaxBytes });
  return found !== null && Buffer.compare(found, bytes) === 0;
}

async function freeName(files: Files, wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = number === 1 ? wanted : `${wanted}-${number}`;
    if ((await files.stat(path)) === null) return path;
  }
}

/** `20260502T150000123Z`: fit for a file name, sorts as time does. */
function compact(instant: Date): string {
  return `${formatInstant(instant).slice(0, 23).replace(/[-:.]/g, '')}Z`;
}
