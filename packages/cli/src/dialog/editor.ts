/** A text in the person's editor, as often as they want, until it can be written. What they typed is never lost. */
import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { describeEnd } from '@terok/executor';
import { printable, TerokError, type BareHost } from '@terok/sandbox';
import { canAsk, choose } from './dialog.ts';
import { cliErrors } from '../errors.ts';
import type { Invocation } from '../invocation.ts';

const textMaxBytes = 1024 * 1024;

export type Editing<T> = {
  /** What the editor opens, whatever it is. */
  readonly content: Uint8Array;
  /** The directory of what is edited: an edit that comes to nothing is kept in a folder there, which outlives the session. */
  readonly directory: string;
  /** Of the copy that the editor opens; editors choose their colours by it. */
  readonly fileName: string;
  /** Throws what is wrong with a text, as a TerokError. */
  readonly check: (text: string) => void;
  readonly write: (text: string) => Promise<T>;
};

type EditorHost = Pick<BareHost, 'files' | 'random'>;

/** Null when the text was left as it was. A text that could not be written stays in its copy, and the person is told where. */
export async function editText<T>(
  invocation: Invocation,
  { files, random }: EditorHost,
  { content, directory, fileName, check, write }: Editing<T>,
): Promise<T | null> {
  await tellOfOthers(invocation, files, directory);
  const before = checked(content, check);
  if ('mistake' in before) invocation.note.warn(before.mistake.message);
  const folder = join(directory, `${folderPrefix}${Buffer.from(random.bytes(6)).toString('hex')}`);
  const copy = join(folder, fileName);
  await files.replace(copy, content);
  let written = false;
  try {
    for (;;) {
      await openEditor(invocation, copy);
      const edited = await files.read(copy, { maxBytes: textMaxBytes });
      if (edited === null || Buffer.compare(edited, content) === 0) return null;
      const after = checked(edited, check);
      if ('mistake' in after) {
        if (!(await wantsAnother(invocation, after.mistake))) throw after.mistake;
        continue;
      }
      const result = await write(after.text);
      written = true;
      return result;
    }
  } finally {
    if (written || (await isUntouched(files, copy, content))) await files.removeTree(folder);
    else invocation.note.say(`Nothing was written. Your text is kept in ${printable(copy)}`);
  }
}

const folderPrefix = '.terok-edit-';

/** Of edits that are still under way, or whose text was kept. */
async function tellOfOthers({ note }: Invocation, files: EditorHost['files'], directory: string): Promise<void> {
  const others = (await files.list(directory)).filter(({ name, kind }) => kind === 'directory' && name.startsWith(folderPrefix));
  for (const { name } of others)
    note.warn(`Another edit is under way, or came to nothing; its text is in ${printable(join(directory, name))}`);
}

/** Ctrl-C is the editor's while it is open. */
async function openEditor({ world }: Invocation, path: string): Promise<void> {
  const editor = world.environment['VISUAL'] || world.environment['EDITOR'] || 'vi';
  const forget = world.onSignal('SIGINT', () => undefined);
  try {
    // The variable may hold flags too, as `code --wait` does.
    const end = await world.runOnTerminal({ binary: 'sh', args: ['-c', `${editor} "$1"`, 'sh', path], env: world.environment });
    if (end.kind !== 'exited' || end.exitCode !== 0) throw cliErrors.EDITOR_FAILED({ editor: printable(editor), how: describeEnd(end) });
  } finally {
    forget();
  }
}

function checked(bytes: Uint8Array, check: (text: string) => void): { readonly text: string } | { readonly mistake: TerokError } {
  if (!isUtf8(bytes)) return { mistake: cliErrors.TEXT_NOT_UTF8({ line: lines(bytes).findIndex((line) => !isUtf8(line)) + 1 }) };
  const text = new TextDecoder().decode(bytes);
  try {
    check(text);
    return { text };
  } catch (error) {
    if (error instanceof TerokError) return { mistake: error };
    throw error;
  }
}

function lines(bytes: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let start = 0; start <= bytes.length; start += (found.at(-1)?.length ?? 0) + 1) {
    const end = bytes.indexOf(newline, start);
    found.push(bytes.subarray(start, end === -1 ? bytes.length : end));
  }
  return found;
}

const newline = 0x0a;

async function wantsAnother(invocation: Invocation, { message }: TerokError): Promise<boolean> {
  if (!canAsk(invocation.world)) return false;
  invocation.note.error(message);
  return choose(invocation, 'What now?', [
    { value: true, label: 'edit again' },
    { value: false, label: 'give up' },
  ]);
}

/** False also for what cannot be read: somebody put it there. */
async function isUntouched(files: EditorHost['files'], copy: string, content: Uint8Array): Promise<boolean> {
  try {
    const found = await files.read(copy, { maxBytes: textMaxBytes });
    return found === null || Buffer.compare(found, content) === 0;
  } catch (error) {
    if (error instanceof TerokError) return false;
    throw error;
  }
}
