/** Questions that a person answers at a terminal: one of several, or a line of text. */
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Choice, TextQuestion, World } from '../world/world.ts';

/** Questions are written to the standard error, so the answer of a command may go to a pipe. */
export const canAsk = ({ stdin, stderr }: Pick<World, 'stdin' | 'stderr'>): boolean => stdin.isTerminal && stderr.isTerminal;

/** Throws GIVEN_UP when the person does not choose. */
export async function choose<T>({ world }: Pick<Invocation, 'world'>, question: string, choices: readonly Choice<T>[]): Promise<T> {
  return answered(await (await world.openDialog()).choose(question, choices));
}

/** Throws GIVEN_UP when the person does not answer. */
export async function ask({ world }: Pick<Invocation, 'world'>, question: string, options?: TextQuestion): Promise<string> {
  return answered(await (await world.openDialog()).ask(question, options));
}

function answered<T>(answer: T | null): T {
  if (answer === null) throw cliErrors.GIVEN_UP({});
  return answer;
}
