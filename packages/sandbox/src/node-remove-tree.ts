/**
 * Removes what strangers made. Each directory is held open and everything in it is named from there, so that nothing which is swapped for a link meanwhile leads
 * out of the tree, and no path in it is too long to say.
 */
import { constants } from 'node:fs';
import { chmod, open, readdir, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import { isSystemError } from './file-failure.ts';

/** Links are removed, never followed; nothing there is fine, and so is another who removes the same. */
export function removeTree(path: string): Promise<void> {
  return removeAt(path, (act) => act());
}

/** Names are bytes: what is no UTF-8 is a name all the same. */
type Place = string | Buffer;
type Access = <T>(act: () => Promise<T>) => Promise<T>;

/** `access` is how to get at the path itself; what is inside has its own. */
async function removeAt(path: Place, access: Access): Promise<void> {
  const found = await access(() => unlessGone(() => openDirectory(path)));
  if (found === 'gone') return;
  if (found === 'no directory') return void (await access(() => unlessGone(() => unlink(path))));
  await using directory = found;
  await empty(directory);
  await access(() => unlessGone(() => rmdir(path)));
}

async function empty(directory: FileHandle): Promise<void> {
  const place = placeOf(directory);
  const inside: Access = (act) => openingUp(place, act);
  const entries = await inside(() => readdir(place, { withFileTypes: true, encoding: 'buffer' }));
  const files = entries.filter((entry) => !entry.isDirectory());
  await inside(() => Promise.all(files.map(({ name }) => unlessGone(() => unlink(inPlace(place, name))))));
  for (const { name } of entries.filter((entry) => entry.isDirectory())) await removeAt(inPlace(place, name), inside);
}

/** `O_PATH` of Linux: a place and no more, which can be had of a directory that one may not read. */
const placeOnly = 0o10000000;

function openDirectory(path: Place): Promise<FileHandle> {
  return open(path, placeOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

const inPlace = (place: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${place}/`), name]);

function placeOf(directory: FileHandle): string {
  return `/proc/self/fd/${directory.fd}`;
}

/** A directory may be closed to its own owner, a module cache for one: it is opened up, and the act tried once more. */
async function openingUp<T>(place: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isSystemError(error) || (error.code !== 'EACCES' && error.code !== 'EPERM')) throw error;
    await chmod(place, 0o700);
    return act();
  }
}

async function unlessGone<T>(act: () => Promise<T>): Promise<T | 'gone' | 'no directory'> {
  try {
    return await act();
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return 'gone';
    if (isSystemError(error) && error.code === 'ENOTDIR') return 'no directory';
    throw error;
  }
}
