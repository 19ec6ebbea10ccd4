/**
 * How a newer release takes the place of an older one that still has to finish its step: it waits until the other has ended, and begins then. One
 * waits at a time, however many were started for it.
 */
import { join } from 'node:path';
import { compareVersions, lockHolder, TerokError, withFileLock, type Files, type Paths } from '@terok/sandbox';
import { eventsSince, type EventLogContext } from './event-log.ts';
import { runningDaemon, type WriterContext } from './socket/single-writer.ts';

export type SuccessionContext = WriterContext & EventLogContext;

/** Only a version that reads like one counts: no word that a client sends ends the daemon by chance. */
export function isNewerRelease(version: string | null, own: string): boolean {
  return version !== null && /^\d+\.\d+\.\d+/.test(version) && compareVersions(version, own) > 0;
}

/** Whether a process waits already for the daemon that runs to end. */
export async function isSuccessorWaiting(ctx: { readonly files: Files; readonly paths: Pick<Paths, 'lifecycle'> }): Promise<boolean> {
  return (await lockHolder(ctx, successorLock(ctx.paths))) !== null;
}

/**
 * Waits for a daemon of an older release to end. True: begin; that is the answer, too, where none of an older release runs. False: another process
 * waits already, somebody ended the old one because they want none, the signal aborted, or it did not end in two hours.
 */
export async function awaitTurn(
  ctx: SuccessionContext,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<boolean> {
  if (!(await isOlderRunning(ctx, version))) return true;
  try {
    return await withFileLock(
      ctx,
      successorLock(ctx.paths),
      { purpose: 'waiting for the older lifecycle daemon to end', waitMs: otherWaiterMs, signal },
      () => olderEnded(ctx, version, signal),
    );
  } catch (error) {
    if (signal.aborted || (error instanceof TerokError && error.code === 'LOCK_TIMEOUT')) return false;
    throw error;
  }
}

/** Longer than any step may take. */
const patienceMs = 2 * 60 * 60_000;
const lookMs = 500;
const rememberedMs = 24 * 60 * 60_000;
/** Long enough to find out that whoever waited is dead. */
const otherWaiterMs = 2000;

const successorLock = ({ lifecycle }: Pick<Paths, 'lifecycle'>): string => join(lifecycle, 'successor.lock');

async function olderEnded(ctx: SuccessionContext, version: string, signal: AbortSignal): Promise<boolean> {
  const deadlineMs = ctx.clock.monotonicMs() + patienceMs;
  while (await isOlderRunning(ctx, version)) {
    if (ctx.clock.monotonicMs() >= deadlineMs) return false;
    await ctx.clock.sleep(lookMs, signal);
  }
  return isDaemonWanted(ctx);
}

/** Unless the last thing that was heard of a daemon is that somebody ended it. Certain for the one that holds its place: nobody else writes then. */
export async function isDaemonWanted(ctx: SuccessionContext): Promise<boolean> {
  const events = await eventsSince(ctx, new Date(ctx.clock.now().getTime() - rememberedMs));
  const last = events.findLast(({ event }) => event === 'daemon_started' || event === 'daemon_stopped');
  return last?.event !== 'daemon_stopped' || !endedForGood.has(last['reason']);
}

/** Why a daemon ended that somebody wanted to be gone. */
const endedForGood: ReadonlySet<unknown> = new Set(['shutdown', 'signal']);

async function isOlderRunning(ctx: SuccessionContext, version: string): Promise<boolean> {
  const running = await runningDaemon(ctx);
  return running !== null && isNewerRelease(version, running.version ?? version);
}
