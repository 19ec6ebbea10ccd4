/** Names of the files that stand in for a target until they are whole. They say who writes them, so that those of dead writers can be swept. */
import { basename, dirname, join } from 'node:path';

/** A running process, told apart from any other that has had or will have its number. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process; empty where the system does not tell. */
  readonly start: string;
  readonly boot: string;
  /** Process numbers mean nothing outside their namespace. */
  readonly namespace: string;
};

/** `.<target>.<pid>-<start>-<boot>-<namespace>.<unique>.tmp`, cut so that it stays a legal file name whatever the target's length. */
export function temporaryPath(target: string, writer: ProcessIdentity, unique: string): string {
  return join(dirname(target), `.${stem(target)}.${writer.pid}-${writer.start}-${writer.boot}-${writer.namespace}.${unique}.tmp`);
}

/** Who writes the temporary file of this name, if it is one. */
export function temporaryWriter(name: string): ProcessIdentity | null {
  const match = /^\..*\.([1-9]\d{0,9})-(\d*)-([0-9a-f]*)-(\d*)\.[0-9a-f]+\.tmp$/s.exec(name);
  if (match === null) return null;
  const [, pid = '', start = '', boot = '', namespace = ''] = match;
  return { pid: Number(pid), start, boot, namespace };
}

const stemMaxBytes = 120;

function stem(target: string): string {
  const name = basename(target);
  return Buffer.byteLength(name) <= stemMaxBytes
    ? name
    : Buffer.from(name)
        .subarray(0, stemMaxBytes)
        .toString('latin1')
        .replace(/[^\x20-\x7e]/g, '_');
}
