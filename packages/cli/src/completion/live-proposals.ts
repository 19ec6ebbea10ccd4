/** Candidates as they are now: names from folders and records, nothing from podman. What finds them out is loaded when it is asked. */
import { basename } from 'node:path';
import { commandTable } from '../commands/table.ts';
import { isRow, type CommandTree } from '../commands/row.ts';
import type { Documentation } from '../commands/usage.ts';
import type { PlaceKind, Proposals } from '../command-context.ts';
import type { Invocation } from '../invocation.ts';
import type { LiveName } from './live-names.ts';

export interface LiveProposals extends Proposals {
  /** Of a candidate that these proposals made. */
  descriptionOf(candidate: string): string | null;
  /** What the shell should add, where it was asked. */
  placeKind(): PlaceKind | null;
}

/** `words` are those before the cursor's; the first of them, `command`, name the command. */
export function proposalsFor({ host, engine, world }: Invocation, words: readonly string[], command: readonly string[]): LiveProposals {
  const descriptions = new Map<string, string>();
  let place: PlaceKind | null = null;
  const described = (entries: readonly LiveName[]) => {
    for (const { name, description } of entries) if (description !== null) descriptions.set(name, description);
    return entries.map(({ name }) => name);
  };
  const project = () => positionals(words.slice(command.length), documentationOf(command))[0];

  return {
    projects: async () => described(await (await world.openNames()).projects()),
    addresses: async (typed) => described(await (await world.openNames()).addresses(typed)),
    tasks: async (typed) => described(await (await world.openNames()).tasks(project(), typed)),
    async archives() {
      const { listArchivedTasks } = await import('@terok/orchestration');
      const archived = await listArchivedTasks(await engine(), project() ?? '');
      return described(archived.map(({ archiveDir, name }) => ({ name: basename(archiveDir), description: name })));
    },
    async agents() {
      const { loadRoster } = await import('@terok/executor');
      const { agents } = await loadRoster(await host());
      return described([...agents.values()].map(({ name, label }) => ({ name, description: label })));
    },
    places(kind) {
      place = kind;
      return [];
    },
    descriptionOf: (candidate) => descriptions.get(candidate) ?? null,
    placeKind: () => place,
  };
}

/** Pure: the words that are no flag and no flag's value. */
export function positionals(words: readonly string[], { flags }: Pick<Documentation, 'flags'>): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') return [...found, ...words.slice(index + 1)];
    const flag = flags.find(({ name, letter }) => word === name || (letter !== null && word === `-${letter}`));
    if (flag !== undefined) index += flag.takes === null ? 0 : 1;
    else if (!word.startsWith('-')) found.push(word);
  }
  return found;
}

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
