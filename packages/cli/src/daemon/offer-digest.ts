/**
 * The morning digest, shown once at the first command that a person runs at a terminal. What the person came for goes first and never
 * depends on it: whatever is wrong here is kept silent, and the digest waits on. It is acknowledged when it stands there: whoever dies
 * before that is shown it again.
 */
import type { DaemonClient, Digest } from '@terok/lifecycle-daemon';
import { TerokError } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { digestText } from '../output/digest-text.ts';
import { askDaemonIfThere } from './ask-daemon.ts';

/** Nobody waits for a digest. */
const patienceMs = 500;
/** What was shown is not to be shown again because the machine is busy. */
const ackPatienceMs = 10_000;

/** Tells the daemon that somebody is here. With `show`, the digest that is due is shown. */
export async function offerDigest(invocation: Invocation, options: { readonly show: boolean }): Promise<void> {
  const { world } = invocation;
  if (!world.stdout.isTerminal || !world.stderr.isTerminal) return;
  try {
    await askDaemonIfThere(
      invocation,
      async (daemon) => {
        // That somebody is there keeps the daemon awake, and ends what it does while nobody is.
        await daemon.request('wake', { reason: 'a command at a terminal' });
        if (options.show) await show(invocation, daemon);
      },
      patienceMs,
    );
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
  }
}

async function show({ host, note, world }: Invocation, daemon: DaemonClient): Promise<void> {
  // Of several commands that end at once one gets it, and has it while its connection lasts: whoever goes without a word gives it back.
  const { digest } = await daemon.request('claim-digest', { session_id: world.terminalSession });
  if (digest === null) return;
  const due = digest as Digest;
  let lost = false;
  const forget = world.stderr.onLost(() => (lost = true));
  await note.text(`\n${digestText(due, { paint: note.paint, now: (await host()).clock.now() })}`);
  note.hint('See it again with `terok digest`.');
  forget();
  if (!lost) await daemon.request('ack', { digest_id: due.digest_id }, { deadlineMs: ackPatienceMs });
}
