/** An agent that was left out: chosen from a list at a terminal, asked for elsewhere. */
import type { Roster } from '@terok/executor';
import { printable } from '@terok/sandbox';
import { canAsk, choose } from './dialog.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';

/** `named`, or the one that the person chooses. */
export async function chosenAgent(
  invocation: Invocation,
  { agents }: Roster,
  { named, question }: { readonly named?: string | undefined; readonly question: string },
): Promise<string> {
  if (named !== undefined) return named;
  if (!canAsk(invocation.world)) throw cliErrors.AGENT_NOT_NAMED({});
  return choose(
    invocation,
    question,
    [...agents.values()].map(({ name, label }) => ({ value: name, label: name, hint: printable(label) })),
  );
}
