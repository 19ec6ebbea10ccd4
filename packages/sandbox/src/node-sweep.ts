/** Takes away what writers left behind that died before they were done. */
import { join } from 'node:path';
import { isSystemError } from './file-failure.ts';
import { fs } from './node-fs.ts';
import { mayBeAlive } from './node-process-identity.ts';
import { temporaryWriter } from './temporary-name.ts';

/** The directories this process has swept: once in its life is enough, since every process that writes there does the same. */
const swept = new Set<string>();

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
