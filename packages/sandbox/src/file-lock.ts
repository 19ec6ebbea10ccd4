/**
 * One at a time, across processes. A lock is a directory that exists while somebody holds or wants it: `holder` is the mark of the one who has it, and every
 * waiting caller has a mark of its own whose name sorts by time of arrival. Only the making of `holder` decides; the queue keeps the order fair.
 * The mark of a process that is gone is taken away by the next in line.
 */
import { createHash, randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { sandboxErrors } from './errors.ts';
import type { Claim, Clock, Files } from './host.ts';

/** What a lock is made with; any context has it. */
export type LockContext = { readonly files: Files; readonly clock: Clock };
/** What a lock is taken for, and how long a caller waits for it (30 s when left out). */
export type LockOptions = {
  /** What it is taken for, as a waiting caller will read it: "deleting task demo/k3v8h". */
  readonly purpose: string;
  /** How long to wait for it; LOCK_TIMEOUT after that. */
  readonly waitMs?: number;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
};

/** Runs `body` while holding the lock at `path`, a path where nothing else lives. Not reentrant. */
export async function withFileLock<T>(ctx: LockContext, path: string, options: LockOptions, body: () => Promise<T>): Promise<T> {
  const mark = await acquire(ctx, path, options);
  try {
    return await body();
  } finally {
    await ctx.files.release(join(path, holderName), mark);
  }
}

/** Who holds the lock at `path` now, and what for; null when nobody who lives does. */
export async function lockHolder(
  { files }: Pick<LockContext, 'files'>,
  path: string,
): Promise<{ readonly pid: number; readonly purpose: string } | null> {
  const claim = await files.readClaim(join(path, holderName));
  return claim === null || !claim.alive || claim.pid === null ? null : { pid: claim.pid, purpose: claim.note };
}

const holderName = 'holder';
const defaultWaitMs = 30_000;

/** Waits in line, and returns the text of the mark that makes us the holder. */
async function acquire(
  { files, clock }: LockContext,
  path: string,
  { purpose, waitMs = defaultWaitMs, signal }: LockOptions,
): Promise<string> {
  const deadlineMs = clock.monotonicMs() + waitMs;
  const holder = join(path, holderName);
  const ticket = join(path, `${arrival(clock)}-${randomUUID()}`);
  let ticketText = await files.claim(ticket, purpose);
  try {
    for (let looks = 1; ; looks++) {
      signal?.throwIfAborted();
      const ahead = await callersAhead(files, path, basename(ticket));
      if (ahead === null) ticketText = await files.claim(ticket, purpose); // somebody cleared the directory
      if (ahead === 0) {
        const mark = await files.claim(holder, purpose);
        if (mark !== null) return mark;
        await clearIfDead(files, path, holderName);
      }
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0)
        throw sandboxErrors.LOCK_TIMEOUT({ path, purpose, waitedMs: waitMs, holder: describe(await files.readClaim(holder)) });
      await clock.sleep(Math.min(pauseMs(ahead ?? 0, looks), leftMs), signal);
    }
  } finally {
    if (ticketText !== null) await files.release(ticket, ticketText);
  }
}

/**
 * How many live callers came before this one; null when it is not in line any more. Each caller takes away the marks of dead ones right before its own:
 * their names never come again, so nobody else's can be hit.
 */
async function callersAhead(files: Files, path: string, ticket: string): Promise<number | null> {
  const waiting = (await files.list(path)).map(({ name }) => name).filter((name) => ticketName.test(name));
  if (!waiting.includes(ticket)) return null;
  const ahead = waiting.filter((name) => name < ticket).toSorted();
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const claim = await files.readClaim(join(path, name));
    if (claim?.alive === true) return ahead.length + 1;
    if (claim !== null) await files.release(join(path, name), claim.text);
  }
  return 0;
}

/**
 * Takes a mark away if its maker is dead, and never one that took its place. Whoever wants to do so first has to make the one mark that is named after the
 * dead one's text; while that is held the dead mark cannot change, since its own maker runs no more and nobody else may remove it. If the maker of that
 * second mark died too, it is cleared in the same way.
 */
async function clearIfDead(files: Files, path: string, name: string): Promise<void> {
  const dead = await files.readClaim(join(path, name));
  if (dead === null || dead.alive) return;
  const clearing = `clearing-${createHash('sha256').update(dead.text).digest('hex').slice(0, 32)}`;
  const mark = await files.claim(join(path, clearing), 'clearing a lock that was left behind');
  if (mark === null) {
    await clearIfDead(files, path, clearing);
    return;
  }
  await files.release(join(path, name), dead.text);
  await files.release(join(path, clearing), mark);
}

const ticketName = /^\d{18}-[0-9a-f-]{36}$/;

/** Microseconds since boot, in as many digits as sort as numbers do. */
function arrival(clock: Clock): string {
  return Math.trunc(clock.monotonicMs() * 1000)
    .toString()
    .padStart(18, '0');
}

/**
 * The first in line looks often; those behind as often as the line could have moved up to them. Whoever has waited for long waits a little
 * longer, by far less than it has: about 25 ms after 6 s, 80 ms after a minute.
 */
function pauseMs(ahead: number, looks: number): number {
  const patienceMs = 1 + Math.floor(looks / 20);
  return Math.min(Math.max(Math.min(3 * ahead, 60), patienceMs), pauseMaxMs);
}

const pauseMaxMs = 500;

function describe(claim: Claim | null): string {
  if (claim === null) return 'somebody else';
  if (claim.pid === null) return 'something that is not terok';
  return `process ${claim.pid} (${claim.note})`;
}
