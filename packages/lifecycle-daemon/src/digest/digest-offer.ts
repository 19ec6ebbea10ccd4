/**
 * When a digest is shown, and what is remembered of that. Pure, over the content of `.daemon-state.json`: showing a digest changes
 * nothing, only the word that it was seen does, all at once. So no crash loses one, and none that was seen comes again.
 */
import { formatInstant, parseInstant } from '@terok/sandbox';
import { getPendingDigest, type DaemonState } from '../daemon-state.ts';
import { Digest, digestEnd, tellsTheSame, type DigestPeriod } from './digest.ts';

const sinceKey = 'x-digest-since';
const firstPeriodMs = 24 * 60 * 60_000;
const clockSlackMs = 5 * 60_000;

/** From where the person was last told to now. The first one begins a day ago, and is remembered so that it does not move. */
export function digestPeriod(state: DaemonState, now: Date): { readonly state: DaemonState; readonly period: DigestPeriod } {
  const since = sinceOf(state);
  if (since !== null && since.getTime() <= now.getTime()) return { state, period: { since, until: now } };
  const first = new Date(now.getTime() - firstPeriodMs);
  return { state: { ...state, [sinceKey]: formatInstant(first) }, period: { since: first, until: now } };
}

/** The state with the digest that waits to be shown, or with none. The same object when that tells nothing new, or was of another period. */
export function withPendingDigest(state: DaemonState, digest: Digest | null, period: DigestPeriod): DaemonState {
  if (sinceOf(state)?.getTime() !== period.since.getTime()) return state;
  const { pending_digest: before, ...rest } = state;
  if (digest === null) return before === undefined ? state : rest;
  const known = pendingDigest(state);
  return known !== null && tellsTheSame(known, digest) ? state : { ...state, pending_digest: digest };
}

/** What waits, whether it is due or not. A value of another release or shape is none. */
export function pendingDigest(state: DaemonState): Digest | null {
  const parsed = Digest.safeParse(Object.hasOwn(state, 'pending_digest') ? state['pending_digest'] : null);
  return parsed.success ? parsed.data : null;
}

/** The digest to show now: null while the last one was seen less than 18 hours ago. Asking changes nothing. */
export function offeredDigest(state: DaemonState, now: Date): { readonly digest: Digest; readonly digest_id: string } | null {
  if (getPendingDigest(state, now).digest === null) return null;
  const digest = pendingDigest(state);
  return digest === null ? null : { digest, digest_id: digest.digest_id };
}

/**
 * The person has seen the digest of this name: the next period begins where its own ended, also when another one has been made
 * meanwhile, which is dropped to be made again. False for a name that is none, was seen before, or is of a time to come.
 */
export function acknowledgeDigest(
  state: DaemonState,
  digestId: string,
  now: Date,
): { readonly state: DaemonState; readonly acknowledged: boolean } {
  const until = digestEnd(digestId);
  const since = sinceOf(state);
  if (until === null || until.getTime() > now.getTime() + clockSlackMs || (since !== null && until.getTime() <= since.getTime()))
    return { state, acknowledged: false };
  const { pending_digest: _, ...rest } = state;
  return { state: { ...rest, last_digest_shown_at: formatInstant(now), [sinceKey]: formatInstant(until) }, acknowledged: true };
}

function sinceOf(state: DaemonState): Date | null {
  const since = Object.hasOwn(state, sinceKey) ? state[sinceKey] : undefined;
  return typeof since === 'string' ? parseInstant(since) : null;
}
