/** Candidates as they are now: names from folders and records, nothing from podman. What finds them out is loaded when it is asked. */
import { commandTable } from '../commands/table.ts';
import { isRow, type CommandTree } from '../commands/row.ts';
import type { Documentation } from '../commands/usage.ts';
import type { PlaceKind, Proposals } from '../command-context.ts';
import type { Invocation } from '../invocation.ts';
import type { LiveName } from './live-names.ts';
import { typedWords, type TypedWords } from './typed-words.ts';

export interface LiveProposals extends Proposals {
  /** Of a candidate that these proposals made. */
  descriptionOf(candidate: string): string | null;
  /** What the shell should add, where it was asked. */
  placeKind(): PlaceKind | null;
}

/** `words` are those before the cursor's; the first of them, `command`, name the command. */
export function proposalsFor({ world }: Pick<Invocation, 'world'>, words: readonly string[], command: readonly string[]): LiveProposals {
  const descriptions = new Map<string, string>();
  let place: PlaceKind | null = null;
  const described = (entries: readonly LiveName[]) => {
    for (const { name, description } of entries) if (description !== null) descriptions.set(name, description);
    return entries.map(({ name }) => name);
  };
  const project = () => wordsAfter(words, command).positionals[0];

  return {
    projects: async () => described(await (await world.openNames()).projects()),
    addresses: async (typed) => described(await (await world.openNames()).addresses(typed)),
    tasks: async (typed) => described(await (await world.openNames()).tasks(project(), typed)),
    archives: async (typed) => described(await (await world.openNames()).archives(project(), typed)),
    agents: async () => described(await (await world.openNames()).agents(await bundledNames())),
    places(kind) {
      place = kind;
      return [];
    },
    descriptionOf: (candidate) => descriptions.get(candidate) ?? null,
    placeKind: () => place,
  };
}

/** The agents that come with terok. */
export async function bundledNames(): Promise<readonly LiveName[]> {
  const { bundledAgents } = await import('@terok/executor');
  return Object.entries(bundledAgents).map(([name, { label }]) => ({ name, description: label ?? null }));
}

/** Those that follow the words of the command. */
export const wordsAfter = (words: readonly string[], command: readonly string[]): TypedWords => {
  const { flags } = documentationOf(command);
  return typedWords(words.slice(command.length), (word) => {
    const flag = flags.find(({ name, letter }) => word === name || (letter !== null && word === `-${letter}`));
    return flag === undefined ? undefined : { name: flag.name, takesValue: flag.takes !== null };
  });
};

const undocumented: Pick<Documentation, 'flags'> = { flags: [] };

function documentationOf(command: readonly string[]): Pick<Documentation, 'flags'> {
  let tree: CommandTree = commandTable;
  for (const word of command) {
    const entry = tree.routes[word] ?? tree.shortForms?.[word]?.row;
    if (entry === undefined) return undocumented;
    if (isRow(entry)) return entry.documentation;
    tree = entry;
  }
  return undocumented;
}
