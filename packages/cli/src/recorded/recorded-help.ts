/** The help of every command as the build wrote it down, with its colours. */

/** By the words that lead to a command or a group, with a blank between them. */
export type RecordedHelp = Readonly<Record<string, string>>;

/** Beside the module that reads it, once that is bundled. */
export const recordedHelpFile = 'recorded-help.json';

/** Pure: the words whose help is asked for, as `RecordedHelp` names them; null for a command line that asks for something else. */
export function helpAsked(words: readonly string[]): string | null {
  if (words.length === 0) return '';
  const [flag, ...before] = words.toReversed();
  return (flag === '--help' || flag === '-h') && before.every((word) => /^[a-z][a-z-]*$/.test(word)) ? before.toReversed().join(' ') : null;
}

/** Pure: null when there is no such command in a `RecordedHelp`. */
export function helpText(help: unknown, asked: string, { colour }: { readonly colour: boolean }): string | null {
  const text: unknown = typeof help === 'object' && help !== null ? Object.getOwnPropertyDescriptor(help, asked)?.value : undefined;
  if (typeof text !== 'string') return null;
  return colour ? text : text.replaceAll(styles, '');
}

const styles = /\u001B\[[\d;]*m/g;
