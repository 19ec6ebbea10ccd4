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

/** Tells the daemon that somebody is here. With `show`, the digest that is due is shown. */
export async function offerDigest(invocation: Invocation, options: { readonly show: boolean }): Promise<void> {
  const { world } = invocation;
  if (!world.stdout.isTerminal || !world.stderr.isTerminal) return;
  try {
    await askDaemonIfThere(
      await invocation.host(),
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
  const { digest } = await daemon.request('digest', { due_only: true });
  if (digest === null) return;
  // Of several commands that end at once in one terminal session, as a rule one shows it.
  const session = { session_id: world.terminalSession };
  await daemon.request('session-opened', session);
  if (!(await daemon.request('consume-first-turn', session)).first_turn) return;
  const due = digest as Digest;
  await note.text(`\n${digestText(due, { paint: note.paint, now: (await host()).clock.now() })}`);
  note.hint('See it again with `terok digest`.');
  await daemon.request('ack', { digest_id: due.digest_id });
}
