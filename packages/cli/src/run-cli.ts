/** A command line from its words to its exit code. Nothing escapes: what a person can mend is told as an error, anything else as a bug of ours. */
import { ExitCode, run } from '@stricli/core';
import { exitStatus, printable, stripControl, TerokError } from '@terok/sandbox';
import { buildTerok, type UnknownCommand } from './application.ts';
import { normaliseArguments } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { cliErrors } from './errors.ts';
import { invocationIn } from './invocation.ts';
import { colourWanted } from './output/colour.ts';
import type { Note } from './output/note.ts';
import { versionOfTerok, versionsForBugReport } from './versions.ts';
import type { World } from './world.ts';

export async function runCli(words: readonly string[], world: World): Promise<number> {
  const invocation = invocationIn(world);
  try {
    const arguments_ = normaliseArguments(words);
    return await runWords(arguments_, world, invocation);
  } catch (error) {
    return reportFailure(invocation.note, error);
  }
}

async function runWords({ words, unknown }: ReturnType<typeof normaliseArguments>, world: World, invocation: CommandContext['invocation']): Promise<number> {
  if (unknown.length > 0) return reportUsage(invocation.note, unknown.map((flag) => `There is no flag \`${printable(flag)}\`.`), 'terok');

  const said: string[] = [];
  const help: string[] = [];
  const outcome: { exitCode?: number; failure?: unknown; failed?: true; unknown?: UnknownCommand; command: string } = { command: 'terok' };
  const colour = colourWanted(world.environment, world.stdout.isTerminal);
  const process = {
    stdout: { write: (text: string) => void help.push(text), getColorDepth: () => (colour ? 4 : 1) },
    stderr: { write: (text: string) => void said.push(text) },
    env: {},
    exitCode: null as number | string | null,
  };
  const finish = async (body: () => Promise<number | void>) => {
    try {
      outcome.exitCode = (await body()) ?? exitStatus.ok;
    } catch (error) {
      outcome.failed = true;
      outcome.failure = error;
    }
  };

  await run(buildTerok({ version: versionOfTerok(), onUnknownCommand: (unknown) => (outcome.unknown = unknown) }), words, {
    process,
    forCommand: ({ prefix }) => {
      outcome.command = prefix.join(' ');
      return { process, invocation, finish };
    },
  });

  if (help.length > 0) await invocation.out.text(help.join(''));
  if (outcome.failed) throw outcome.failure;
  if (outcome.unknown !== undefined) throw cliErrors.COMMAND_UNKNOWN({ ...outcome.unknown, command: commandBefore(words, outcome.unknown.word) });
  if (process.exitCode === ExitCode.InvalidArgument) return reportUsage(invocation.note, said.map((line) => line.trimEnd()), outcome.command);
  if (process.exitCode !== ExitCode.Success) throw new Error(said.join('') || `the command library ended with ${String(process.exitCode)}`);
  return outcome.exitCode ?? exitStatus.ok;
}

/** The words that led to the unknown one. */
const commandBefore = (words: readonly string[], unknown: string) => ['terok', ...words.slice(0, words.findIndex((word) => printable(word) === unknown))].join(' ');

function reportUsage(note: Note, problems: readonly string[], command: string): number {
  const errors = problems.map((problem) => cliErrors.USAGE({ problem, command }));
  for (const error of errors) note.error(error.message);
  const hint = errors[0]?.hint;
  if (hint !== undefined) note.hint(hint);
  return exitStatus.usage;
}

function reportFailure(note: Note, error: unknown): number {
  if (error instanceof TerokError) {
    note.error(error.message);
    if (error.hint !== undefined) note.hint(error.hint);
    return error.exitCode;
  }
  note.error('This is a bug in terok.');
  note.say(stripControl(error instanceof Error ? (error.stack ?? String(error)) : String(error)));
  note.say(versionsForBugReport());
  return exitStatus.bug;
}
