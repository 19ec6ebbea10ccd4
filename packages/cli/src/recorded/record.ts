/** What the build writes into the command: made by the same table and the same library that answer everything else. */
import { isRow, type CommandRow, type CommandTree } from '../commands/row.ts';
import { commandTable } from '../commands/table.ts';
import type { PlaceKind } from '../command-context.ts';
import { candidateLines } from '../completion/complete.ts';
import { bundledNames, type LiveProposals } from '../completion/live-proposals.ts';
import { invocationIn } from '../invocation.ts';
import { helpOf } from '../reference.ts';
import type { World } from '../world/world.ts';
import { liveWords, type RecordedCompletions, type RecordedFlag } from './recorded-completions.ts';
import type { RecordedHelp } from './recorded-help.ts';

export async function recordHelp(): Promise<RecordedHelp> {
  return byName(targets(commandTable), (words) => helpOf(words, { colour: true }));
}

/** Nothing of the world is asked. */
export async function recordCompletions(world: World): Promise<RecordedCompletions> {
  const lines = (words: readonly string[]) => candidateLines(words, invocationIn(world), standIns);
  const all = await byName(targets(commandTable), async (words, entry) => {
    const counts = isRow(entry) ? entry.documentation.arguments.length + 1 : 1;
    const before = Array.from({ length: counts }, (_, count) => [...words, ...Array.from({ length: count }, () => 'x')]);
    const flags = await lines([...words, '-']);
    return {
      arguments: await Promise.all(before.map(async (each) => (await lines([...each, ''])).filter((line) => !line.startsWith('-')))),
      flags: flags.filter((line) => line.startsWith('-')),
      flagWords: isRow(entry) ? await flagWords(entry, (flag) => lines([...words, flag, ''])) : {},
    };
  });
  return { targets: all, agents: await bundledNames() };
}

async function flagWords(
  { documentation: { flags } }: CommandRow,
  linesAfter: (flag: string) => Promise<readonly string[]>,
): Promise<Readonly<Record<string, RecordedFlag>>> {
  const entries = await Promise.all(
    flags.map(async ({ name: documented, letter, takes }) => {
      const name = documented.replace('[no-]', '');
      const flag = { name, values: takes === null ? null : await linesAfter(name) };
      return [[name, flag] as const, ...(letter === null ? [] : [[`-${letter}`, flag] as const])];
    }),
  );
  return Object.fromEntries(entries.flat());
}

type Target = readonly [words: readonly string[], entry: CommandRow | CommandTree];

/** Every group, every command and every short form. */
function targets(tree: CommandTree, before: readonly string[] = []): readonly Target[] {
  const entries = [...Object.entries(tree.routes), ...Object.entries(tree.shortForms ?? {}).map(([name, { row }]) => [name, row] as const)];
  return [
    [before, tree],
    ...entries.flatMap(([name, entry]): readonly Target[] =>
      isRow(entry) ? [[[...before, name], entry]] : targets(entry, [...before, name]),
    ),
  ];
}

async function byName<T>(all: readonly Target[], make: (...target: Target) => Promise<T>): Promise<Readonly<Record<string, T>>> {
  return Object.fromEntries(await Promise.all(all.map(async (target) => [target[0].join(' '), await make(...target)] as const)));
}

function standIns(): LiveProposals {
  let place: PlaceKind | null = null;
  const word = (name: keyof typeof liveWords) => () => Promise.resolve([liveWords[name]]);
  return {
    projects: word('projects'),
    addresses: word('addresses'),
    tasks: word('tasks'),
    archives: word('archives'),
    agents: word('agents'),
    places(kind) {
      place = kind;
      return [];
    },
    descriptionOf: () => null,
    placeKind: () => place,
  };
}
