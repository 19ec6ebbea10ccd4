/** What happened since a person was last told. */
import { currentDigest, readDigestCopy, type Digest } from '@terok/lifecycle-daemon';
import { digestFacts } from '../daemon-steps/digest-facts.ts';
import { askDaemonIfThere } from '../daemon/ask-daemon.ts';
import type { Invocation } from '../invocation.ts';
import type { DigestJson } from '../json/daemon-json.ts';
import { digestText } from '../output/digest-text.ts';

export type DigestFlags = { readonly json?: boolean; readonly ack?: boolean };

/** At a terminal that is still there it has been seen, and the next one begins where it ends; elsewhere only `--ack` says so. Without a daemon it is made here and now, and stays unseen. */
export async function runDigest(invocation: Invocation, flags: DigestFlags): Promise<void> {
  const { host, out, world } = invocation;
  let lost = false;
  const forget = world.stdout.onLost(() => (lost = true));
  const opened = await host();
  const asked = await askDaemonIfThere(invocation, async (daemon) => {
    const waiting = (await daemon.request('digest', {})).digest as Digest | null;
    await print(invocation, waiting ?? (await readDigestCopy(opened)), { ...flags, seen: waiting === null });
    if (waiting !== null && (flags.ack ?? (out.isTerminal && !flags.json && !lost)))
      await daemon.request('ack', { digest_id: waiting.digest_id });
  });
  forget();
  if (asked === null) await print(invocation, await digestHere(invocation), { ...flags, seen: false });
}

async function digestHere({ engine }: Invocation): Promise<Digest | null> {
  const ctx = await engine();
  return currentDigest(ctx, { collect: (period) => digestFacts(ctx, period) });
}

async function print(
  { host, out, note }: Invocation,
  digest: Digest | null,
  { json, seen }: DigestFlags & { readonly seen: boolean },
): Promise<void> {
  if (json) return out.json({ digest } satisfies DigestJson);
  if (digest === null) return note.say('There is nothing to tell yet.');
  if (seen) note.say('Nothing new. The last one was:');
  await out.text(digestText(digest, { paint: out.paint, now: (await host()).clock.now() }));
}
