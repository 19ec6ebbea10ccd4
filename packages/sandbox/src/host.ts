/** The outside world, in our words: what the rest of the house is handed instead of the disk, the clock and chance. */
import type { TerokError } from './terok-error.ts';

/** Wall time for people and records, monotonic time for durations. */
export interface Clock {
  now(): Date;
  /** Milliseconds since an arbitrary moment; never steps back, whatever the wall clock does. */
  monotonicMs(): number;
  /** Waits, by the monotonic clock; an abort ends the wait with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** A whole number from 0 up to, not including, `limit`. */
  integer(limit: number): number;
}

/** Environment variables as a value. An empty string counts as unset wherever a location is read from one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `other` is a pipe, a socket or a device. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'other';
/** How a file is read: never more than `maxBytes` of it. */
export type ReadOptions = {
  readonly maxBytes: number;
  /** For files that people keep where they like, such as their configuration: a link at the path is followed. */
  readonly followLink?: boolean;
};
/** One of many files: its bytes, null when nothing is there, or why it could not be read. */
export type FileRead = { readonly bytes: Uint8Array | null } | { readonly failure: TerokError };
/** What is at a path, links not followed. `mode` holds the permission bits only. */
export type FileFacts = {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly modifiedAt: Date;
};
/** What of a directory is listed: entries whose names start so, without it all of them. */
export type ListOptions = { readonly startsWith?: string };
/** One name in a directory, and what it is. */
export type DirectoryEntry = { readonly name: string; readonly kind: FileKind };
/** The numbers of a user and a group of the host. */
export type Owner = { readonly uid: number; readonly gid: number };
/** Text is written as UTF-8; a stream of chunks is written as it comes, without being held in memory. */
export type Content = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * The disk. Every write either happens whole and survives a power cut once its promise is fulfilled, or leaves what was there.
 * Failures are `TerokError`s that name the path; that something is absent is an answer, never a failure.
 */
export interface Files {
  /** The bytes of a regular file, or null when nothing is there. Links are followed only on request; a larger file is refused. */
  read(path: string, options: ReadOptions): Promise<Uint8Array | null>;
  /** As `read`, chunk by chunk as they are asked for, of files larger than memory should hold; where nothing is there, no chunk. */
  readChunks(path: string, options: ReadOptions): AsyncIterable<Uint8Array>;
  /** As `read`, of many small files, in their order; what is wrong with one is its answer and does not keep the others from being read. */
  readMany(paths: readonly string[], options: { readonly maxBytes: number }): Promise<readonly FileRead[]>;
  stat(path: string): Promise<FileFacts | null>;
  /** The entries of a directory in no particular order, or those whose names start so; empty when nothing is there. */
  list(directory: string, options?: ListOptions): Promise<readonly DirectoryEntry[]>;
  /** Replaces the file in one step; its directory is made (0700) when missing. A link or a directory at the path is refused. */
  replace(path: string, content: Content, options?: { readonly mode?: number }): Promise<void>;
  /** Adds one line to the end of a file (made 0600 when missing). `line` comes without its newline. */
  append(path: string, line: string): Promise<void>;
  /** Makes one directory; false when something is already there. Its parents are made (0700) when missing. */
  createDirectory(path: string, options?: { readonly mode?: number; readonly owner?: Owner }): Promise<boolean>;
  /** Makes the directory and its parents where missing; `mode` (0700) and `owner` are set even when it was there. */
  ensureDirectory(path: string, options?: { readonly mode?: number; readonly owner?: Owner }): Promise<void>;
  /** Moves a file or a directory within one file system. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a link; false when nothing was there. */
  remove(path: string): Promise<boolean>;
  /** Removes a directory with all that is in it, links not followed. Nothing there is fine. */
  removeTree(path: string): Promise<void>;
  /**
   * Puts a mark of this process at the path, whole at once, and returns its text; null when a mark is there already, whoever's.
   * A missing directory is made. Never synced: a mark means nothing after a reboot.
   */
  claim(path: string, note: string): Promise<string | null>;
  readClaim(path: string): Promise<Claim | null>;
  /** Takes the mark with this text away, and its directory with it once that is empty; false when that mark is not there. */
  release(path: string, text: string): Promise<boolean>;
}

/** A mark that a process left on the disk: what locks are made of. */
export type Claim = {
  /** The mark as it is written; no two marks are alike. */
  readonly text: string;
  readonly note: string;
  /** Null when the mark is none of ours and says nothing that can be read. */
  readonly pid: number | null;
  /** False only when the process that left it certainly runs no more. */
  readonly alive: boolean;
};

/** The few synchronous calls that the setup stamp makes at start-up, before anything is loaded that could wait. */
export interface SyncFiles {
  read(path: string, options: { readonly maxBytes: number }): Uint8Array | null;
  stat(path: string): FileFacts | null;
  /** There is a link at the path and nothing where it points. */
  isDangling(path: string): boolean;
  replace(path: string, content: string, options?: { readonly mode?: number }): void;
  remove(path: string): boolean;
}
