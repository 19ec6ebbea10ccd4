/**
 * The sandbox runtime: one command under bubblewrap, in the host's own files, with the network behind a proxy. Nothing is made before
 * the command and nothing stays after it, so its first command is all there is to measure.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fromNpm } from './install.ts';
import type { Stage } from './stage.ts';
import type { AbsentTool, Tool } from './tool.ts';

/** What it starts, and the package of Debian that has it. */
const needed = { bwrap: 'bubblewrap', socat: 'socat', rg: 'ripgrep' };
const none = { none: 'nothing stays after its command' };

export function srtTool(stage: Stage): Promise<Tool | AbsentTool> {
  const { programs, env } = stage;
  return fromNpm(
    stage,
    { name: 'srt', package: '@anthropic-ai/sandbox-runtime', version: '0.0.83', command: 'srt' },
    async ({ name, command }) => {
      const cwd = await stage.repository('srt');
      const run = (...args: readonly string[]) => programs.run({ words: [...command, ...args], env, cwd });
      return {
        name,
        ways: { version: { by: 'srt --version' }, create: { by: 'srt true' }, exec: none, call: none, stop: none, remove: none },
        version: async (timed) => void (await timed('version', () => run('--version'))),
        life: async (timed) => void (await timed('create', () => run('true'))),
      };
    },
  );
}

/** The command that brings what it needs and this machine has not; null where all is there. The bench installs nothing on the system. */
export function srtNeeds({ env }: Pick<Stage, 'env'>): string | null {
  const directories = (env['PATH'] ?? '').split(delimiter);
  const missing = Object.entries(needed).flatMap(([program, debianPackage]) =>
    directories.some((directory) => isProgram(join(directory, program))) ? [] : [debianPackage],
  );
  return missing.length === 0 ? null : `apt-get install ${missing.join(' ')}`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
