/** The help of every command as the build wrote it down, with its colours. */

/** By the words that lead to a command or a group, with a blank between them. */
export type RecordedHelp = Readonly<Record<string, string>>;

/** Pure: the words whose help is asked for, as `RecordedHelp` names them; null for a command line that asks for something else. */
export function helpAsked(words: readonly string[]): string | null {
  if (words.length === 0) return '';
  const [flag, ...before] = words.toReversed();
  return (flag === '--help' || flag === '-h') && before.every((word) => /^[a-z][a-z-]*$/.test(word)) ? before.toReversed().join(' ') : null;
}

/** Pure: null when there is no such command. */
export function helpText(help: RecordedHelp, asked: string, { colour }: { readonly colour: boolean }): string | null {
  if (!Object.hasOwn(help, asked)) return null;
  const text = help[asked] ?? '';
  return colour ? text : text.replaceAll(styles, '');
}

const styles = /\u001B\[[\d;]*m/g;
