/**
 * What the shells ask on every Tab: the words up to the cursor in, one candidate per line out, `VALUE<TAB>DESCRIPTION`; `:files` or
 * `:directories` leaves it to the shell. Whatever goes wrong, the person is typing: nothing is proposed, and the
 * scripts throw the standard error away.
 */
import { proposeCompletions, type InputCompletion } from '@stricli/core';
import { printable } from '@terok/sandbox';
import { buildTerok } from '../application.ts';
import { invocationIn, type Invocation } from '../invocation.ts';
import type { World } from '../world.ts';
import { proposalsFor, type LiveProposals } from './live-proposals.ts';

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
  const ignore = { write: () => undefined };
  const found = await proposeCompletions(buildTerok({ version: () => Promise.resolve(''), onUnknownCommand: () => undefined }), words, {
    process: { stdout: ignore, stderr: ignore },
    forCommand({ prefix }) {
      proposals = proposalsOf(words.slice(0, -1), prefix);
      return { process: { stdout: ignore, stderr: ignore }, invocation, proposals, finish: () => Promise.resolve() };
    },
  });
  const places = proposals?.placeKind() ?? null;
  const lines = wanted(found, { partial: words.at(-1) ?? '', placed: places !== null }).map(({ completion, brief }) => {
    const description = proposals?.descriptionOf(completion) ?? brief;
    return `${before}${completion}\t${printable(description)}`;
  });
  return [...lines, ...(places === null ? [] : [`:${places}`])];
}

/** `--flag=VALUE` is two words to the library; `before` goes back in front of what comes for the second. */
function splitFlagValue(typed: readonly string[]): { readonly words: readonly string[]; readonly before: string } {
  const last = typed.at(-1) ?? '';
  const flag = /^--[a-z][a-z-]*(?==)/.exec(last)?.[0];
  if (flag === undefined) return { words: typed.length === 0 ? [''] : typed, before: '' };
  return { words: [...typed.slice(0, -1), flag, last.slice(flag.length + 1)], before: `${flag}=` };
}

/** Flags are proposed to whoever typed a dash, or where there is nothing else. */
function wanted(
  found: readonly InputCompletion[],
  { partial, placed }: { readonly partial: string; readonly placed: boolean },
): readonly InputCompletion[] {
  const others = found.filter(({ kind }) => kind !== 'argument:flag');
  const flags = found.filter(({ kind, completion }) => kind === 'argument:flag' && completion !== '--');
  return partial.startsWith('-') || (others.length === 0 && !placed) ? [...others, ...flags] : others;
}
