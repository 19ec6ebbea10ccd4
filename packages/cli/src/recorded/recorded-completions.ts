/** What may stand after the words of every command, as the build wrote it down; names that are there now are filled in. */
import { printable } from '@terok/sandbox';
import type { LiveName, LiveNames } from '../completion/live-names.ts';

/** By the words that lead to a command or a group, with a blank between them. */
export type RecordedCompletions = Readonly<Record<string, RecordedTarget>>;
export type RecordedTarget = {
  /** Lines for each argument in turn, and after the last, as the shells get them; one of `liveWords` stands for names that only the disk knows. */
  readonly arguments: readonly (readonly string[])[];
  /** Those for a dash. */
  readonly flags: readonly string[];
};

/** What a recorded line starts with in the place of names. */
export const liveWords = {
  projects: ':projects',
  addresses: ':addresses',
  tasks: ':tasks',
  archives: ':archives',
  agents: ':agents',
} as const;

/**
 * The lines for the words up to the cursor, where these are commands and arguments only; null where a flag stands before the cursor, or
 * names are wanted that take more to find out. Those are for the command library.
 */
export async function recordedLines(
  typed: readonly string[],
  recorded: RecordedCompletions,
  openNames: () => Promise<LiveNames>,
): Promise<readonly string[] | null> {
  const [before, partial] = [typed.slice(0, -1), typed.at(-1) ?? ''];
  if (!before.every((word) => /^[^-\s][^\s]*$/.test(word)) || partial.includes('=')) return null;
  const found = targetOf(before, recorded);
  const candidates = found?.target.arguments[found.taken.length];
  if (found === null || candidates === undefined) return null;

  const flags = found.target.flags;
  if (partial.startsWith('-'))
    return candidates.some((line) => isPlace(line) || isElsewhere(line)) ? null : flags.filter((line) => line.startsWith(partial));
  const lines: string[] = [];
  for (const line of candidates) {
    const live = await liveLines(line, { partial, project: found.taken[0] }, openNames);
    if (live === null) return null;
    lines.push(...live.filter((each) => isPlace(each) || each.startsWith(partial)));
  }
  return lines.length === 0 && partial === '' ? flags : lines;
}

/** The longest words that name something, and what was typed after them. */
function targetOf(
  words: readonly string[],
  recorded: RecordedCompletions,
): { readonly target: RecordedTarget; readonly taken: readonly string[] } | null {
  for (let length = words.length; length >= 0; length--) {
    const name = words.slice(0, length).join(' ');
    const target = Object.hasOwn(recorded, name) ? recorded[name] : undefined;
    if (target !== undefined) return { target, taken: words.slice(length) };
  }
  return null;
}

/** What takes the configuration to find. */
const isElsewhere = (line: string) => line.startsWith(`${liveWords.archives}\t`) || line.startsWith(`${liveWords.agents}\t`);

const isPlace = (line: string) => line === ':files' || line === ':directories';

/** The line itself, or the names it stands for; null where these are for others to find. */
async function liveLines(
  line: string,
  { partial, project }: { readonly partial: string; readonly project: string | undefined },
  openNames: () => Promise<LiveNames>,
): Promise<readonly string[] | null> {
  const [word = '', brief = ''] = line.split('\t');
  const written = (found: readonly LiveName[]) => found.map(({ name, description }) => `${name}\t${printable(description ?? brief)}`);
  switch (word) {
    case liveWords.projects:
      return written(await (await openNames()).projects());
    case liveWords.addresses:
      return written(await (await openNames()).addresses(partial));
    case liveWords.tasks:
      return written(await (await openNames()).tasks(project, partial));
    default:
      return isElsewhere(line) ? null : [line];
  }
}
