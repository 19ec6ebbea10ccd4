/** The command table as the command library's application. */
import {
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  help,
  text_en,
  version as printVersion,
  type Application,
  type ApplicationText,
  type RouteMap,
} from '@stricli/core';
import { printable } from '@terok/sandbox';
import { commandTable } from './commands/table.ts';
import { fitted } from './commands/fitted.ts';
import { isRow, rowsOf, type CommandTree, type ShortForm } from './commands/row.ts';
import type { CommandContext } from './command-context.ts';
import { errorMessage } from './error-message.ts';

/** `elsewhere`: commands of that name in other groups, with the words that lead to them. */
export type UnknownCommand = { readonly word: string; readonly nearest: readonly string[]; readonly elsewhere: readonly string[] };
export type ApplicationOptions = { readonly version: () => Promise<string>; readonly onUnknownCommand: (unknown: UnknownCommand) => void };

export function buildTerok({ version, onUnknownCommand }: ApplicationOptions): Application<CommandContext> {
  return buildApplication(
    routeMap(commandTable),
    {
      name: 'terok',
      scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
      completion: { includeHiddenRoutes: true, includeAliases: false },
      localization: { text: applicationText(onUnknownCommand) },
    },
    {
      help: help({
        brief: 'Print this help',
        complete: true,
        defaultForRouteMap: true,
        formatting: { useAliasInUsageLine: false, onlyRequiredInUsageLine: true, caseStyle: 'convert-camel-to-kebab' },
      }),
      version: printVersion({ brief: 'Print the version', complete: true, info: { getCurrentVersion: version } }),
    },
  );
}

function routeMap({ brief, routes, shortForms = {} }: CommandTree): RouteMap<CommandContext> {
  const entries = Object.entries(routes).map(([name, entry]) => [name, isRow(entry) ? entry.command : routeMap(entry)] as const);
  const short = Object.entries(shortForms);
  const built = buildRouteMap({
    routes: Object.fromEntries([...entries, ...short.map(([name, { row }]) => [name, row.command] as const)]),
    docs: {
      brief,
      hideRoute: Object.fromEntries(short.map(([name]) => [name, true])),
      ...(short.length === 0 ? {} : { fullDescription: `${brief}\n${shortFormsSentence(short)}` }),
    },
  });
  return { ...built, formatHelp: (args) => fitted(built.formatHelp(args)) };
}

const shortFormsSentence = (short: readonly (readonly [string, ShortForm])[]) =>
  `Short forms: ${short.map(([name, form]) => `\`${name}\` for \`${form.for}\``).join(', ')}.`;

/** What a person typed comes back through `printable`; what is not theirs to mend is thrown on. */
function applicationText(onUnknownCommand: ApplicationOptions['onUnknownCommand']): ApplicationText {
  return {
    ...text_en,
    briefs: { ...text_en.briefs, argumentEscapeSequence: 'Everything after this is an argument' },
    noCommandRegisteredForInput({ input, corrections }) {
      onUnknownCommand({
        word: printable(input),
        nearest: input === '' ? [] : corrections.map((correction) => correction.replaceAll('`', '')),
        elsewhere: rowsOf(commandTable).flatMap(([words]) => (words.at(-1) === input ? [words.join(' ')] : [])),
      });
      return '';
    },
    exceptionWhileParsingArguments(exception) {
      if (!(exception instanceof ArgumentScannerError)) throw exception;
      return printable(
        formatMessageForArgumentScannerError(exception, {
          ArgumentParseError: ({ input, externalFlagNameOrPlaceholder, exception: reason }) =>
            input === ''
              ? `${flagOrArgument(externalFlagNameOrPlaceholder)} is given, and empty.`
              : `\`${input}\` does not fit ${flagOrArgument(externalFlagNameOrPlaceholder)}: ${errorMessage(reason)}.`,
          FlagNotFoundError: ({ input, corrections }) =>
            `There is no flag \`--${input}\`${corrections.length === 0 ? '.' : `; did you mean ${corrections.map((name) => `\`--${name}\``).join(' or ')}?`}`,
          AliasNotFoundError: ({ input }) => `There is no flag \`-${input}\`.`,
          UnexpectedPositionalError: ({ input }) => `\`${input}\` is one word too many.`,
          UnsatisfiedPositionalError: ({ placeholder }) => `${placeholder} is missing.`,
          UnsatisfiedFlagError: ({ externalFlagName }) => `\`--${externalFlagName}\` needs a value.`,
          UnexpectedFlagError: ({ externalFlagName }) => `\`--${externalFlagName}\` is given twice.`,
          EnumValidationError: ({ externalFlagName, input, values }) =>
            `\`${input}\` does not fit \`--${externalFlagName}\`: one of ${values.join(', ')} is expected.`,
        }),
      );
    },
    exceptionWhileLoadingCommandFunction: rethrow,
    exceptionWhileRunningCommand: rethrow,
    exceptionWhileLoadingCommandContext: rethrow,
  };
}

const flagOrArgument = (name: string) => (name === name.toUpperCase() ? name : `\`--${name}\``);

function rethrow(exception: unknown): never {
  throw exception;
}
