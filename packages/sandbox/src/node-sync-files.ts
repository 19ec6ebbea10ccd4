/** The synchronous calls on the real disk: all that the setup stamp needs. */
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { sandboxErrors } from './errors.ts';
import { fileFailure, isSystemError, meansAbsent, notRegular, type Attempt } from './file-failure.ts';
import type { FileFacts, FileKind, SyncFiles } from './host.ts';
import { fs } from './node-fs.ts';
import { sweepOnce, temporaryFor } from './node-temporary.ts';

/** The disk of this host, for those who cannot wait. */
export const nodeSyncFiles: SyncFiles = {
  read: (path, { maxBytes }) =>
    absentAsNull('read', path, () => {
      const file = fs.openSync(path, readFlags);
      try {
        const stats = fs.fstatSync(file);
        refuseIrregular(stats, path);
        return readCapped(file, path, { sizeBytes: stats.size, maxBytes });
      } finally {
        fs.closeSync(file);
      }
    }),

  stat: (path) => absentAsNull('look at', path, () => factsOf(fs.lstatSync(path))),

  isDangling: (path) => absentAsNull('look at', path, () => fs.lstatSync(path).isSymbolicLink()) === true && leadsNowhere(path),

  replace(path, content, { mode = 0o600 } = {}) {
    attempting('write', path, () => {
      makeDirectories(dirname(path));
      sweepOnce(dirname(path));
      refuseTarget(path);
      const temporary = temporaryFor(path);
      const file = fs.openSync(temporary, createFlags, 0o600);
      try {
        writeAndClose(file, content, mode);
        fs.renameSync(temporary, path);
      } catch (error) {
        unlinkIfThere(temporary);
        throw error;
      }
      syncDirectory(dirname(path));
    });
  },

  remove: (path) =>
    absentAsNull('remove', path, () => {
      fs.unlinkSync(path);
      syncDirectory(dirname(path));
      return true;
    }) ?? false,
};

/** What cannot be followed for another reason (a circle, a closed directory) leads somewhere. */
function leadsNowhere(link: string): boolean {
  try {
    fs.statSync(link);
    return false;
  } catch (error) {
    return meansAbsent(error);
  }
}

/** Non-blocking, so that a pipe nobody writes to cannot stop us before we have seen that it is one. */
export const readFlags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;
export const createFlags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW;

export function kindOf(stats: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

export function factsOf(stats: Stats): FileFacts {
  return { kind: kindOf(stats), sizeBytes: stats.size, mode: stats.mode & 0o7777, uid: stats.uid, modifiedAt: stats.mtime };
}

export function refuseIrregular(stats: Stats, path: string): void {
  const kind = kindOf(stats);
  if (kind !== 'file') throw notRegular(kind, path);
}

type ReadLimits = { readonly sizeBytes: number; readonly maxBytes: number };

/** One byte more than there should be is asked for: a file may grow, and some tell no size. */
function readCapped(file: number, path: string, { sizeBytes, maxBytes }: ReadLimits): Uint8Array {
  if (sizeBytes > maxBytes) throw sandboxErrors.FILE_TOO_LARGE({ path, maxBytes });
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const wanted = Math.min(Math.max(sizeBytes - total, 0) + 1, chunkMaxBytes, maxBytes + 1 - total);
    const chunk = chunkFor(wanted);
    const count = fs.readSync(file, chunk);
    if (count > 0) chunks.push(chunk === scratch ? Buffer.from(chunk.subarray(0, count)) : chunk.subarray(0, count));
    total += count;
    if (total > maxBytes) throw sandboxErrors.FILE_TOO_LARGE({ path, maxBytes });
    // The end: nothing came, or all that the file had and not the one byte more.
    if (count === 0 || total === sizeBytes) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, total);
  }
}

const chunkMaxBytes = 1024 * 1024;

/** Most files are small: what is read of them is copied out of one buffer, which costs less than a new one for each. */
let scratch: Uint8Array | undefined;

function chunkFor(bytes: number): Uint8Array {
  if (bytes > scratchBytes) return new Uint8Array(bytes);
  scratch ??= new Uint8Array(scratchBytes);
  return scratch;
}

const scratchBytes = 16 * 1024;

function writeAndClose(file: number, content: string, mode: number): void {
  try {
    fs.fchmodSync(file, mode);
    const bytes = Buffer.from(content, 'utf8');
    for (let written = 0; written < bytes.length;) written += fs.writeSync(file, bytes, written);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

function refuseTarget(path: string): void {
  const facts = nodeSyncFiles.stat(path);
  if (facts !== null && facts.kind !== 'file') throw notRegular(facts.kind, path);
}

function makeDirectories(path: string): void {
  const first = mkdirAll(path);
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncDirectory(dirname(made));
}

/**
 * Makes a directory and those above it where missing (0700); returns the first that was made. Node's own way names a missing parent as
 * the reason where a file system is read-only, and never comes back from one that makes no directories at all.
 */
export function mkdirAll(path: string): string | undefined {
  const made = mkdirOne(path);
  if (made !== 'parent_missing') return made === 'made' ? path : undefined;
  const first = mkdirAll(dirname(path));
  if (mkdirOne(path) === 'parent_missing') fs.mkdirSync(path, { mode: 0o700 }); // which throws why
  return first ?? path;
}

function mkdirOne(path: string): 'made' | 'there' | 'parent_missing' {
  try {
    fs.mkdirSync(path, { mode: 0o700 });
    return 'made';
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT' && dirname(path) !== path) return 'parent_missing';
    if (error.code !== 'EEXIST') throw error;
    if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return 'there';
    if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) return mkdirOne(path); // taken away since
    throw sandboxErrors.FILE_NOT_DIRECTORY({ path }, error);
  }
}

function syncDirectory(path: string): void {
  const directory = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    fs.fsyncSync(directory);
  } finally {
    fs.closeSync(directory);
  }
}

function unlinkIfThere(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (!isSystemError(error)) throw error; // the failure that led here is the one to tell; the next writer sweeps
  }
}

function attempting<T>(attempt: Attempt, path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw fileFailure(error, attempt, path);
  }
}

function absentAsNull<T>(attempt: Attempt, path: string, act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (meansAbsent(error)) return null;
    throw fileFailure(error, attempt, path);
  }
}
