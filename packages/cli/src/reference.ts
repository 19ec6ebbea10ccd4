/** The command table as the reference prints it. */
import { run } from '@stricli/core';
import { z } from '@terok/sandbox';
import { buildTerok } from './application.ts';
import { rowsOf } from './commands/row.ts';
import { commandTable } from './commands/table.ts';

/** `words` are those a person types, `terok` first; `help` is what `--help` prints, without colour. */
export type CommandReference = { readonly words: string; readonly brief: string; readonly help: string };

export async function commandReference(): Promise<readonly CommandReference[]> {
  return Promise.all(
    rowsOf(commandTable).map(async ([words, { brief }]) => ({
      words: ['terok', ...words].join(' '),
      brief,
      help: await helpOf(words),
    })),
  );
}

/** JSON Schema of what each command prints with `--json`, by the command's words. */
export async function jsonReference(): Promise<readonly { readonly words: string; readonly schema: object }[]> {
  const rows = rowsOf(commandTable).flatMap(([words, { json }]) => (json === undefined ? [] : [{ words, json }]));
  return Promise.all(
    rows.map(async ({ words, json }) => ({ words: ['terok', ...words].join(' '), schema: z.toJSONSchema(await json(), { io: 'output' }) })),
  );
}

async function helpOf(words: readonly string[]): Promise<string> {
  let help = '';
  const write = (text: string) => void (help += text);
  const application = buildTerok({ version: () => Promise.resolve(''), onUnknownCommand: () => undefined });
  await run(application, [...words, '--help'], {
    process: { stdout: { write }, stderr: { write } },
    forCommand: () => {
      throw new Error('help runs no command');
    },
  });
  return help;
}
