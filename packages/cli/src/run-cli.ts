/** A command line from its words to its exit code. Nothing escapes: what a person can mend is told as an error, anything else as a bug of ours. */
import { ExitCode, run } from '@stricli/core';
import { exitStatus, printable, stripControl, TerokError } from '@terok/sandbox';
import { buildTerok, type UnknownCommand } from './application.ts';
import { normaliseArguments } from './arguments.ts';
import { noProposals } from './command-context.ts';
import { cliErrors } from './errors.ts';
import { invocationIn, type Invocation } from './invocation.ts';
import { colourWanted } from './output/colour.ts';
import type { Note } from './output/note.ts';
import { completionWord } from './recorded/recorded-answer.ts';
import { shownVersions } from './versions/recorded-versions.ts';
import type { World } from './world/world.ts';

export async function runCli(typed: readonly string[], world: World): Promise<number> {
  if (typed[0] === completionWord) return (await import('./completion/complete.ts')).completeWords(typed.slice(1), world);
  const invocation = invocationIn(world);
  try {
    const { words, unknown } = normaliseArguments(typed);
    if (unknown.length > 0)
      return reportUsage(
        invocation.note,
        unknown.map((flag) => `There is no flag \`${printable(flag)}\`.`),
        'terok',
      );
    return await runWords(words, world, invocation);
  } catch (error) {
    return reportFailure(invocation.note, error);
  }
}

/** What the library and the command left behind, to be told once both are through. */
type Outcome = {
  /** The words of the command that was found. */
  command: string;
  /** What the library wrote: help or the version on one side, what is wrong with the arguments on the other. */
  readonly answered: string[];
  readonly complained: string[];
  unknown?: UnknownCommand;
  /** Of the command itself; it may have thrown anything. */
  ending?: { readonly exitCode: number } | { readonly thrown: unknown };
};

async function runWords(words: readonly string[], world: World, invocation: Invocation): Promise<number> {
  const outcome: Outcome = { command: 'terok', answered: [], complained: [] };
  const libraryCode = await runLibrary(words, world, invocation, outcome);

  const { ending, unknown, answered, complained, command } = outcome;
  if (answered.length > 0) await invocation.out.text(answered.join(''));
  if (ending !== undefined) {
    if ('thrown' in ending) throw ending.thrown;
    // Nothing is loaded where nobody could see a digest.
    if (!quiet.test(command) && world.stdout.isTerminal) {
      const { offerDigest } = await import('./daemon/offer-digest.ts');
      await offerDigest(invocation, { show: !endTelling.test(command) && !words.includes('--json') });
    }
    return ending.exitCode;
  }
  if (unknown !== undefined) throw cliErrors.COMMAND_UNKNOWN({ ...unknown, command: wordsBefore(words, unknown.word) });
  if (libraryCode === ExitCode.InvalidArgument) return reportUsage(invocation.note, complained, command);
  if (libraryCode !== ExitCode.Success) throw new Error(complained.join('\n') || `the command library ended with ${String(libraryCode)}`);
  return exitStatus.ok;
}

/** Commands that are about the daemon and its digest themselves, or about nothing on this machine. */
const quiet = /^terok (?:daemon|digest|completions|version|uninstall)\b/;

/** Commands that have just told how a task ended: a digest of the same is no news. */
const endTelling = /^terok (?:task )?(?:run|follow-up|wait)\b/;

/** The library is given streams of its own, so that everything a person sees is written in one place. */
async function runLibrary(
  words: readonly string[],
  { environment, stdout }: World,
  invocation: Invocation,
  outcome: Outcome,
): Promise<number | string | null> {
  const colour = colourWanted(environment, stdout.isTerminal);
  const process = {
    stdout: { write: (text: string) => void outcome.answered.push(text), getColorDepth: () => (colour ? 4 : 1) },
    stderr: { write: (text: string) => void outcome.complained.push(text.trimEnd()) },
    env: {},
    exitCode: null as number | string | null,
  };
  const finish = async (body: () => Promise<number | void>) => {
    try {
      outcome.ending = { exitCode: (await body()) ?? exitStatus.ok };
    } catch (thrown) {
      outcome.ending = { thrown };
    }
  };
  await run(buildTerok({ version: versionOfTerok, onUnknownCommand: (word) => (outcome.unknown = word) }), words, {
    process,
    forCommand({ prefix }) {
      outcome.command = prefix.join(' ');
      return { process, invocation, proposals: noProposals, finish };
    },
  });
  return process.exitCode;
}

/** The words that led to the unknown one. */
const wordsBefore = (words: readonly string[], unknown: string) =>
  [
    'terok',
    ...words.slice(
      0,
      words.findIndex((word) => printable(word) === unknown),
    ),
  ].join(' ');

function reportUsage(note: Note, problems: readonly string[], command: string): number {
  for (const problem of problems) note.error(problem);
  note.hint(`See \`${command} --help\`.`);
  return exitStatus.usage;
}

async function reportFailure(note: Note, error: unknown): Promise<number> {
  if (meansNoWorkingDirectory(error)) return reportFailure(note, cliErrors.WORKING_DIRECTORY_GONE({}, error));
  if (error instanceof TerokError) {
    note.error(error.message);
    if (error.hint !== undefined) note.hint(error.hint);
    return error.exitCode;
  }
  note.error('This is a bug in terok.');
  note.say(stripControl(error instanceof Error ? (error.stack ?? String(error)) : String(error)));
  const versions = Object.entries(await shownVersions()).map(([name, version]) => `${name} ${version}`);
  note.say(versions.join(', '));
  return exitStatus.bug;
}

/** Node asks for it wherever a path is relative or a program is started. */
const meansNoWorkingDirectory = (error: unknown): boolean => error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';

async function versionOfTerok(): Promise<string> {
  return (await shownVersions())['terok'] ?? 'unknown';
}
