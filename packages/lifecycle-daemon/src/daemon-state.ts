/**
 * The daemon's bag of smaller things, `.daemon-state.json`: which sessions have not had their first turn yet, and the digest that
 * waits to be shown. The decisions are pure; the daemon keeps what they return. Keys that we do not know survive.
 */
import { formatInstant, keepCorruptCopy, parseInstant, readText, TerokError, type Files, type Paths } from '@terok/sandbox';
import { lifecycleErrors } from './errors.ts';
import type { LifecycleContext } from './lifecycle-state.ts';
import { isPlainObject, nestsDeeperThan } from './plain-object.ts';

/** The file's content: an object, of which only the keys that are asked for need to make sense. */
export type DaemonState = Readonly<Record<string, unknown>>;

/** A digest is shown when the last one was shown this long ago, or longer. */
export const DIGEST_SHOW_THRESHOLD_HOURS = 18;
/** A session that has not had its first turn after this time has none to come. */
export const FIRST_TURN_TTL_HOURS = 24;
export const MAX_FIRST_TURN_ENTRIES = 100;
export const FIRST_TURN_PENDING_TTL_SEC_DEFAULT = 3600;

const fileMaxBytes = 1024 * 1024;
const nestingMax = 64;
const hourMs = 3_600_000;
/** How far ahead a clock may have been when it wrote a moment. */
const clockSlackMs = 5 * 60_000;
const corrupt: readonly string[] = ['FILE_NOT_UTF8'];

export function daemonStatePath(paths: Pick<Paths, 'daemonState'>): string {
  return paths.daemonState;
}

/**
 * What is on disk, `{}` when nothing is. A file that is no JSON object counts as nothing too, and is kept as `<file>.corrupt-<time>`
 * before anything replaces it. Throws FILE_TOO_LARGE, FILE_IS_LINK and what else keeps a file from being read.
 */
export async function loadDaemonState(ctx: LifecycleContext, path = daemonStatePath(ctx.paths)): Promise<DaemonState> {
  const text = await textOf(ctx.files, path);
  if (text === null) return {};
  const value = parseJson(text);
  if (isPlainObject(value) && !nestsDeeperThan(value, nestingMax)) return value;
  await keepCorruptCopy(ctx.files, ctx.clock, path);
  return {};
}

/** Replaces the file in one step (mode 0600). */
export async function saveDaemonState(ctx: LifecycleContext, state: DaemonState, path = daemonStatePath(ctx.paths)): Promise<void> {
  const text = `${JSON.stringify(state, undefined, 2)}\n`;
  if (Buffer.byteLength(text) > fileMaxBytes) throw lifecycleErrors.DAEMON_STATE_TOO_LARGE({ path, maxBytes: fileMaxBytes });
  await ctx.files.replace(path, text, { mode: 0o600 });
}

/** The session's first turn is to come. Old entries go on the occasion; an empty ID is none. */
export function markSessionOpened(state: DaemonState, sessionId: string, now: Date): DaemonState {
  if (sessionId === '') return state;
  const others = Object.entries(pendingOf(state) ?? {}).filter(([id]) => id !== sessionId);
  return pruneStaleFirstTurn(withPending(state, [...others, [sessionId, formatInstant(now)]]), { now }).state;
}

/** Whether this is the session's first turn; it is so once. An entry counts by being there, unless it says false. */
export function consumeFirstTurn(state: DaemonState, sessionId: string): { readonly state: DaemonState; readonly consumed: boolean } {
  const pending = pendingOf(state);
  if (pending === null || sessionId === '' || !Object.hasOwn(pending, sessionId)) return { state, consumed: false };
  const others = Object.entries(pending).filter(([id]) => id !== sessionId);
  return { state: withPending(state, others), consumed: pending[sessionId] !== false };
}

/**
 * Takes out what is older than `ttlHours` and, of what is left, all but the newest `maxEntries`. Exactly that old still stays.
 * A value that is no moment is as old as can be; one from the future becomes now.
 */
export function pruneStaleFirstTurn(
  state: DaemonState,
  {
    now,
    ttlHours = FIRST_TURN_TTL_HOURS,
    maxEntries = MAX_FIRST_TURN_ENTRIES,
  }: { readonly now: Date; readonly ttlHours?: number; readonly maxEntries?: number },
): { readonly state: DaemonState; readonly removed: number } {
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 0) throw new RangeError(`maxEntries must be a whole number from 0: ${maxEntries}`);
  const pending = pendingOf(state);
  if (pending === null) return { state, removed: 0 };

  const { fresh, dropped } = splitByAge(pending, now, ttlHours * hourMs);
  const kept = fresh.length > maxEntries ? newest(fresh, maxEntries) : fresh;
  return { state: withPending(state, kept.map(entryOf)), removed: dropped.length + fresh.length - kept.length };
}

/** Takes out what is older than `ttlSec`, and names it. Exactly that old still stays. */
export function pruneFirstTurnPending(
  state: DaemonState,
  { now, ttlSec = FIRST_TURN_PENDING_TTL_SEC_DEFAULT }: { readonly now: Date; readonly ttlSec?: number },
): { readonly state: DaemonState; readonly dropped: readonly string[] } {
  const pending = pendingOf(state);
  if (pending === null) return { state, dropped: [] };
  const { fresh, dropped } = splitByAge(pending, now, ttlSec * 1000);
  return { state: withPending(state, fresh.map(entryOf)), dropped };
}

/**
 * The digest that is due, and the state without it. Null while the last one was shown less than 18 hours ago, and when there is
 * none. A digest that is no object cannot be shown and is dropped; an empty one stays to be filled.
 */
export function getPendingDigest(state: DaemonState, now: Date): { readonly state: DaemonState; readonly digest: object | null } {
  if (wasShownLately(ownValue(state, 'last_digest_shown_at'), now)) return { state, digest: null };
  const { pending_digest: digest, ...rest } = state;
  if (!digest || isEmpty(digest)) return { state, digest: null };
  if (!isPlainObject(digest)) return { state: rest, digest: null };
  return { state: { ...rest, last_digest_shown_at: formatInstant(now) }, digest };
}

type Entry = readonly [id: string, value: unknown];
type FreshEntry = { readonly id: string; readonly text: string; readonly instant: Date };

/** The map of first turns to come; null when there is none with anything in it. */
function pendingOf(state: DaemonState): Readonly<Record<string, unknown>> | null {
  const pending = ownValue(state, 'first_turn_pending');
  return isPlainObject(pending) && !isEmpty(pending) ? pending : null;
}

function withPending(state: DaemonState, entries: readonly Entry[]): DaemonState {
  return { ...state, first_turn_pending: Object.fromEntries(entries) };
}

function splitByAge(
  pending: Readonly<Record<string, unknown>>,
  now: Date,
  ttlMs: number,
): { readonly fresh: readonly FreshEntry[]; readonly dropped: readonly string[] } {
  if (!(ttlMs >= 0)) throw new RangeError(`a time to live must be a number from 0: ${ttlMs} ms`);
  const judged = Object.entries(pending).map(([id, value]) => ({ id, entry: freshEntry(id, value, now) }));
  const isFresh = (entry: FreshEntry | null): entry is FreshEntry => entry !== null && now.getTime() - entry.instant.getTime() <= ttlMs;
  return {
    fresh: judged.map(({ entry }) => entry).filter(isFresh),
    dropped: judged.filter(({ entry }) => !isFresh(entry)).map(({ id }) => id),
  };
}

function freshEntry(id: string, value: unknown, now: Date): FreshEntry | null {
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  if (typeof value !== 'string' || instant === null) return null;
  const isAhead = instant.getTime() - now.getTime() > clockSlackMs;
  return isAhead ? { id, text: formatInstant(now), instant: now } : { id, text: value, instant };
}

function entryOf({ id, text }: FreshEntry): Entry {
  return [id, text];
}

function newest(entries: readonly FreshEntry[], count: number): readonly FreshEntry[] {
  return entries.toSorted((a, b) => b.instant.getTime() - a.instant.getTime()).slice(0, count);
}

/** A moment that cannot be read, or that has not come yet, says nothing about when a digest was shown. */
function wasShownLately(shownAt: unknown, now: Date): boolean {
  const instant = typeof shownAt === 'string' ? parseInstant(shownAt) : null;
  if (instant === null) return false;
  const agoMs = now.getTime() - instant.getTime();
  return agoMs >= -clockSlackMs && agoMs < DIGEST_SHOW_THRESHOLD_HOURS * hourMs;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function ownValue(state: DaemonState, key: string): unknown {
  return Object.hasOwn(state, key) ? state[key] : undefined;
}

/** Text that is no UTF-8 is as damaged as text that is no JSON. */
async function textOf(files: Files, path: string): Promise<string | null> {
  try {
    return await readText(files, path, { maxBytes: fileMaxBytes });
  } catch (error) {
    if (error instanceof TerokError && corrupt.includes(error.code)) return '';
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
