/** Was this host set up for the packages that are installed now? A small file answers that at every start, so nothing here waits, starts a process or loads much. */
import { sandboxErrors } from './errors.ts';
import type { Clock, SyncFiles } from './host.ts';
import type { Versions } from './node-installed-versions.ts';
import { nodeSyncFiles } from './node-sync-files.ts';
import { TerokError } from './terok-error.ts';
import { compareVersions } from './version-order.ts';

export { installedVersions, TRACKED_PACKAGES, type InstalledVersionsOptions, type Versions } from './node-installed-versions.ts';

/** What a launch should make of the stamp. The words are those of the setup stamp contract. */
export const SetupVerdict = {
  /** Set up for exactly these versions. */
  OK: 'ok',
  /** Never set up. */
  FIRST_RUN: 'first_run',
  /** A package is newer than at setup, or was not there then: tell, and go on. */
  STALE_AFTER_UPDATE: 'stale_after_update',
  /** A package is older than at setup: stop, unless told otherwise. */
  STALE_AFTER_DOWNGRADE: 'stale_after_downgrade',
  /** There is something that is no stamp: treat as never set up. */
  STAMP_CORRUPT: 'stamp_corrupt',
} as const;
export type SetupVerdict = (typeof SetupVerdict)[keyof typeof SetupVerdict];

/** `stamped` is null for a package that was not installed when the host was set up. */
export type MovedPackage = { readonly name: string; readonly stamped: string | null; readonly installed: string };
/** A verdict with what it rests on. */
export type SetupCheck =
  | { readonly verdict: 'ok' | 'first_run' }
  | { readonly verdict: 'stale_after_update' | 'stale_after_downgrade'; readonly packages: readonly MovedPackage[] }
  | { readonly verdict: 'stamp_corrupt'; readonly reason: string };

/** What `stampPath` and the readers need to know; any context has it. */
export type StampContext = { readonly paths: { readonly setupStamp: string }; readonly syncFiles?: SyncFiles };

/** Where the stamp is: it moves with the state root. */
export function stampPath(paths: { readonly setupStamp: string }): string {
  return paths.setupStamp;
}

/** The verdict with what it rests on. One read; whatever is at the path, this answers and does not throw. */
export function checkSetup({ paths, syncFiles = nodeSyncFiles }: StampContext, installed: Versions): SetupCheck {
  try {
    const stamp = readIfThere(paths.setupStamp, syncFiles);
    return stamp === null ? { verdict: 'first_run' } : judgeSetup(stamp, installed);
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return { verdict: 'stamp_corrupt', reason: error.message };
  }
}

/** The verdict alone. */
export function needsSetup(ctx: StampContext, installed: Versions): SetupVerdict {
  return checkSetup(ctx, installed).verdict;
}

/** Pure. Stamped but not installed here is ignored; installed but not stamped asks for an update; older always wins over newer. */
export function judgeSetup(stamp: Versions, installed: Versions): SetupCheck {
  const older: MovedPackage[] = [];
  const newer: MovedPackage[] = [];
  for (const [name, version] of Object.entries(installed)) {
    const stamped = Object.hasOwn(stamp, name) ? stamp[name] : undefined;
    if (stamped === undefined) newer.push({ name, stamped: null, installed: version });
    else {
      const order = compareVersions(version, stamped);
      if (order < 0) older.push({ name, stamped, installed: version });
      if (order > 0) newer.push({ name, stamped, installed: version });
    }
  }
  if (older.length > 0) return { verdict: 'stale_after_downgrade', packages: older };
  if (newer.length > 0) return { verdict: 'stale_after_update', packages: newer };
  return { verdict: 'ok' };
}

/** The versions a stamp holds. STAMP_CORRUPT for everything that is none, and for nothing at all: whether it is there is the caller's question. */
export function readStamp(path: string, files: SyncFiles = nodeSyncFiles): Versions {
  const stamp = readIfThere(path, files);
  if (stamp === null) throw sandboxErrors.STAMP_CORRUPT({ path, reason: 'there is no such file' });
  return stamp;
}

/** Records that the host is set up for these versions; the path of the stamp. The text is the setup stamp format, version 1. */
export function writeStamp(
  { paths, clock, syncFiles = nodeSyncFiles }: StampContext & { readonly clock: Pick<Clock, 'now'> },
  installed: Versions,
): string {
  const packages = Object.fromEntries(Object.entries(installed).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const completed = `${clock.now().toISOString().slice(0, 19)}+00:00`;
  syncFiles.replace(paths.setupStamp, JSON.stringify({ completed_at: completed, packages, version: stampVersion }, undefined, 2));
  return paths.setupStamp;
}

/** Forgets the setup; whether there was a stamp to remove. */
export function clearStamp({ paths, syncFiles = nodeSyncFiles }: StampContext): boolean {
  return syncFiles.remove(paths.setupStamp);
}

const stampVersion = 1;
const stampMaxBytes = 64 * 1024;

function readIfThere(path: string, files: SyncFiles): Versions | null {
  const corrupt = (reason: string, cause?: unknown) => sandboxErrors.STAMP_CORRUPT({ path, reason }, cause);
  const bytes = readBytes(path, files, corrupt);
  return bytes === null ? null : parseStamp(bytes, corrupt);
}

type Corrupt = (reason: string, cause?: unknown) => TerokError;

function readBytes(path: string, files: SyncFiles, corrupt: Corrupt): Uint8Array | null {
  try {
    return files.read(path, { maxBytes: stampMaxBytes });
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    if (error.code === 'FILE_IS_LINK' && files.isDangling(path)) return null;
    throw corrupt(error.message, error);
  }
}

function parseStamp(bytes: Uint8Array, corrupt: Corrupt): Versions {
  const root = parseJson(bytes, corrupt);
  if (!isObject(root)) throw corrupt('it is not a JSON object');
  if (root['version'] !== stampVersion) throw corrupt(`its \`version\` is not ${stampVersion}`);
  const packages = root['packages'];
  if (!isObject(packages)) throw corrupt('it lists no packages');
  return Object.fromEntries(Object.entries(packages).map(([name, version]) => [name, versionText(version, corrupt)]));
}

/** Any plain value is taken as its text. */
function versionText(version: unknown, corrupt: Corrupt): string {
  if (typeof version === 'object' && version !== null) throw corrupt('the version of a package is no plain value');
  return String(version);
}

function parseJson(bytes: Uint8Array, corrupt: Corrupt): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(error instanceof SyntaxError ? 'it is not JSON' : 'it is not UTF-8 text', error);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
