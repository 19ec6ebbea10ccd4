import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { shareBase } from './share-base.ts';
import { otherInstallation, sharedInstallation } from './world.ts';

const guideFile = new URL('../../docs/guides/first-task.md', import.meta.url);
const cli = fileURLToPath(new URL('../../cli/dist/bin.js', import.meta.url));

/** The IDs that the guide has, and the names of their tasks. */
const namesInGuide: Readonly<Record<string, string>> = { g6zbz: 'mend-sum', h2m5q: 'look-around' };

/** What a person types, command by command. What wants a terminal, or a home of the person's own, is left out. */
function typedLines(guide: string): readonly string[] {
  const [withoutKeys = ''] = guide.split('## With a real agent');
  const scripts = [...withoutKeys.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, script = '']) => script);
  const lines = scripts.flatMap((script) => script.match(/.*<<'EOF'\n[\s\S]*?\nEOF\n|.+\n/g) ?? []);
  return lines.filter((line) => !line.startsWith('terok task login'));
}

test('the guide to the first task can be typed as it stands', async () => {
  const installation = await otherInstallation('guide');
  await shareBase(await sharedInstallation(), installation);
  const { directory, stateRoot, configRoot } = installation;
  const bin = join(directory, 'bin');
  const home = join(directory, 'home');
  await mkdir(bin);
  await mkdir(home);
  await writeFile(join(bin, 'terok'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`, { mode: 0o755 });
  const identity = { name: 'A person', email: 'person@example.org' };
  const env = {
    ...{ PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: home, LC_ALL: 'C.UTF-8' },
    ...{ TEROK_ROOT: stateRoot, TEROK_CONFIG_DIR: configRoot, TEROK_CONFIG_FILE: join(configRoot, 'config.yml') },
    ...{ GIT_AUTHOR_NAME: identity.name, GIT_AUTHOR_EMAIL: identity.email },
    ...{ GIT_COMMITTER_NAME: identity.name, GIT_COMMITTER_EMAIL: identity.email },
  };

  const ids = new Map<string, string>();
  const transcript: string[] = [];
  let cwd = home;
  for (const line of typedLines(await readFile(guideFile, 'utf8'))) {
    const typed = [...ids].reduce((text, [inGuide, id]) => text.replaceAll(inGuide, id), line);
    const { stdout, stderr, exitCode } = await execa('bash', ['-euc', `${typed}\npwd >&3`], {
      ...{ cwd, env, extendEnv: false, reject: false },
      stdio: ['ignore', 'pipe', 'pipe', { file: join(directory, 'cwd') }],
    });
    transcript.push(`$ ${typed}${stdout}\n${stderr}`);
    expect(exitCode, transcript.at(-1)).toBe(0);
    cwd = (await readFile(join(directory, 'cwd'), 'utf8')).trim();

    if (!typed.startsWith('terok task run')) continue;
    const { tasks } = JSON.parse(await installation.answer(['task', 'list', 'demo', '--json'])) as {
      tasks: readonly { task_id: string; name: string }[];
    };
    for (const [inGuide, name] of Object.entries(namesInGuide)) {
      const found = tasks.find((task) => task.name === name);
      if (found !== undefined) ids.set(inGuide, found.task_id);
    }
  }

  const all = transcript.join('');
  expect([...ids.keys()]).toEqual(Object.keys(namesInGuide));
  expect(all).toContain('1 + 1 = 2');
  expect(all).toContain('-echo "1 + 1 = 3"\n+echo "1 + 1 = 2"');
  expect(await readFile(join(home, 'src/demo/sum.sh'), 'utf8')).toContain('= 2');
  expect(await installation.answer(['task', 'archive', 'list', 'demo'])).toContain('mend-sum');
  for (const [, id] of ids) await installation.terok(['task', 'delete', 'demo', id, '--yes']);
  expect(await installation.answer(['task', 'list', 'demo', '--json'])).toContain('"tasks": []');
});
