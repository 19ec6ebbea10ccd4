/**
 * One at a time, across processes. A lock is a directory that exists while somebody holds or wants it: `holder` is the mark of the one who has it, and every
 * waiting caller has a mark of its own whose name sorts by time of arrival. Only the making of `holder` decides; the queue keeps the order fair.
 * The mark of a process that is gone is taken away by the next in line.
 */
import { createHash, randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { sandboxErrors } from './errors.ts';
import type { Claim, Clock, Files } from './host.ts';

export type LockContext = { readonly files: Files; readonly clock: Clock };
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
  await acquire(ctx, path, options);
  try {
    return await body();
  } finally {
    await ctx.files.release(join(path, holderName));
  }
}

const holderName = 'holder';
const defaultWaitMs = 30_000;

async function acquire(
  { files, clock }: LockContext,
  path: string,
  { purpose, waitMs = defaultWaitMs, signal }: LockOptions,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + waitMs;
  const holder = join(path, holderName);
  const ticket = join(path, `${arrival(clock)}-${randomUUID()}`);
  try {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const position = await placeInLine(files, path, ticket, purpose);
      if (position === 0 && (await files.claim(holder, purpose))) return;

      const inTheWay = await files.readClaim(holder);
      if (inTheWay !== null && !inTheWay.alive) await clearDead(files, path, basename(holder), inTheWay);
      if (clock.monotonicMs() >= deadlineMs)
        throw sandboxErrors.LOCK_TIMEOUT({ path, purpose, waitedMs: waitMs, holder: describe(inTheWay) });
      await clock.sleep(Math.min(pauseMs(position, attempt), Math.max(1, deadlineMs - clock.monotonicMs())), signal);
    }
  } finally {
    await files.release(ticket);
  }
}

/** How many live callers came before us. Marks of dead ones on the way are taken away: their names never come again, so nobody else's can be hit. */
async function placeInLine(files: Files, path: string, ticket: string, purpose: string): Promise<number> {
  await files.claim(ticket, purpose);
  const waiting = (await files.list(path))
    .map(({ name }) => name)
    .filter((name) => ticketName.test(name))
    .toSorted();
  const ahead = waiting.slice(0, Math.max(0, waiting.indexOf(basename(ticket))));
  const [first] = ahead;
  if (first === undefined) return 0;
  const claim = await files.readClaim(join(path, first));
  if (claim !== null && !claim.alive) await files.release(join(path, first));
  return ahead.length;
}

/**
 * Takes the mark of a dead process away, and never one that took its place. Whoever wants to do so first has to make the one mark that is named after the dead one's text;
 * while that is held the dead one cannot change, since only its maker may remove it. If that mark's own maker died too, it is cleared in the same way.
 */
async function clearDead(files: Files, path: string, name: string, dead: Claim): Promise<void> {
  const clearing = `clearing-${createHash('sha256').update(dead.text).digest('hex').slice(0, 32)}`;
  if (await files.claim(join(path, clearing), 'clearing a lock that was left behind')) {
    try {
      const now = await files.readClaim(join(path, name));
      if (now?.text === dead.text) await files.release(join(path, name));
    } finally {
      await files.release(join(path, clearing));
    }
    return;
  }
  const other = await files.readClaim(join(path, clearing));
  if (other !== null && !other.alive) await clearDead(files, path, clearing, other);
}

const ticketName = /^\d{18}-[0-9a-f-]{36}$/;

/** Microseconds since boot, in as many digits as sort as numbers do. */
function arrival(clock: Clock): string {
  return Math.trunc(clock.monotonicMs() * 1000)
    .toString()
    .padStart(18, '0');
}

/** The first in line looks often; those behind look as often as the line could have moved up to them. */
function pauseMs(position: number, attempt: number): number {
  return position === 0 ? Math.min(1 + attempt, 20) : Math.min(2 * position, 50);
}

function describe(claim: Claim | null): string {
  if (claim === null) return 'somebody else';
  if (claim.pid === null) return 'something that is not terok';
  return `process ${claim.pid} (${claim.note})`;
}
