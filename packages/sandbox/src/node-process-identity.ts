/** Who this process is, and whether another one still runs. Linux tells through `/proc`. */
import { fs } from './node-fs.ts';
import type { ProcessIdentity } from './temporary-name.ts';

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, start: startOf(process.pid)?.start ?? '', boot: bootId(), namespace: pidNamespace() };
  return own;
}

/** False only when it certainly runs no more: another boot, a free number, a number given to somebody else, or a zombie. */
export function mayBeAlive(identity: ProcessIdentity): boolean {
  const self = ownIdentity();
  if (identity.boot !== self.boot) return false;
  if (identity.namespace !== self.namespace) return true;
  if (!Number.isSafeInteger(identity.pid) || identity.pid < 1) return false;
  if (isFree(identity.pid)) return false;

  const found = startOf(identity.pid);
  if (found === null || identity.start === '') return true;
  return found.start === identity.start && !found.ended;
}

function isFree(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Fields 3 (state) and 22 (start time) of `/proc/<pid>/stat`; the command before them may hold anything, blanks and brackets included. */
function startOf(pid: number): { start: string; ended: boolean } | null {
  const text = readProc(() => fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', start = ''] = [fields[0], fields[19]];
  return /^\d+$/.test(start) ? { start, ended: state === 'Z' || state === 'X' } : null;
}

function bootId(): string {
  return readProc(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'))
    .replace(/[^0-9a-f]/g, '')
    .slice(0, 12);
}

function pidNamespace(): string {
  return readProc(() => fs.readlinkSync('/proc/self/ns/pid')).replace(/\D/g, '');
}

function readProc(read: () => string): string {
  try {
    return read();
  } catch {
    return ''; // a system without `/proc` tells less; whoever asks takes that as "may be alive"
  }
}
