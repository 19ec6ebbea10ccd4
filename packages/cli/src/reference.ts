/** The command table as the reference prints it. */
import { run } from '@stricli/core';
import { z } from '@terok/sandbox';
import { buildTerok } from './application.ts';
import { rowsOf, type CommandRow } from './commands/row.ts';
import { commandTable } from './commands/table.ts';
import type { Documentation } from './commands/usage.ts';

export type CommandReference = {
  /** Those a person types, `terok` first. */
  readonly words: string;
  readonly shortForm: string | null;
  readonly brief: string;
  /** What `--help` prints, without colour. */
  readonly help: string;
  readonly documentation: Documentation;
};

export async function commandReference(): Promise<readonly CommandReference[]> {
  return Promise.all(
    rowsOf(commandTable).map(async ([words, row]) => ({
      words: ['terok', ...words].join(' '),
      shortForm: shortFormOf(row),
      brief: row.brief,
      help: await helpOf(words, { colour: false }),
      documentation: row.documentation,
    })),
  );
}

function shortFormOf(row: CommandRow): string | null {
  const found = Object.entries(commandTable.shortForms).find(([, form]) => form.row === row);
  return found === undefined ? null : `terok ${found[0]}`;
}

/** JSON Schema of what each command prints with `--json`, by the command's words. */
export async function jsonReference(): Promise<readonly { readonly words: string; readonly schema: object }[]> {
  const rows = rowsOf(commandTable).flatMap(([words, { json }]) => (json === undefined ? [] : [{ words, json }]));
  return Promise.all(
    rows.map(async ({ words, json }) => ({ words: ['terok', ...words].join(' '), schema: z.toJSONSchema(await json(), { io: 'output' }) })),
  );
}

/** What `--help` prints after these words. */
export async function helpOf(words: readonly string[], { colour }: { readonly colour: boolean }): Promise<string> {
  let help = '';
  const write = (text: string) => void (help += text);
  const getColorDepth = () => (colour ? 4 : 1);
  const application = buildTerok({ version: () => Promise.resolve(''), onUnknownCommand: () => undefined });
  await run(application, [...words, '--help'], {
    process: { stdout: { write, getColorDepth }, stderr: { write } },
    forCommand: () => {
      throw new Error('help runs no command');
    },
  });
  return help;
}
