/** The page of commands: what `--help` says of each. */
import type { CommandReference } from 'terok';
import { codeBlock, page, table } from './markdown.ts';

export function commandsPage(commands: readonly CommandReference[]): string {
  const contents = table(
    ['Command', '', 'Short form'],
    commands.map(({ words, brief, shortForm }) => [
      `[\`${words}\`](#${words.replaceAll(' ', '-')})`,
      brief,
      shortForm === null ? '' : `\`${shortForm}\``,
    ]),
  );
  return page('Commands', contents, ...commands.map(({ words, help }) => `## ${words}\n\n${codeBlock(help)}`));
}
