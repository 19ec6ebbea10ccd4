/** Makes the digest anew from what is on disk, and keeps it: in the daemon's state, and as a copy that anybody of the user can read. */
import { readText, TerokError, type Files, type Paths } from '@terok/sandbox';
import { loadDaemonState, type DaemonState } from '../daemon-state.ts';
import { eventsSince, type EventLogContext } from '../event-log.ts';
import { loadLifecycleState, type LifecycleContext, type LifecycleStateRecord } from '../lifecycle-state.ts';
import { buildDigest, Digest, type DigestPeriod, type TaskFacts } from './digest.ts';
import { digestPeriod, pendingDigest, withPendingDigest } from './digest-offer.ts';
import { sleepFacts } from './sleep-facts.ts';

export type DigestContext = { readonly clock: { now(): Date }; readonly files: Files; readonly paths: Pick<Paths, 'digest'> };

/** Makes the next state of the one at hand, keeps it if it is another object, and returns it; nothing comes in between. */
export type UpdateDaemonState = (change: (state: DaemonState) => DaemonState) => Promise<DaemonState>;

export type DigestSources = {
  readonly update: UpdateDaemonState;
  readonly record: LifecycleStateRecord;
  /** The lines of the event log from a moment on, in their order. */
  readonly eventsSince: (since: Date) => Promise<readonly unknown[]>;
  /** What became of the tasks; rejects when that cannot be learned, and then the digest of before stays. */
  readonly collect: (period: DigestPeriod) => Promise<TaskFacts>;
};

/** What waits to be shown afterwards. What was acknowledged while the facts were gathered is not brought back. */
export async function rebuildDigest(
  ctx: DigestContext,
  { update, record, eventsSince: linesSince, collect }: DigestSources,
): Promise<Digest | null> {
  const now = ctx.clock.now();
  const begun = await update((state) => digestPeriod(state, now).state);
  const { period } = digestPeriod(begun, now);
  const [tasks, events] = [await collect(period), await linesSince(period.since)];
  const digest = buildDigest(period, tasks, sleepFacts(events, record, now));
  const kept = pendingDigest(await update((state) => withPendingDigest(state, digest, period)));
  if (kept !== null && kept.digest_id !== (await readDigestCopy(ctx))?.digest_id)
    await ctx.files.replace(ctx.paths.digest, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 });
  return kept;
}

/** The digest as it would be made now, where no daemon runs to make it. Keeps nothing, so that it counts as unseen. */
export async function currentDigest(
  ctx: LifecycleContext & { readonly paths: EventLogContext['paths'] },
  { collect }: Pick<DigestSources, 'collect'>,
): Promise<Digest | null> {
  const now = ctx.clock.now();
  const { period } = digestPeriod(await loadDaemonState(ctx), now);
  const { record } = await loadLifecycleState(ctx);
  return buildDigest(period, await collect(period), sleepFacts(await eventsSince(ctx, period.since), record, now));
}

const copyMaxBytes = 1024 * 1024;

/** The digest that was last made, seen or not; null when there is none, or none that can be read. */
export async function readDigestCopy({ files, paths }: Pick<DigestContext, 'files' | 'paths'>): Promise<Digest | null> {
  const text = await readText(files, paths.digest, { maxBytes: copyMaxBytes }).catch(nullIfUnusable);
  const parsed = Digest.safeParse(parsedJson(text));
  return parsed.success ? parsed.data : null;
}

/** A copy that is damaged is made again; a link in its place is refused when it is written. */
function nullIfUnusable(error: unknown): null {
  if (error instanceof TerokError) return null;
  throw error;
}

function parsedJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
