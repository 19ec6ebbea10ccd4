/** A text in the person's editor, as often as they want, until it can be written. */
import { join } from 'node:path';
import { describeEnd, type ExecutorContext } from '@terok/executor';
import { printable, readText, TerokError } from '@terok/sandbox';
import { canAsk, choose } from './dialog.ts';
import { cliErrors } from './errors.ts';
import type { Invocation } from './invocation.ts';

const textMaxBytes = 1024 * 1024;

export type Editing<T> = {
  readonly text: string;
  /** Of the copy that the editor opens; editors choose their colours by it. */
  readonly fileName: string;
  /** Checks and writes; throws what is wrong with the text as a TerokError whose code is in `mendable`. */
  readonly write: (text: string) => Promise<T>;
  readonly mendable: readonly string[];
};

/** Null when the text was left as it was. A text that could not be written stays in its copy, and the person is told where. */
export async function editText<T>(
  invocation: Invocation,
  ctx: ExecutorContext,
  { text, fileName, write, mendable }: Editing<T>,
): Promise<T | null> {
  const folder = join(ctx.paths.runtime, `edit-${Buffer.from(ctx.random.bytes(6)).toString('hex')}`);
  const copy = join(folder, fileName);
  await ctx.files.replace(copy, text);
  let kept = false;
  try {
    for (;;) {
      await openEditor(invocation, ctx, copy);
      const edited = await readText(ctx.files, copy, { maxBytes: textMaxBytes });
      if (edited === null || edited === text) return null;
      try {
        return await write(edited);
      } catch (error) {
        kept = true;
        if (!(error instanceof TerokError) || !mendable.includes(error.code) || !(await wantsAnother(invocation, error))) throw error;
        kept = false;
      }
    }
  } finally {
    if (kept) invocation.note.say(`Nothing was written. Your text is kept in ${printable(copy)}`);
    else await ctx.files.removeTree(folder);
  }
}

/** Ctrl-C is the editor's while it is open. */
async function openEditor({ world }: Invocation, ctx: ExecutorContext, path: string): Promise<void> {
  const editor = world.environment['VISUAL'] || world.environment['EDITOR'] || 'vi';
  const forget = world.onSignal('SIGINT', () => undefined);
  try {
    // The variable may hold flags too, as `code --wait` does.
    const end = await ctx.processes.runOnTerminal({ binary: 'sh', args: ['-c', `${editor} "$1"`, 'sh', path], env: world.environment });
    if (end.kind !== 'exited' || end.exitCode !== 0) throw cliErrors.EDITOR_FAILED({ editor: printable(editor), how: describeEnd(end) });
  } finally {
    forget();
  }
}

async function wantsAnother(invocation: Invocation, { message }: TerokError): Promise<boolean> {
  if (!canAsk(invocation.world)) return false;
  invocation.note.error(message);
  return choose(invocation, 'What now?', [
    { value: true, label: 'edit again' },
    { value: false, label: 'give up' },
  ]);
}
