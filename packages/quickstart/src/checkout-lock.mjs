/** One at a time in a checkout: a file that names its owner. A file whose owner is gone, or was of another boot, holds nobody up. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const takeovers = 5;

/**
 * @typedef {{ readonly pid: number, readonly identity: string, readonly purpose: string }} Holder
 * @typedef {{ readonly held: true, readonly release: () => void } | { readonly held: false, readonly by: Holder }} Lock
 */

/**
 * @param {string} path
 * @param {{ readonly pid: number, readonly purpose: string, readonly identityOf?: (pid: number) => string | null }} owner `identityOf`: what tells a process from a later one with its number; null when it does not run
 * @returns {Lock}
 */
export function lockCheckout(path, { pid, purpose, identityOf = processIdentity }) {
  const own = `${path}.${pid}`;
  const text = JSON.stringify({ pid, identity: identityOf(pid), purpose });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(own, text);
  try {
    for (let attempt = 0; attempt < takeovers; attempt++) {
      if (linked(own, path)) return { held: true, release: () => releaseOwn(path, text) };
      const there = textAt(path);
      if (there === null) continue;
      const holder = readHolder(there);
      if (holder !== null && identityOf(holder.pid) === holder.identity) return { held: false, by: holder };
      removeStale(path, there, `${own}.stale`);
    }
    throw new Error(`The lock ${path} changes hands too fast to be taken.`);
  } finally {
    rmSync(own, { force: true });
  }
}

/** The kernel's start time of a process within a boot; null when there is none. @param {number} pid */
export function processIdentity(pid) {
  const stat = textAt(`/proc/${pid}/stat`);
  const boot = textAt('/proc/sys/kernel/random/boot_id');
  // The second field is the program's name in parentheses and may hold spaces; the start time is the 22nd.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return started === undefined || boot === null ? null : `${boot.trim()} ${started}`;
}

/** Linking puts the whole file there at once, or nothing. @param {string} from @param {string} to */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Two that find the same stale file do not remove each other's new one: what was moved away and is not what was judged goes back. @param {string} path @param {string} judged @param {string} aside */
function removeStale(path, judged, aside) {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if (textAt(aside) !== judged) linked(aside, path);
  rmSync(aside, { force: true });
}

/** @param {string} path @param {string} text */
function releaseOwn(path, text) {
  if (textAt(path) === text) rmSync(path, { force: true });
}

/** @param {string} text @returns {Holder | null} */
function readHolder(text) {
  try {
    /** @type {unknown} */
    const value = JSON.parse(text);
    return isHolder(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A number below 1 would mean a group of processes, or all of them. @param {unknown} value @returns {value is Holder} */
function isHolder(value) {
  if (typeof value !== 'object' || value === null || !('pid' in value && 'identity' in value && 'purpose' in value)) return false;
  const { pid, identity, purpose } = value;
  return typeof pid === 'number' && Number.isInteger(pid) && pid >= 1 && typeof identity === 'string' && typeof purpose === 'string';
}

/** @param {string} path */
function textAt(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return null;
    throw error;
  }
}

/** @param {unknown} error @param {string} code */
const isCode = (error, code) => error instanceof Error && 'code' in error && error.code === code;
