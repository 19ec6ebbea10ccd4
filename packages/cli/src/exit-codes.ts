/** Every number that `terok` ends with, and what it says. */
import { exitStatus } from '@terok/sandbox';

const meanings: Readonly<Record<keyof typeof exitStatus, string>> = {
  ok: 'Done.',
  failure: 'It failed, or what was named is not there; the standard error says why.',
  usage: 'The command line or the configuration does not make sense.',
  setupNeeded: 'This machine is not set up: run `terok setup`.',
  downgradeRefused: 'This terok is older than the one that set the machine up; `--allow-downgrade` goes on.',
  manualStep: 'Something on the host must be mended by hand first.',
  bug: 'A bug in terok: the standard error has the stack and the versions.',
  timeLimit: 'The time of the task was up.',
  interrupted: 'Interrupted with Ctrl-C; the task was stopped and its work is kept.',
};

const departures: readonly ExitCode[] = [
  { code: 129, meaning: 'The terminal hung up (SIGHUP) while a task was followed; the task goes on.' },
  { code: 141, meaning: 'The reader of the output went away while a task was followed; the task goes on.' },
  { code: 143, meaning: 'terok was ended (SIGTERM) while a task was followed; the task goes on.' },
];

export type ExitCode = { readonly code: number; readonly meaning: string };

export const exitCodes: readonly ExitCode[] = [
  ...Object.entries(exitStatus).map(([name, code]) => ({ code, meaning: meanings[name as keyof typeof exitStatus] })),
  ...departures,
];

/** What the numbers are not. */
export const exitCodeNote =
  '`terok task run` and `terok task wait` end with the exit code of the agent, so its numbers may be any of these; the standard error and `--json` say by `ended` whose it is. `terok doctor` ends with 0, 1 or 2: all is well, there are warnings, something keeps terok from working.';
