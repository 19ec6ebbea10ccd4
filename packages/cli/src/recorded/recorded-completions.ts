/** What may stand after the words of every command, as the build wrote it down; names that are there now are filled in. */
import { printable } from '@terok/sandbox';
import type { LiveName, LiveNames } from '../completion/live-names.ts';
import { splitFlagValue, typedWords, type KnownFlag } from '../completion/typed-words.ts';

export type RecordedCompletions = {
  /** By the words that lead to a command or a group, with a blank between them. */
  readonly targets: Readonly<Record<string, RecordedTarget>>;
  /** The agents that come with terok. */
  readonly agents: readonly LiveName[];
};
export type RecordedTarget = {
  /** Lines for each argument in turn, and after the last, as the shells get them; one of `liveWords` stands for names that only the disk knows. */
  readonly arguments: readonly (readonly string[])[];
  /** Those for a dash. */
  readonly flags: readonly string[];
  /** Every way to write a flag of its own (`--tail`, `-f`). */
  readonly flagWords: Readonly<Record<string, RecordedFlag>>;
};
/** `values` are the lines for its value; null where it takes none. */
export type RecordedFlag = { readonly name: string; readonly values: readonly string[] | null };

/** Beside the module that reads it, once that is bundled. */
export const recordedCompletionsFile = 'recorded-completions.json';

/** What a recorded line starts with in the place of names. */
export const liveWords = {
  projects: ':projects',
  addresses: ':addresses',
  tasks: ':tasks',
  archives: ':archives',
  agents: ':agents',
} as const;

/** The lines for the words up to the cursor; null where these are none that a command understands. That is for the command library. */
export async function recordedLines(
  typed: readonly string[],
  recorded: RecordedCompletions,
  openNames: () => Promise<LiveNames>,
): Promise<readonly string[] | null> {
  const { words, before } = splitFlagValue(typed);
  const partial = words.at(-1) ?? '';
  const found = targetOf(words.slice(0, -1), recorded.targets);
  if (found === null) return null;

  const { target, rest } = found;
  const { positionals, used, awaiting, understood } = typedWords(rest, (word) => flagOf(target, word));
  const argument = target.arguments[positionals.length];
  const candidates = awaiting === null ? argument : target.flagWords[awaiting]?.values;
  const meansNothing = argument === undefined || (before !== '' && awaiting === null);
  if (!understood || meansNothing || candidates === undefined || candidates === null) return null;

  const names = { partial, project: positionals[0], agents: recorded.agents, openNames };
  const lines = (await Promise.all(candidates.map((line) => liveLines(line, names)))).flat();
  const fitting = lines
    .filter((line) => isPlace(line) || line.startsWith(partial))
    .map((line) => (isPlace(line) ? line : `${before}${line}`));
  if (awaiting !== null) return fitting;

  const flags = target.flags.filter((line) => line.startsWith(partial) && !used.has(line.split('\t', 1)[0] ?? ''));
  if (partial.startsWith('-')) return [...flags, ...fitting];
  return fitting.length === 0 && partial === '' ? flags : fitting;
}

/** The longest words that name something, and what was typed after them. */
function targetOf(
  words: readonly string[],
  targets: RecordedCompletions['targets'],
): { readonly target: RecordedTarget; readonly rest: readonly string[] } | null {
  const firstOther = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  for (let length = firstOther === -1 ? words.length : firstOther; length >= 0; length--) {
    const name = words.slice(0, length).join(' ');
    const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
    if (target !== undefined) return { target, rest: words.slice(length) };
  }
  return null;
}

function flagOf({ flagWords }: RecordedTarget, word: string): KnownFlag | undefined {
  const flag = Object.hasOwn(flagWords, word) ? flagWords[word] : undefined;
  return flag === undefined ? undefined : { name: flag.name, takesValue: flag.values !== null };
}

const isPlace = (line: string) => line === ':files' || line === ':directories';

type Names = {
  readonly partial: string;
  readonly project: string | undefined;
  readonly agents: readonly LiveName[];
  readonly openNames: () => Promise<LiveNames>;
};

/** The line itself, or the names it stands for. */
async function liveLines(line: string, { partial, project, agents, openNames }: Names): Promise<readonly string[]> {
  const [word = '', brief = ''] = line.split('\t');
  const written = (found: readonly LiveName[]) => found.map(({ name, description }) => `${name}\t${printable(description ?? brief)}`);
  switch (word) {
    case liveWords.projects:
      return written(await (await openNames()).projects());
    case liveWords.addresses:
      return written(await (await openNames()).addresses(partial));
    case liveWords.tasks:
      return written(await (await openNames()).tasks(project, partial));
    case liveWords.archives:
      return written(await (await openNames()).archives(project, partial));
    case liveWords.agents:
      return written(await (await openNames()).agents(agents));
    default:
      return [line];
  }
}
