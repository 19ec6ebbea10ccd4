import { describe, expect, test } from 'vitest';
import type { Command } from '@terok/executor';
import { attemptGit, exitedWith, runGit, saidBy } from './git.ts';
import { outcome, scriptedPrograms } from './testing/memory-world.ts';

const env = {
  PATH: '/usr/bin',
  HOME: '/home/user',
  SSH_AUTH_SOCK: '/run/agent',
  GIT_SSH_COMMAND: 'ssh -v',
  GIT_DIR: '/elsewhere',
  GIT_CONFIG_COUNT: '1',
  GIT_EXTERNAL_DIFF: 'program',
  TOKEN: 'secret',
};

async function command(args: readonly string[], cwd?: string): Promise<Command> {
  const commands: Command[] = [];
  const processes = scriptedPrograms(async (each) => {
    commands.push(each);
    return {};
  });
  await attemptGit({ processes, env }, args, cwd === undefined ? {} : { cwd });
  const [only] = commands;
  if (only === undefined) throw new Error('nothing was run');
  return only;
}

describe('git on the host', () => {
  test('runs no hooks, no background work and no programs in place of repositories, whatever is configured', async () => {
    const { args } = await command(['fetch', '--', '/r']);
    const settings = args.flatMap((word, index) => (args[index - 1] === '-c' ? [word] : []));
    expect(settings).toEqual(
      expect.arrayContaining([
        'core.hooksPath=/dev/null',
        'gc.auto=0',
        'maintenance.auto=false',
        'protocol.ext.allow=never',
        'submodule.recurse=false',
      ]),
    );
    expect(args.slice(-3)).toEqual(['fetch', '--', '/r']);
  });

  test('gets what it needs to reach a remote, nothing that redirects it, and nobody to ask for a password', async () => {
    const given = (await command(['fetch'])).env;
    expect(given).toMatchObject({
      PATH: '/usr/bin',
      SSH_AUTH_SOCK: '/run/agent',
      GIT_SSH_COMMAND: 'ssh -v',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      LC_ALL: 'C.UTF-8',
    });
    for (const name of ['GIT_DIR', 'GIT_CONFIG_COUNT', 'GIT_EXTERNAL_DIFF', 'TOKEN']) expect(given).not.toHaveProperty(name);
  });

  test('never takes the settings of the folder that the caller happens to be in', async () => {
    expect((await command(['ls-remote', '--', 'host:r'])).args.slice(0, 2)).toEqual(['-C', '/']);
    expect((await command(['fetch'], '/mirrors/demo.git')).args.slice(0, 2)).toEqual(['-C', '/mirrors/demo.git']);
  });

  test('that is missing, or fails, is an error of its own', async () => {
    await expect(runGit({ processes: scriptedPrograms(async () => null), env }, ['fetch'])).rejects.toMatchObject({ code: 'GIT_MISSING' });
    const failing = scriptedPrograms(async () => ({ exitCode: 128, stderr: 'fatal: \u001b[31mno\n' }));
    await expect(runGit({ processes: failing, env }, ['fetch', '--', '/r'])).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringMatching(/^`git fetch` ended with 128\.\n\nfatal: [^\u001b]*no$/) as string,
    });
  });
});

test('only the last lines of what git says are handed on', () => {
  expect(saidBy(outcome({ stderr: '1\n2\n3\n4\n5\n6\n' }))).toBe('2\n3\n4\n5\n6');
  expect(exitedWith({ end: { kind: 'killed', signal: 'SIGKILL' } }, 0)).toBe(false);
});
