/** Whether a command line that was written down somewhere is one that terok would take. Nothing is run. */
import { ExitCode, run } from '@stricli/core';
import { buildTerok } from './application.ts';
import { normaliseArguments } from './arguments.ts';
import { noProposals, type CommandContext } from './command-context.ts';
import { isRow, type CommandRow, type CommandTree } from './commands/row.ts';
import { commandTable } from './commands/table.ts';

/** What is wrong with the words behind `terok`, or null. Arguments that are chosen from a list at a terminal have to be there. */
export async function commandLineProblem(typed: readonly string[]): Promise<string | null> {
  const { words, unknown } = normaliseArguments(typed);
  if (unknown.length > 0) return `There is no flag \`${unknown.join('`, `')}\`.`;

  const complained: string[] = [];
  let begun = false;
  const process = {
    stdout: { write: () => undefined },
    stderr: { write: (text: string) => void complained.push(text.trim()) },
    env: {},
    exitCode: null as number | string | null,
  };
  const application = buildTerok({
    version: () => Promise.resolve(''),
    onUnknownCommand: ({ word, nearest }) => void complained.push([`There is no command \`${word}\``, ...nearest].join('; there is ')),
  });
  const context: CommandContext = {
    process,
    proposals: noProposals,
    get invocation(): never {
      throw new Error('no command begins here');
    },
    finish: () => {
      begun = true;
      return Promise.resolve();
    },
  };
  await run(application, words, { process, forCommand: () => context });
  if (process.exitCode !== ExitCode.Success) return complained.filter((text) => text !== '').join(' ') || 'It is not understood.';
  if (!begun) return words.some((word) => /^(?:-h|--help(?:-?all)?|-v|--version)$/i.test(word)) ? null : 'It names no command.';
  return missingArgument(commandTable, words);
}

/** The library has taken the words: all that can be wrong is that there are fewer than one of the usages shows. */
function missingArgument(tree: CommandTree, [name = '', ...rest]: readonly string[]): string | null {
  const entry = tree.routes[name] ?? tree.shortForms?.[name]?.row;
  if (entry === undefined) throw new Error(`the library knows a command \`${name}\` that the table does not have`);
  return isRow(entry) ? fewerThanUsages(entry, rest) : missingArgument(entry, rest);
}

function fewerThanUsages({ documentation: { usages, flags } }: CommandRow, words: readonly string[]): string | null {
  const given = positional(
    words,
    flags.filter(({ takes }) => takes !== null),
  );
  const fits = usages.some((usage) => {
    const wanted = usage.split(' ').filter((word) => word !== '' && !word.startsWith('['));
    return given.length >= wanted.length && wanted.every((word, index) => !word.includes('/') || given[index]?.includes('/') === true);
  });
  return fits ? null : `It lacks an argument: ${usages.join(' or ')}.`;
}

function positional(
  words: readonly string[],
  valued: readonly { readonly name: string; readonly letter: string | null }[],
): readonly string[] {
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  const takesNext = (word: string) => valued.some(({ name, letter }) => word === name || word === `-${letter}`);
  const before = options.filter((word, index) => !isFlag(word) && !takesNext(options[index - 1] ?? ''));
  return [...before, ...(end === -1 ? [] : words.slice(end + 1))];
}

/** A lone dash is the standard input. */
const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-';
