/** A disk in memory that keeps the promises of the real one, counts its steps, and can lose power at any of them. */
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { sandboxErrors } from '../errors.ts';
import { notRegular } from '../file-failure.ts';
import type { Claim, Content, DirectoryEntry, FileFacts, FileRead, Files, ListOptions, ReadOptions, SyncFiles } from '../host.ts';
import { TerokError } from '../terok-error.ts';

/** The power is gone: nothing that follows reaches the disk. Not a `TerokError`, so that nobody takes it for a failed call. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

export interface MemoryFiles extends Files {
  /** The same disk for those who cannot wait. */
  readonly sync: SyncFiles;
  /** How many steps were taken that change the disk. */
  steps(): number;
  /** The text of a file, or null; for a test to look at, no step. */
  text(path: string): string | null;
  /** Every file on the disk, sorted; temporary ones included, marks not. */
  paths(): readonly string[];
  /** Puts a symbolic link on the disk. */
  link(target: string, path: string): void;
  /** All that is on the disk. */
  readonly entries: ReadonlyMap<string, MemoryEntry>;
}

export type MemoryEntry =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly mode: number; readonly modifiedAt: Date }
  | { readonly kind: 'directory'; readonly mode: number; readonly modifiedAt: Date }
  | { readonly kind: 'symlink'; readonly target: string; readonly modifiedAt: Date }
  | { readonly kind: 'claim'; readonly text: string; readonly note: string; readonly modifiedAt: Date };

export type MemoryOptions = {
  /** The power goes just before this step, counted from 0. */
  readonly cutAt?: number;
  readonly now?: () => Date;
};

export function memoryFiles(
  initial: Readonly<Record<string, string | Uint8Array>> | MemoryFiles = {},
  { cutAt = Infinity, now = () => new Date(0) }: MemoryOptions = {},
): MemoryFiles {
  const disk = isDisk(initial) ? new Map(initial.entries) : new Map<string, MemoryEntry>();
  let steps = 0;
  let off = false;

  const powered = (): void => {
    if (off) throw new PowerCut('the power is off');
  };
  const step = (change: () => void): void => {
    powered();
    if (steps >= cutAt) {
      off = true;
      throw new PowerCut(`the power went before step ${steps}`);
    }
    steps++;
    change();
  };
  /** As a directory's moment is when a name comes or goes; never the same twice. */
  const touch = (directory: string): void => {
    const entry = disk.get(directory);
    if (entry?.kind !== 'directory') return;
    disk.set(directory, { ...entry, modifiedAt: new Date(Math.max(now().getTime(), entry.modifiedAt.getTime() + 1)) });
  };
  const set = (path: string, entry: MemoryEntry): void => {
    if (!disk.has(path)) touch(dirname(path));
    disk.set(path, entry);
  };
  const unset = (path: string): void => {
    if (disk.delete(path)) touch(dirname(path));
  };
  const put = (path: string, entry: MemoryEntry) => step(() => set(path, entry));
  const file = (bytes: Uint8Array, mode: number): MemoryEntry => ({ kind: 'file', bytes, mode, modifiedAt: now() });

  const children = (directory: string): readonly string[] =>
    [...disk.keys()].filter((path) => path !== directory && dirname(path) === directory);
  const below = (path: string): readonly string[] =>
    [...disk.keys()].filter((other) => other === path || other.startsWith(path === '/' ? '/' : `${path}/`));

  function makeDirectories(path: string): void {
    const found = disk.get(path);
    if (found?.kind === 'directory' || path === dirname(path)) return;
    if (found?.kind === 'symlink') return makeDirectories(resolveLink(path, found.target));
    if (found !== undefined) throw sandboxErrors.FILE_NOT_DIRECTORY({ path });
    makeDirectories(dirname(path));
    put(path, { kind: 'directory', mode: 0o700, modifiedAt: now() });
  }

  function refuseTarget(path: string): void {
    const kind = stat(path)?.kind ?? 'file';
    if (kind !== 'file') throw notRegular(kind, path);
  }

  function read(path: string, { maxBytes, followLink = false }: ReadOptions): Uint8Array | null {
    powered();
    const entry = disk.get(path);
    if (entry === undefined) return null;
    if (entry.kind === 'symlink' && followLink) return read(resolveLink(path, entry.target), { maxBytes });
    if (entry.kind !== 'file') throw notRegular(entry.kind === 'directory' ? 'directory' : 'symlink', path);
    if (entry.bytes.length > maxBytes) throw sandboxErrors.FILE_TOO_LARGE({ path, maxBytes });
    return entry.bytes.slice();
  }

  function readOne(path: string, options: ReadOptions): FileRead {
    try {
      return { bytes: read(path, options) };
    } catch (error) {
      if (error instanceof TerokError) return { failure: error };
      throw error;
    }
  }

  function stat(path: string): FileFacts | null {
    powered();
    const entry = disk.get(path);
    return entry === undefined ? null : factsOf(entry);
  }

  function replaceBytes(path: string, bytes: Uint8Array, mode: number): void {
    makeDirectories(dirname(path));
    refuseTarget(path);
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
    put(temporary, file(new Uint8Array(), mode));
    put(temporary, file(bytes.slice(0, bytes.length / 2), mode));
    put(temporary, file(bytes, mode));
    step(() => {
      unset(temporary);
      set(path, file(bytes, mode));
    });
    step(() => undefined); // the directory is synced
  }

  function remove(path: string): boolean {
    powered();
    const entry = disk.get(path);
    if (entry === undefined) return false;
    if (entry.kind === 'directory') throw notRegular('directory', path);
    step(() => unset(path));
    return true;
  }

  function append(path: string, line: string): void {
    makeDirectories(dirname(path));
    refuseTarget(path);
    const entry = disk.get(path);
    const before = entry?.kind === 'file' ? entry.bytes : new Uint8Array();
    const mode = entry?.kind === 'file' ? entry.mode : 0o600;
    const separator = before.length > 0 && before.at(-1) !== 0x0a ? '\n' : '';
    const added = Buffer.from(`${separator}${line}\n`, 'utf8');
    put(path, file(Buffer.concat([before, added.subarray(0, added.length / 2)]), mode));
    put(path, file(Buffer.concat([before, added]), mode));
  }

  function createDirectory(path: string, mode: number): boolean {
    makeDirectories(dirname(path));
    if (disk.has(path)) return false;
    put(path, { kind: 'directory', mode, modifiedAt: now() });
    return true;
  }

  function ensureDirectory(path: string, mode: number): void {
    const entry = disk.get(path);
    if (entry?.kind === 'symlink') throw notRegular('symlink', path);
    makeDirectories(path);
    const made = disk.get(path);
    if (made?.kind === 'directory' && made.mode !== mode) put(path, { ...made, mode });
  }

  function rename(from: string, to: string): void {
    powered();
    const refused = (reason: string) => sandboxErrors.FILE_FAILED({ path: from, attempt: 'move', reason });
    for (const path of [from, to]) requireDirectory(dirname(path), refused);
    const [source, target] = [disk.get(from), disk.get(to)];
    if (source === undefined) throw refused('no such file or directory');
    if (to.startsWith(`${from}/`)) throw refused('invalid argument');
    if (from.startsWith(`${to}/`)) throw refused('directory not empty');
    if (from === to) return;
    if (source.kind === 'directory' && target !== undefined && target.kind !== 'directory')
      throw sandboxErrors.FILE_NOT_DIRECTORY({ path: from });
    if (source.kind !== 'directory' && target?.kind === 'directory') throw notRegular('directory', from);
    if (children(to).length > 0) throw refused('directory not empty');
    step(() => {
      for (const path of below(from)) {
        const entry = disk.get(path);
        unset(path);
        if (entry !== undefined) set(to + path.slice(from.length), entry);
      }
    });
  }

  function requireDirectory(path: string, refused: (reason: string) => Error): void {
    if (path === dirname(path)) return;
    requireDirectory(dirname(path), refused);
    const entry = disk.get(path);
    if (entry === undefined) throw refused('no such file or directory');
    if (entry.kind === 'symlink') requireDirectory(resolveLink(path, entry.target), refused);
    else if (entry.kind !== 'directory') throw sandboxErrors.FILE_NOT_DIRECTORY({ path });
  }

  function removeTree(path: string): void {
    powered();
    for (const each of below(path).toSorted().toReversed()) step(() => unset(each));
  }

  function claim(path: string, note: string): string | null {
    makeDirectories(dirname(path));
    if (disk.has(path)) return null;
    const text = randomUUID();
    put(path, { kind: 'claim', text, note, modifiedAt: now() });
    return text;
  }

  function readClaim(path: string): Claim | null {
    powered();
    const entry = disk.get(path);
    if (entry === undefined) return null;
    if (entry.kind === 'claim') return { text: entry.text, note: entry.note, pid: 1, alive: true };
    return { text: '', note: '', pid: null, alive: true };
  }

  function release(path: string, text: string): boolean {
    if (readClaim(path)?.text !== text) return false;
    step(() => unset(path));
    const directory = dirname(path);
    if (children(directory).length === 0) step(() => unset(directory));
    return true;
  }

  function list(directory: string, { startsWith = '' }: ListOptions = {}): readonly DirectoryEntry[] {
    powered();
    const entry = disk.get(directory);
    if (entry !== undefined && entry.kind !== 'directory') throw sandboxErrors.FILE_NOT_DIRECTORY({ path: directory });
    const wanted = children(directory).filter((path) => basename(path).startsWith(startsWith));
    return wanted.map((path) => ({ name: basename(path), kind: stat(path)?.kind ?? 'other' }));
  }

  if (!isDisk(initial)) {
    for (const [path, content] of Object.entries(initial)) {
      for (let directory = dirname(path); directory !== dirname(directory); directory = dirname(directory)) {
        disk.set(directory, { kind: 'directory', mode: 0o700, modifiedAt: now() });
      }
      disk.set(path, file(typeof content === 'string' ? Buffer.from(content, 'utf8') : content, 0o600));
    }
  }

  return {
    entries: disk,
    steps: () => steps,
    text: (path) => {
      const entry = disk.get(path);
      return entry?.kind === 'file' ? Buffer.from(entry.bytes).toString('utf8') : null;
    },
    paths: () =>
      [...disk]
        .filter(([, entry]) => entry.kind === 'file')
        .map(([path]) => path)
        .toSorted(),
    link: (target, path) => {
      disk.set(path, { kind: 'symlink', target, modifiedAt: now() });
    },
    sync: {
      read,
      stat,
      isDangling: (path) => {
        powered();
        const entry = disk.get(path);
        return entry?.kind === 'symlink' && !disk.has(resolveLink(path, entry.target));
      },
      replace: (path, content, { mode = 0o600 } = {}) => replaceBytes(path, Buffer.from(content, 'utf8'), mode),
      remove,
    },
    read: async (path, options) => read(path, options),
    async *readChunks(path, options) {
      const bytes = read(path, options) ?? new Uint8Array();
      for (let from = 0; from < bytes.length; from += streamedBytes) yield bytes.subarray(from, from + streamedBytes);
    },
    readMany: async (paths, options) => paths.map((path) => readOne(path, options)),
    stat: async (path) => stat(path),
    list: async (directory, options) => list(directory, options),
    replace: async (path, content, { mode = 0o600 } = {}) => {
      powered();
      replaceBytes(path, await allOf(content), mode);
    },
    append: async (path, line) => append(path, line),
    createDirectory: async (path, { mode = 0o700 } = {}) => createDirectory(path, mode),
    ensureDirectory: async (path, { mode = 0o700 } = {}) => ensureDirectory(path, mode),
    rename: async (from, to) => rename(from, to),
    remove: async (path) => remove(path),
    removeTree: async (path) => removeTree(path),
    claim: async (path, note) => claim(path, note),
    readClaim: async (path) => readClaim(path),
    release: async (path, text) => release(path, text),
  };
}

/** Small, so that readers meet lines and values that are cut. */
const streamedBytes = 1000;

/** The same disk under power again. Marks are gone: whoever left them runs no more. */
export function reboot(files: MemoryFiles): MemoryFiles {
  const again = memoryFiles(files);
  const kept = [...again.entries].filter(([, entry]) => entry.kind !== 'claim');
  return memoryFiles({ ...again, entries: new Map(kept) });
}

function isDisk(initial: Readonly<Record<string, string | Uint8Array>> | MemoryFiles): initial is MemoryFiles {
  return initial['entries'] instanceof Map;
}

function resolveLink(path: string, target: string): string {
  return target.startsWith('/') ? target : join(dirname(path), target);
}

function factsOf(entry: MemoryEntry): FileFacts {
  const modifiedAt = entry.modifiedAt;
  switch (entry.kind) {
    case 'file':
      return { kind: 'file', sizeBytes: entry.bytes.length, mode: entry.mode, uid: 0, modifiedAt };
    case 'directory':
      return { kind: 'directory', sizeBytes: 0, mode: entry.mode, uid: 0, modifiedAt };
    case 'symlink':
      return { kind: 'symlink', sizeBytes: entry.target.length, mode: 0o777, uid: 0, modifiedAt };
    case 'claim':
      return { kind: 'symlink', sizeBytes: entry.text.length, mode: 0o777, uid: 0, modifiedAt };
  }
}

async function allOf(content: Content): Promise<Uint8Array> {
  if (typeof content === 'string') return Buffer.from(content, 'utf8');
  if (content instanceof Uint8Array) return content.slice();
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
