import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import { sharedInstallation } from '../world.ts';
import type { Installation } from '../installation.ts';
import { shellEnvironment, shownAfterTyping, unpackShells } from './shells.ts';

let installation: Installation;
let project: DemoProject;
let taskId = '';
let home = '';
let shells = '';
let env: Record<string, string> = {};

beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'completed');
  taskId = (await installation.answer(['task', 'new', project.id, '--name', 'the-first'])).trim();
  home = join(installation.directory, 'home');
  shells = join(installation.directory, 'shells');
  await unpackShells(shells);

  const bin = join(home, 'bin');
  await mkdir(bin, { recursive: true });
  const cli = fileURLToPath(new URL('../../../cli/dist/bin.js', import.meta.url));
  await writeFile(join(bin, 'terok'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  await chmod(join(bin, 'terok'), 0o755);
  env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    TEROK_ROOT: installation.stateRoot,
    TEROK_CONFIG_DIR: installation.configRoot,
    TEROK_CONFIG_FILE: join(installation.configRoot, 'config.yml'),
  };
  for (const shell of ['bash', 'zsh', 'fish']) await execa('terok', ['completions', shell, '--install'], { env, extendEnv: false });
});

afterAll(() => project.remove());

test('bash completes words as they are typed', async () => {
  const bash = { shell: ['bash', '--norc', '--noprofile', '-i'], env: { ...env, PS1: '> ' }, cwd: installation.directory };
  const load = `source '${join(home, '.local/share/bash-completion/completions/terok')}'\n`;
  expect(await shownAfterTyping(bash, [load, 'terok project sh\t', 'compl\t'], 'terok project show completed')).toContain(
    'terok project show completed',
  );
  expect(await shownAfterTyping(bash, [load, 'terok task logs completed \t'], `terok task logs completed ${taskId}`)).toContain(
    `terok task logs completed ${taskId}`,
  );
  expect(await shownAfterTyping(bash, [load, 'terok task diff --against=H\t'], '--against=HEAD')).toContain('--against=HEAD');
});

test('zsh completes words as they are typed, and shows what tasks are called', async () => {
  const parts = join(shells, 'usr/lib');
  const rc = [
    `module_path=(${parts}/*/zsh/*(N))`,
    `fpath=(${join(home, '.local/share/zsh/site-functions')} ${shells}/usr/share/zsh/functions/**/*(/N) ${shells}/usr/share/zsh/functions)`,
    `autoload -U compinit && compinit -u -D`,
    `PS1='> '`,
  ];
  await writeFile(join(home, '.zshrc'), rc.join('\n'));
  const zsh = { shell: [join(shells, 'bin/zsh'), '-i', '+o', 'globalrcs'], env: { ...env, ZDOTDIR: home }, cwd: installation.directory };
  expect(await shownAfterTyping(zsh, ['terok project sh\t', 'compl\t'], 'completed')).toContain('completed');
  expect(await shownAfterTyping(zsh, ['terok task logs completed \t'], taskId)).toContain(taskId);
  expect(await shownAfterTyping(zsh, ['terok task st\t'], 'Stop a running task')).toContain('Stop a running task');
});

test('fish completes words, and shows what tasks are called', async () => {
  const fish = async (line: string) => {
    const { stdout } = await execa(
      join(shells, 'usr/bin/fish'),
      ['--no-config', '--command', `source '${join(home, '.config/fish/completions/terok.fish')}'; complete --do-complete='${line}'`],
      { env: { ...env, ...(await shellEnvironment(shells)) }, extendEnv: false },
    );
    return stdout.split('\n');
  };
  expect(await fish('terok project show compl')).toEqual(['completed\tProject (left out, it is chosen from a list at a terminal)']);
  expect(await fish('terok task logs completed ')).toEqual([`${taskId}\tthe-first`]);
  expect(await fish(`terok task logs completed/`)).toEqual([`completed/${taskId}\tthe-first`]);
  expect(await fish('terok task diff --against=H')).toHaveLength(1);
});
