/** One row of the command table, before the command library sees it. */
import { buildCommand, type BaseArgs, type BaseFlags, type Command, type TypedCommandParameters } from '@stricli/core';
import type { z } from '@terok/sandbox';
import type { CommandContext } from '../command-context.ts';
import type { Invocation } from '../invocation.ts';
import { fitted } from './fitted.ts';
import { argumentWords, documented, usageLine, type Documentation } from './usage.ts';

/** Resolves to the exit code; nothing means 0. */
export type CommandBody<FLAGS, ARGS extends readonly unknown[]> = (
  invocation: Invocation,
  flags: FLAGS,
  ...args: ARGS
) => Promise<number | void>;

export type CommandRow = {
  readonly kind: 'command';
  readonly brief: string;
  readonly command: Command<CommandContext>;
  readonly documentation: Documentation;
  /** What `--json` prints, where the command has it. */
  readonly json: (() => Promise<z.core.$ZodType>) | undefined;
};

export type CommandTree = {
  readonly brief: string;
  readonly routes: { readonly [name: string]: CommandRow | CommandTree };
  /** Shorter words for rows that stand deeper in the tree. They work everywhere and are shown in one sentence. */
  readonly shortForms?: { readonly [name: string]: ShortForm };
};
export type ShortForm = { readonly row: CommandRow; readonly for: string };

export const isRow = (entry: CommandRow | CommandTree): entry is CommandRow => 'command' in entry;

/** Every row of a tree with the words that lead to it, in the order of the table; short forms are no rows of their own. */
export function rowsOf(
  { routes }: CommandTree,
  before: readonly string[] = [],
): readonly (readonly [words: readonly string[], row: CommandRow])[] {
  return Object.entries(routes).flatMap(([name, entry]) => {
    const words = [...before, name];
    return isRow(entry) ? [[words, entry] as const] : rowsOf(entry, words);
  });
}

type Row<FLAGS extends BaseFlags, ARGS extends BaseArgs> = {
  readonly load: () => Promise<CommandBody<FLAGS, ARGS>>;
  readonly json?: () => Promise<z.core.$ZodType>;
  readonly brief: string;
  readonly description?: string;
  /** Replaces the positional arguments in the usage lines. */
  readonly usage?: readonly string[];
};

/** The parameters are checked against what the loaded command takes. */
export function command<const FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>, const ARGS extends BaseArgs>(
  row: Row<FLAGS, ARGS> & NoInfer<TypedCommandParameters<FLAGS, ARGS, CommandContext>>,
): CommandRow {
  const { load, json, brief, description, usage } = row;
  const positionalUsages = usage ?? [argumentWords(row)];
  const built = buildCommand<FLAGS, ARGS, CommandContext>({
    loader: async () => {
      const body = await load();
      return function (flags, ...args) {
        return this.finish(() => body(this.invocation, flags, ...args));
      };
    },
    parameters: row,
    docs: {
      brief,
      ...(description === undefined ? {} : { fullDescription: `${brief}.\n${description}` }),
      ...(positionalUsages.some((words) => usageLine(row, words) !== '')
        ? { customUsage: positionalUsages.map((words) => usageLine(row, words)) }
        : {}),
    },
  });
  const formatUsageLine: typeof built.formatUsageLine = ({ prefix }) => [...prefix, positionalUsages[0]].join(' ').trimEnd();
  const formatHelp: typeof built.formatHelp = (args) => fitted(built.formatHelp(args));
  return {
    kind: 'command',
    brief,
    json,
    documentation: documented(row, positionalUsages),
    command: { ...built, formatUsageLine, formatHelp },
  };
}
