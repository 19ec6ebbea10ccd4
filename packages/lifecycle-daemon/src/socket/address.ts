/** Where the daemon's sockets are, and what has to be true of the directory that holds one. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import type { Files, Paths } from '@terok/sandbox';
import { lifecycleErrors } from '../errors.ts';

/** The socket that clients connect to. */
export function daemonSocketPath(paths: Pick<Paths, 'runtime'>): string {
  return join(paths.runtime, 'daemon.sock');
}

/** The one that is held for as long as the daemon runs. It lies beside the files that it guards, for those decide what "the same" daemon is. */
export function writerSocketPath(paths: Pick<Paths, 'lifecycle'>): string {
  return join(paths.lifecycle, 'writer.sock');
}

/** DAEMON_DIRECTORY_UNSAFE unless it is a directory of this user's that is closed to all others. True: it is there. */
export async function requireOwnDirectory(files: Files, path: string): Promise<boolean> {
  const facts = await files.stat(path);
  if (facts === null) return false;
  const unsafe = (reason: string): Error => lifecycleErrors.DAEMON_DIRECTORY_UNSAFE({ path, reason });
  if (facts.kind !== 'directory') throw unsafe(facts.kind === 'symlink' ? 'it is a symbolic link' : 'it is no directory');
  if (facts.uid !== process.geteuid?.()) throw unsafe(`it belongs to the user ${facts.uid}`);
  if ((facts.mode & 0o077) !== 0) throw unsafe(`its mode is ${facts.mode.toString(8)}, and others may look into it`);
  return true;
}

/** The same place in at most as many bytes as the kernel takes. To be closed when the socket is. */
export type Address = AsyncDisposable & { readonly path: string };

export async function socketAddress(path: string): Promise<Address> {
  if (Buffer.byteLength(path) <= addressMaxBytes) return { path, [Symbol.asyncDispose]: async () => undefined };
  const directory = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${directory.fd}/${basename(path)}`, [Symbol.asyncDispose]: () => directory.close() };
}

/** The address of a Unix socket on Linux, without the zero at its end. */
const addressMaxBytes = 107;

/** The number of the socket that whoever started us listens on already (`sd_listen_fds`); null when it started us without one. */
export function inheritedSocket(env: Readonly<Record<string, string | undefined>>, pid: number): number | null {
  const wholeNumber = (text: string | undefined): number => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : Number.NaN);
  return wholeNumber(env['LISTEN_FDS']) >= 1 && wholeNumber(env['LISTEN_PID']) === pid ? firstInherited : null;
}

const firstInherited = 3;
