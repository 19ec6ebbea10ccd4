/** The files that stand in for a target until they are whole: those of this process, and those that dead writers left behind. */
import { join } from 'node:path';
import { isSystemError } from './file-failure.ts';
import { fs } from './node-fs.ts';
import { mayBeAlive, ownIdentity } from './node-process-identity.ts';
import { temporaryPath, temporaryWriter } from './temporary-name.ts';

let given = 0;

/** A name beside the target that nobody has had or will have: the writer is in it, and what tells its files apart, also those of its threads. */
export function temporaryFor(target: string): string {
  given++;
  return temporaryPath(target, ownIdentity(), `${process.hrtime.bigint().toString(16)}${given.toString(16).padStart(4, '0')}`);
}

/** The directories this process has swept: once in its life is enough, since every process that writes there does the same. */
const swept = new Set<string>();

/** Takes away what writers left in the directory that died before they were done. */
export function sweepOnce(directory: string): void {
  if (swept.has(directory)) return;
  const names = fs.readdirSync(directory);
  swept.add(directory);
  for (const name of names) {
    const writer = temporaryWriter(name);
    if (writer !== null && !mayBeAlive(writer)) unlinkIfThere(join(directory, name));
  }
}

/** Two may sweep the same directory at once, and not every file in it has to be ours. */
function unlinkIfThere(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (!isSystemError(error) || !['ENOENT', 'EACCES', 'EPERM'].includes(error.code)) throw error;
  }
}
