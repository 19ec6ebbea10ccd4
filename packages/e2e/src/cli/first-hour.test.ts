/**
 * The first hour, as a person types it: from a machine that is not set up to the digest. What is held is the whole transcript, with what differs
 * from run to run given names.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';

let installation: Installation;
let repository: string;
let transcript = '';

beforeAll(async () => {
  installation = await otherInstallation('first-hour');
  await shareBase(await sharedInstallation(), installation);
  repository = join(installation.directory, 'greeter');
  await mkdir(repository);
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(repository, 'greet.sh'), 'greet() {\n  printf \'Hello, %s!\\n\' "$2"\n}\n');
  await git('add', 'greet.sh');
  await git('commit', '--quiet', '--message=greet');
});
afterAll(async () => {
  await installation.terok(['daemon', 'stop']);
  await installation.terok(['uninstall', '--purge', '--yes']);
});

const git = async (...args: readonly string[]): Promise<string> =>
  (await execa('git', ['-C', repository, '-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', ...args])).stdout;

const mend = `sed -i 's/"$2"/"$1"/' greet.sh; git commit --quiet --all --message 'greet: the name it is given'; echo mended`;

test('from setup to the digest', { timeout: 600_000 }, async () => {
  await type('task run greeter --prompt true');
  await type('setup', { talk: 'kept back' });
  await type(`project add greeter ${repository}`);
  await type('project list');

  const task = taskIn(await type(`task run greeter --name mend --prompt '${mend}'`, { talk: 'kept back' }));
  await type('task list greeter');
  await type(`task status greeter ${task}`);
  await type(`task diff greeter ${task.slice(0, 3)}`);
  await type(`task fetch greeter/${task}`);
  await git('merge', '--quiet', '--ff-only', `terok/${task}`);
  await type('ls greeter');

  await type('daemon start');
  await type("run greeter --name fail --prompt 'echo not today; exit 3'", { talk: 'kept back' });
  await type(`task delete greeter ${task}`);
  await type('task archive list greeter');
  await eventually(async () => ((await installation.terok(['digest', '--json'])).stdout.includes('"failed"') ? true : undefined));
  await type('digest --ack');
  await type('daemon stop');

  await expect(transcript).toMatchFileSnapshot('first-hour.transcript.txt');
  expect(await git('log', '--format=%s')).toBe('greet: the name it is given\ngreet');
});

type Typed = {
  /** Of long work only the last lines: what podman prints between them is not ours to promise. */
  readonly talk?: 'kept back';
};

async function type(words: string, { talk }: Typed = {}): Promise<string> {
  const { stdout, stderr, exitCode } = await installation.terok(wordsOf(words));
  const said = talk === undefined ? stderr : ownLines(stderr);
  const parts = [stdout, said].filter((text) => text !== '').map((text) => (text.endsWith('\n') ? text : `${text}\n`));
  transcript += `${named(`$ terok ${words}\n${parts.join('')}=> ${exitCode}\n`)}\n`;
  return `${stdout}\n${stderr}`;
}

const ownLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /^(?:Task|hint:|error:|warning:|Ready|terok)/.test(line))
    .join('\n');

/** Words as a shell reads them, as far as this hour needs: blanks separate, single quotes keep together and may stand inside double quotes. */
function wordsOf(line: string): readonly string[] {
  const [head = '', prompt] = line.split(' --prompt ');
  const words = head.split(' ');
  return prompt === undefined ? words : [...words, '--prompt', prompt.replace(/^'(.*)'$/s, '$1')];
}

const taskIn = (text: string): string => /Task greeter\/(\w+) is running/.exec(text)?.[1] ?? expect.fail(`no task in ${text}`);

const seen = new Map<string, string>();

/** What differs from run to run. */
function named(text: string): string {
  for (const [, id = ''] of text.matchAll(/greeter\/([a-z0-9]{5})\b/g)) if (!seen.has(id)) seen.set(id, `task${seen.size + 1}`);
  let told = text.replaceAll(installation.directory, '/home/ada');
  for (const [id, name] of seen) told = told.replaceAll(new RegExp(`\\b${id}\\b|(?<=\\b)${id.slice(0, 3)}(?=\\n)`, 'g'), name);
  return told
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+(?:\+00:00|Z)/g, 'MOMENT')
    .replaceAll(/\b\d{8}T\d{6}\d*Z\b/g, 'MOMENT')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replaceAll(/\b[0-9a-f]{7,12}\b(?=\.\.|\s)/g, 'COMMIT')
    .replaceAll(/\b\d+(?:ms|s|m|h|d)(?: \d+(?:ms|s|m|h))?\b/g, 'TIME')
    .replaceAll(/process \d+/g, 'process PID')
    .replaceAll(/ {2,}/g, '  ');
}
