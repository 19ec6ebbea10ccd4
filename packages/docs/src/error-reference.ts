/** The page of errors, from the error tables of the packages. */
import { exitStatus, type TerokError } from '@terok/sandbox';
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

const exitMeanings: Readonly<Record<keyof typeof exitStatus, string>> = {
  ok: 'Done.',
  failure: 'It failed; the standard error says why.',
  usage: 'The command line does not make sense, or names something that is not there.',
  setupNeeded: 'This machine is not set up: run `terok setup`.',
  downgradeRefused: 'This terok is older than the one that set the machine up; `--allow-downgrade` goes on.',
  manualStep: 'Something on the host must be mended by hand first.',
  bug: 'A bug in terok: the standard error has the stack and the versions.',
  timeLimit: 'The time of the task was up.',
  interrupted: 'Interrupted with Ctrl-C; the task was stopped and its work is kept.',
};

const departures: readonly (readonly [string, string])[] = [
  ['129', 'The terminal hung up (SIGHUP) while a task was followed; the task goes on.'],
  ['141', 'The reader of the output went away while a task was followed; the task goes on.'],
  ['143', 'terok was ended (SIGTERM) while a task was followed; the task goes on.'],
];

export function exitCodeReference(): string {
  const own = Object.entries(exitStatus).map(([name, code]) => [String(code), exitMeanings[name as keyof typeof exitStatus]]);
  return page(
    'Exit codes',
    '`terok task run` and `terok task wait` end with the exit code of the agent, so its numbers may be any of these; the standard error and `--json` say by `ended` whose it is. `terok doctor` ends with 0, 1 or 2: all is well, there are warnings, something keeps terok from working.',
    table(['Code', 'Meaning'], [...own, ...departures]),
  );
}
