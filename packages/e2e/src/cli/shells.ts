/** Shells to complete words in: bash is there, zsh and fish come from Debian's packages, unpacked beside everything and installed nowhere. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { eventually } from '../demo-project.ts';

const packages = ['zsh', 'zsh-common', 'fish', 'fish-common', 'libpcre2-32-0'];

/** Unpacks the shells into `directory`, which they can be started from. */
export async function unpackShells(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const apt = (...args: readonly string[]) => execa('apt-get', ['--quiet', ...args], { cwd: directory, reject: false });
  if ((await apt('download', ...packages)).exitCode !== 0) {
    await apt('update');
    await execa('apt-get', ['--quiet', 'download', ...packages], { cwd: directory });
  }
  for (const name of (await readdir(directory)).filter((file) => file.endsWith('.deb')))
    await execa('dpkg', ['-x', join(directory, name), directory]);
}

/** The variables with which an unpacked shell finds its own parts. */
export async function shellEnvironment(directory: string): Promise<Record<string, string>> {
  const libraries = join(directory, 'usr/lib');
  const own = (await readdir(libraries)).find((name) => name.includes('-linux-'));
  return { LD_LIBRARY_PATH: join(libraries, own ?? '') };
}

export type Typing = { readonly shell: readonly string[]; readonly env: Record<string, string>; readonly cwd: string };

/** A shell on a terminal of its own: types what is given, and answers what it shows once that holds what is awaited. */
export async function shownAfterTyping({ shell, env, cwd }: Typing, lines: readonly string[], awaited: string): Promise<string> {
  const command = shell.map((word) => `'${word}'`).join(' ');
  const terminal = execa('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { ...env, TERM: 'xterm' },
    extendEnv: false,
    reject: false,
    buffer: false,
  });
  let shown = '';
  terminal.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()));
  try {
    for (const line of lines) {
      const before = shown.length;
      terminal.stdin.write(line);
      // What was typed is echoed: the shell has read it before it is sent more.
      await eventually(async () => (shown.length > before ? true : undefined));
    }
    return await eventually(async () => (shown.includes(awaited) ? shown : undefined)).catch((error: unknown) => {
      throw new Error(`\`${awaited}\` was not shown:\n${shown}`, { cause: error });
    });
  } finally {
    terminal.kill('SIGKILL');
    await terminal;
  }
}
