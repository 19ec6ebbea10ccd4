/** The digest, made anew by the running daemon: one at a time, and told to the log when it says something new. */
import { printable, TerokError } from '@terok/sandbox';
import type { Bag } from './daemon-bag.ts';
import { rebuildDigest, type DigestContext, type DigestSources } from './digest/rebuild-digest.ts';
import type { DispatchContext, Dispatcher } from './dispatch.ts';
import { lifecycleErrors } from './errors.ts';
import { eventsSince } from './event-log.ts';
import { oneAtATime } from './one-at-a-time.ts';

export type DigestMaker = {
  readonly bag: Bag;
  readonly dispatcher: Dispatcher;
  readonly collect: DigestSources['collect'];
};

/** What it returns makes the digest; who asks while one waits for its turn gets that one. DIGEST_FAILED when what became of the tasks cannot be learned: the digest of before stays. */
export function digestMaker(ctx: DispatchContext & DigestContext, { bag, dispatcher, collect }: DigestMaker): () => Promise<void> {
  const inTurn = oneAtATime();
  const sources: Omit<DigestSources, 'record'> = {
    update: (change) => bag.update(change),
    eventsSince: (since) => eventsSince(ctx, since),
    collect: async (period) => {
      try {
        return await collect(period);
      } catch (error) {
        throw lifecycleErrors.DIGEST_FAILED(
          { problem: printable(error instanceof Error ? error.message : String(error)).slice(0, 500) },
          error,
        );
      }
    },
  };
  let waiting: Promise<void> | null = null;
  return () =>
    (waiting ??= inTurn(async () => {
      waiting = null;
      const before = bag.state()['pending_digest'];
      try {
        const digest = await rebuildDigest(ctx, { ...sources, record: dispatcher.record() });
        if (digest !== null && bag.state()['pending_digest'] !== before)
          await dispatcher.tell({ event: 'digest_built', digest_id: digest.digest_id });
      } catch (error) {
        if (error instanceof TerokError) await dispatcher.tell({ event: 'digest_failed', problem: error.message });
        throw error;
      }
    }));
}
