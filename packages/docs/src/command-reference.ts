/** The page of commands: what `--help` says of each. */
import type { CommandReference } from 'terok';
import { codeBlock, page, table } from './markdown.ts';

export function commandsPage(commands: readonly CommandReference[]): string {
  const contents = table(
    ['Command', ''],
    commands.map(({ words, brief }) => [`[\`${words}\`](#${words.replaceAll(' ', '-')})`, brief]),
  );
  return page('Commands', contents, ...commands.map(({ words, help }) => `## ${words}\n\n${codeBlock(help)}`));
}
