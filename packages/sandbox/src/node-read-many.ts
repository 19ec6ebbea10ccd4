/**
 * Many small files at once. Waiting for a thread costs more than reading such a file, so they are read synchronously, a few
 * milliseconds' worth at a time: whoever else wants the thread gets it in between.
 */
import { fileFailure } from './file-failure.ts';
import type { FileRead } from './host.ts';
import { fs } from './node-fs.ts';
import { nodeSyncFiles } from './node-sync-files.ts';

const sliceMs = 4;
/** Looking at the clock takes as long as looking at a file. */
const filesBetweenLooks = 16;

export async function readMany(paths: readonly string[], options: { readonly maxBytes: number }): Promise<readonly FileRead[]> {
  const reads: FileRead[] = [];
  let expected = true;
  let sliceEndMs = performance.now() + sliceMs;
  for (const path of paths) {
    const read = readOne(path, options, expected);
    reads.push(read);
    expected = !('bytes' in read && read.bytes === null);
    if (reads.length % filesBetweenLooks !== 0 || performance.now() < sliceEndMs) continue;
    await othersTurn();
    sliceEndMs = performance.now() + sliceMs;
  }
  return reads;
}

const othersTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/**
 * Files of one list are there as a rule, or are not: what became of one says what to expect of the next. An open that fails makes an
 * error with its stack, which costs more than to look first.
 */
function readOne(path: string, options: { readonly maxBytes: number }, expected: boolean): FileRead {
  try {
    if (!expected && fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) return { bytes: null };
    return { bytes: nodeSyncFiles.read(path, options) };
  } catch (error) {
    return { failure: fileFailure(error, 'read', path) };
  }
}
