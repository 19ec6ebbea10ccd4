/** The real disk. */
import { constants, fchmodSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readlink, rename, rmdir, symlink, unlink, type FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { claimText, readClaimText } from './claim.ts';
import { sandboxErrors } from './errors.ts';
import { fileFailure, isSystemError, meansAbsent, notRegular, type Attempt } from './file-failure.ts';
import type { Content, Files, Owner, ReadOptions } from './host.ts';
import { mayBeAlive, ownIdentity } from './node-process-identity.ts';
import { readMany } from './node-read-many.ts';
import { removeTree } from './node-remove-tree.ts';
import { createFlags, factsOf, kindOf, mkdirAll, readFlags, refuseIrregular } from './node-sync-files.ts';
import { sweepOnce, temporaryFor } from './node-temporary.ts';

/** The disk of this host, waited for. */
export const nodeFiles: Files = {
  read: (path, options) =>
    absentAs(null, 'read', path, async () => {
      await using file = await openRegular(path, options);
      return await readCapped(file, path, options.maxBytes);
    }),

  async *readChunks(path, options) {
    const opened = await absentAs(null, 'read', path, () => openRegular(path, options));
    if (opened === null) return;
    await using file = opened;
    for (let total = 0; ;) {
      const { bytesRead, buffer } = await attempting('read', path, () => file.read(new Uint8Array(streamedBytes)));
      total += bytesRead;
      if (total > options.maxBytes) throw sandboxErrors.FILE_TOO_LARGE({ path, maxBytes: options.maxBytes });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  },

  readMany,

  stat: (path) => absentAs(null, 'look at', path, async () => factsOf(await lstat(path))),

  list: (directory, { startsWith = '' } = {}) =>
    attempting('list', directory, async () => {
      for (;;) {
        try {
          const entries = await readdir(directory, { withFileTypes: true });
          return entries.filter(({ name }) => name.startsWith(startsWith)).map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
        } catch (error) {
          if (!meansAbsent(error)) throw error;
          const found = await nodeFiles.stat(directory);
          if (found === null) return [];
          if (found.kind !== 'directory') throw sandboxErrors.FILE_NOT_DIRECTORY({ path: directory }, error);
          // Somebody has made it since.
        }
      }
    }),

  replace: (path, content, { mode = 0o600 } = {}) =>
    attempting('write', path, async () => {
      const temporary = temporaryFor(path);
      const file = await openInPlace(temporary);
      try {
        await both(refuseTarget(path), writeAndSync(file, content, mode));
        await rename(temporary, path);
      } catch (error) {
        await unlinkIfThere(temporary);
        throw error;
      }
      await syncDirectory(dirname(path));
    }),

  append: (path, line) =>
    attempting('write', path, async () => {
      await makeDirectories(dirname(path));
      await using file = await open(path, appendFlags, 0o600);
      const facts = await file.stat();
      refuseIrregular(facts, path);
      // A line that lost its end to a power cut stays a line of its own.
      const separator = facts.size > 0 && (await lastByte(file, facts.size)) !== newline ? '\n' : '';
      await writeAll(file, Buffer.from(`${separator}${line}\n`, 'utf8'));
      await file.sync();
      if (facts.size === 0) await syncDirectory(dirname(path));
    }),

  createDirectory: (path, { mode = 0o700, owner } = {}) =>
    attempting('make', path, async () => {
      await makeDirectories(dirname(path));
      try {
        await mkdir(path, { mode: 0o700 });
      } catch (error) {
        if (isSystemError(error) && error.code === 'EEXIST') return false;
        throw error;
      }
      await setDirectory(path, mode, owner);
      await syncDirectory(dirname(path));
      return true;
    }),

  ensureDirectory: (path, { mode = 0o700, owner } = {}) =>
    attempting('make', path, async () => {
      const found = await nodeFiles.stat(path);
      if (found?.kind === 'symlink') throw sandboxErrors.FILE_IS_LINK({ path });
      if (found !== null && found.kind !== 'directory') throw sandboxErrors.FILE_NOT_DIRECTORY({ path });
      await makeDirectories(path);
      await setDirectory(path, mode, owner);
    }),

  rename: (from, to) =>
    attempting('move', from, async () => {
      await rename(from, to);
      await syncDirectory(dirname(to));
      if (dirname(from) !== dirname(to)) await syncDirectory(dirname(from));
    }),

  remove: (path) =>
    absentAs(false, 'remove', path, async () => {
      await unlink(path);
      await syncDirectory(dirname(path));
      return true;
    }),

  removeTree: (path) =>
    attempting('remove', path, async () => {
      if ((await nodeFiles.stat(path)) === null) return;
      await removeTree(path);
      await syncDirectory(dirname(path));
    }),

  // A link holds its text from the moment it exists, is made only where nothing is, and is never torn by a crash. What cannot be had is its
  // directory: a mark is no name that anybody knows.
  claim: (path, note) =>
    attempting('lock', dirname(path), async () => {
      const text = claimText({ owner: ownIdentity(), id: randomUUID(), note });
      for (let attempt = 1; ; attempt++) {
        try {
          await symlink(text, path);
          return text;
        } catch (error) {
          if (isSystemError(error) && error.code === 'EEXIST') return null;
          if (!meansAbsent(error) || attempt === claimAttemptsMax) throw error;
          mkdirAll(dirname(path)); // missing, or just given up by the last holder
        }
      }
    }),

  readClaim: (path) =>
    absentAs(null, 'lock', path, async () => {
      try {
        return readClaimText(await readlink(path), mayBeAlive);
      } catch (error) {
        if (isSystemError(error) && error.code === 'EINVAL') return { text: '', note: '', pid: null, alive: true };
        throw error;
      }
    }),

  release: (path, text) =>
    absentAs(false, 'lock', path, async () => {
      if ((await nodeFiles.readClaim(path))?.text !== text) return false;
      await unlink(path);
      await removeDirectoryIfEmpty(dirname(path));
      return true;
    }),
};

const claimAttemptsMax = 1000;
const appendFlags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const newline = 0x0a;

/** At the size that a file has before it is read, one that is too large is refused before anything of it is handed on. */
async function openRegular(path: string, { maxBytes, followLink = false }: ReadOptions): Promise<FileHandle> {
  const file = await open(path, followLink ? readFlags & ~constants.O_NOFOLLOW : readFlags);
  try {
    const facts = await file.stat();
    refuseIrregular(facts, path);
    if (facts.size > maxBytes) throw sandboxErrors.FILE_TOO_LARGE({ path, maxBytes });
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readCapped(file: FileHandle, path: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const { size } = await file.stat();
  for (;;) {
    const wanted = Math.min(Math.max(size - total, 0) + 1, chunkMaxBytes, maxBytes + 1 - total);
    const { bytesRead, buffer } = await file.read(new Uint8Array(wanted), 0, wanted);
    if (bytesRead === 0) return Buffer.concat(chunks, total);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total > maxBytes) throw sandboxErrors.FILE_TOO_LARGE({ path, maxBytes });
  }
}

const chunkMaxBytes = 1024 * 1024;
const streamedBytes = 256 * 1024;

/** Opens a new file; its directory is made only when it turns out to be missing. */
async function openInPlace(path: string): Promise<FileHandle> {
  try {
    sweepOnce(dirname(path));
    return await open(path, createFlags, 0o600);
  } catch (error) {
    if (!meansAbsent(error)) throw error;
    await makeDirectories(dirname(path));
    return open(path, createFlags, 0o600);
  }
}

async function writeAndSync(newFile: FileHandle, content: Content, mode: number): Promise<void> {
  await using file = newFile;
  fchmodSync(file.fd, mode); // in memory only: waiting for a thread would take longer
  if (typeof content === 'string') await writeAll(file, Buffer.from(content, 'utf8'));
  else if (content instanceof Uint8Array) await writeAll(file, content);
  else for await (const chunk of content) await writeAll(file, chunk);
  await file.sync();
}

/** Two things at once, and neither still under way when one of them fails. */
async function both(...acts: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(acts)) if (result.status === 'rejected') throw result.reason;
}

/** One call may write less than it was given, and says so only by its result. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += (await file.write(bytes, written)).bytesWritten;
}

async function lastByte(file: FileHandle, size: number): Promise<number | undefined> {
  const { buffer } = await file.read(new Uint8Array(1), 0, 1, size - 1);
  return buffer[0];
}

async function refuseTarget(path: string): Promise<void> {
  const facts = await nodeFiles.stat(path);
  if (facts !== null && facts.kind !== 'file') throw notRegular(facts.kind, path);
}

async function makeDirectories(path: string): Promise<void> {
  const first = mkdirAll(path);
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

async function setDirectory(path: string, mode: number, owner: Owner | undefined): Promise<void> {
  await using directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  if (owner !== undefined) await directory.chown(owner.uid, owner.gid);
  await directory.chmod(mode);
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await directory.sync();
}

async function removeDirectoryIfEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (!isSystemError(error) || !['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code)) throw error;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isSystemError(error)) throw error; // the failure that led here is the one to tell; the next writer sweeps
  }
}

async function attempting<T>(attempt: Attempt, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw fileFailure(error, attempt, path);
  }
}

async function absentAs<T, A>(answer: A, attempt: Attempt, path: string, act: () => Promise<T>): Promise<T | A> {
  try {
    return await act();
  } catch (error) {
    if (meansAbsent(error)) return answer;
    throw fileFailure(error, attempt, path);
  }
}
