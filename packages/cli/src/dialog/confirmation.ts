/** A yes before something is destroyed. */
import { canAsk } from './dialog.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';

export type Confirmation = {
  /** A whole question: `Remove project demo?` */
  readonly question: string;
  /** What needs the yes, as the start of a sentence: `Removing a project`. */
  readonly action: string;
  readonly yes: boolean;
  /** Without a terminal nobody can answer: go on where nothing is lost, else refuse. */
  readonly withoutTerminal: 'go_on' | 'refuse';
};

export async function confirm({ note, world }: Invocation, { question, action, yes, withoutTerminal }: Confirmation): Promise<void> {
  if (yes) return;
  if (!canAsk(world)) {
    if (withoutTerminal === 'refuse') throw cliErrors.CONFIRMATION_NEEDED({ action });
    return;
  }
  await note.text(`${question} [y/N] `);
  const answer = await world.stdin.line();
  if (!/^y(?:es)?$/i.test(answer?.trim() ?? '')) throw cliErrors.CONFIRMATION_DECLINED({});
}
