/** What of this process decides where things are. */
import type { Environment } from './host.ts';
import { fs } from './node-fs.ts';
import type { Locations } from './durable-paths.ts';

/** `HOME` goes before the password database, as everywhere. */
export function hostLocations(env: Environment): Omit<Locations, 'cwd' | 'config'> {
  return {
    env,
    uid: process.geteuid?.() ?? -1,
    initialUserNamespace: inInitialUserNamespace(),
    home: env['HOME'] || process.getBuiltinModule('node:os').homedir(),
  };
}

/** Undefined where somebody has removed it under this process. */
export function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** The initial user namespace is the one that maps every id to itself. */
function inInitialUserNamespace(): boolean {
  try {
    return /^\s*0\s+0\s+4294967295\s*$/.test(fs.readFileSync('/proc/self/uid_map', 'utf8'));
  } catch {
    return true; // a kernel without user namespaces
  }
}
