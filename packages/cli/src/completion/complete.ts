/**
 * What the shells ask on every Tab: the words up to the cursor in, one candidate per line out, `VALUE<TAB>DESCRIPTION`; `:files` or
 * `:directories` leaves it to the shell. Whatever goes wrong, the person is typing: nothing is proposed, and the
 * scripts throw the standard error away.
 */
import { proposeCompletions, type InputCompletion } from '@stricli/core';
import { printable } from '@terok/sandbox';
import { buildTerok } from '../application.ts';
import { invocationIn, type Invocation } from '../invocation.ts';
import type { World } from '../world/world.ts';
import { proposalsFor, wordsAfter, type LiveProposals } from './live-proposals.ts';
import { splitFlagValue } from './typed-words.ts';

export async function completeWords(typed: readonly string[], world: World): Promise<number> {
  try {
    const invocation = invocationIn(world);
    const lines = await candidateLines(typed, invocation, (words, command) => proposalsFor(invocation, words, command));
    await world.stdout.write(lines.map((line) => `${line}\n`).join(''));
  } catch {
    // Not even a bug is worth a message in the middle of somebody's line.
  }
  return 0;
}

/** `proposalsOf` is asked with the words before the cursor's and those of them that name the command. */
export async function candidateLines(
  typed: readonly string[],
  invocation: Invocation,
  proposalsOf: (words: readonly string[], command: readonly string[]) => LiveProposals,
): Promise<readonly string[]> {
  const { words, before } = splitFlagValue(typed);
  let proposals: LiveProposals | undefined;
  let awaitsValue = false;
  const ignore = { write: () => undefined };
  const found = await proposeCompletions(buildTerok({ version: () => Promise.resolve(''), onUnknownCommand: () => undefined }), words, {
    process: { stdout: ignore, stderr: ignore },
    forCommand({ prefix }) {
      proposals = proposalsOf(words.slice(0, -1), prefix);
      awaitsValue = wordsAfter(words.slice(0, -1), prefix).awaiting !== null;
      return { process: { stdout: ignore, stderr: ignore }, invocation, proposals, finish: () => Promise.resolve() };
    },
  });
  const places = proposals?.placeKind() ?? null;
  const lines = wanted(found, { partial: words.at(-1) ?? '', placed: places !== null, awaitsValue }).map(({ completion, brief }) => {
    const description = proposals?.descriptionOf(completion) ?? brief;
    return `${before}${completion}\t${printable(description)}`;
  });
  return [...lines, ...(places === null ? [] : [`:${places}`])];
}

type Place = { readonly partial: string; readonly placed: boolean; readonly awaitsValue: boolean };

/** Flags are proposed to whoever typed a dash, or where there is nothing else; where the value of one is wanted, no other is. */
function wanted(found: readonly InputCompletion[], { partial, placed, awaitsValue }: Place): readonly InputCompletion[] {
  const others = found.filter(({ kind }) => kind !== 'argument:flag');
  if (awaitsValue) return others;
  const flags = found.filter(({ kind, completion }) => kind === 'argument:flag' && completion !== '--');
  return partial.startsWith('-') || (others.length === 0 && !placed) ? [...others, ...flags] : others;
}
