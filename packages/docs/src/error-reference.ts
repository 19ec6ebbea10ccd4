/** The page of errors, from the error tables of the packages. */
import type { TerokError } from '@terok/sandbox';
import { exitCodeNote, exitCodes } from 'terok';
import { page, table } from './markdown.ts';
import { placeholders, withoutNaN } from './placeholder.ts';

/** What `defineErrors` returns, whatever its rows take. */
export type ErrorTable = Readonly<Record<string, (params: never) => TerokError>>;

export function errorReference(packages: Readonly<Record<string, readonly ErrorTable[]>>): string {
  const rows = Object.entries(packages).flatMap(([name, tables]) =>
    tables.flatMap((errors) => Object.values(errors).map((make) => ({ name, error: example(make) }))),
  );
  const twice = rows.find(({ error }, index) => rows.findIndex((other) => other.error.code === error.code) !== index);
  if (twice !== undefined) throw new Error(`two rows have the code ${twice.error.code}`);

  const sections = Object.keys(packages).map((name) => {
    const own = rows
      .filter((row) => row.name === name)
      .map(({ error: { code, exitCode, message, hint } }) => [
        `\`${code}\``,
        String(exitCode),
        withoutNaN(message),
        withoutNaN(hint ?? ''),
      ]);
    return `## ${name}\n\n${table(['Code', 'Exit', 'Message', 'Hint'], own)}`;
  });
  return page(
    'Errors',
    'Every failure a person can do something about. Codes are permanent; words in braces stand for facts.',
    ...sections,
  );
}

/** Placeholders have every property, so they are what any row takes. */
const example = (make: (params: never) => TerokError): TerokError => make(placeholders() as never);

export function exitCodeReference(): string {
  return page(
    'Exit codes',
    exitCodeNote,
    table(
      ['Code', 'Meaning'],
      exitCodes.map(({ code, meaning }) => [String(code), meaning]),
    ),
  );
}
