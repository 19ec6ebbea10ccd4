/** Commands at a terminal of their own, as a person runs them. */
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from '../demo-project.ts';
import type { Installation } from '../installation.ts';

const cli = fileURLToPath(new URL('../../../cli/dist/bin.js', import.meta.url));

export type AtTerminal = {
  /** What is typed once the command has asked its question. */
  readonly answer?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the process of the command is written down before it starts. */
  readonly pidFile?: string;
};

/** Wide enough that no table of these tests is cut. */
const columns = 200;

/** Everything that stands on the screen in the end, without colours, and how the command ended. */
export async function atTerminal(
  installation: Installation,
  words: readonly string[],
  { answer, environment = {}, pidFile = '/dev/null' }: AtTerminal = {},
): Promise<{ readonly shown: string; readonly exitCode: number | undefined }> {
  const command = `stty cols ${columns}; echo $$ > ${quoted(pidFile)}; exec ${[process.execPath, cli, ...words].map(quoted).join(' ')}`;
  const terminal = execa('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    cwd: installation.directory,
    env: { ...personsEnvironment(installation), NO_COLOR: '1', ...environment },
    extendEnv: false,
    stdin: 'pipe',
    reject: false,
    buffer: false,
  });
  let shown = '';
  terminal.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()));
  if (answer !== undefined) {
    await eventually(async () => (/[?\]] $/.test(shown) ? true : undefined));
    terminal.stdin.write(answer);
  }
  const { exitCode } = await terminal;
  return { shown: screen(shown), exitCode };
}

/** What a person's shell would hand on, and where this installation is. */
export function personsEnvironment(installation: Installation): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: installation.directory,
    SHELL: '/bin/sh',
    TERM: 'xterm',
    TEROK_ROOT: installation.stateRoot,
    TEROK_CONFIG_DIR: installation.configRoot,
    TEROK_CONFIG_FILE: join(installation.configRoot, 'config.yml'),
  };
}

/** What was drawn over is gone. */
const screen = (shown: string): string => shown.replaceAll('\r\n', '\n').replaceAll(/[^\n]*\r\u001B\[2K/g, '');

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
