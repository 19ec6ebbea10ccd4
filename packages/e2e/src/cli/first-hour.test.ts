/** The first hour, as a person types it at a terminal: from a machine that is not set up to the digest. What is held is the whole transcript. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { atTerminal } from './terminal.ts';

let installation: Installation;
let repository: string;
const sessions: string[] = [];
/** A task's ID as it is here → as the transcript has it. */
const ids = new Map<string, string>();

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
  await type(['task', 'run', 'greeter', '--prompt', 'true']);
  await type(['setup']);
  await type(['project', 'add', 'greeter', repository]);
  await type(['project', 'list']);

  const task = taskIn(await type(['task', 'run', 'greeter', '--name', 'mend', '--prompt', mend]), 'k3v8h');
  await type(['task', 'list', 'greeter']);
  await type(['task', 'status', 'greeter', task]);
  await type(['task', 'diff', 'greeter', task.slice(0, 3)]);
  await type(['task', 'fetch', `greeter/${task}`]);
  await git('merge', '--quiet', '--ff-only', `terok/${task}`);
  sessions.push(`$ git -C ${repository} merge --quiet --ff-only terok/${task}\n=> 0\n`);
  await type(['status', 'greeter', task]);

  await type(['daemon', 'start']);
  taskIn(await type(['run', 'greeter', '--name', 'fail', '--prompt', 'echo not today; exit 3']), 'm7q2x');
  // The daemon takes a moment to put down what became of it.
  await eventually(async () => ((await installation.terok(['digest', '--json'])).stdout.includes('"failed"') ? true : undefined));
  await type(['ls', 'greeter']);
  await type(['task', 'delete', 'greeter', task], 'y\n');
  await type(['task', 'archive', 'list', 'greeter']);
  await type(['digest']);
  await type(['daemon', 'stop']);

  await expect(inOneOrder(named(sessions.join('\n')))).toMatchFileSnapshot('first-hour.transcript.txt');
  expect(await git('log', '--format=%s')).toBe('greet: the name it is given\ngreet');
});

/** A list is by task ID, and an ID is by chance: the two tasks stand in the order of their names here. */
const inOneOrder = (transcript: string): string =>
  transcript.replace(/(?:^(?:k3v8h|m7q2x) {2}.*\n){2}/gm, (rows) => `${rows.trimEnd().split('\n').toSorted().join('\n')}\n`);

async function type(words: readonly string[], answer?: string): Promise<string> {
  const { shown, exitCode } = await atTerminal(installation, words, answer === undefined ? {} : { answer });
  const typed = words.map((word) => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
  sessions.push(`$ terok ${typed}\n${shown}=> ${exitCode}\n`);
  return shown;
}

function taskIn(shown: string, name: string): string {
  const id = /Task greeter\/(\w+) is running/.exec(shown)?.[1];
  if (id === undefined) throw new Error(`no task in ${shown}`);
  ids.set(id, name);
  return id;
}

/** What differs from run to run has names. */
function named(text: string): string {
  let told = text.replaceAll(installation.directory, '/home/ada');
  for (const [id, name] of ids) {
    told = told.replaceAll(new RegExp(`(?<![a-z0-9])${id}(?![a-z0-9])`, 'g'), name);
    told = told.replaceAll(new RegExp(`(?<= )${id.slice(0, 3)}(?=\\n)`, 'g'), name.slice(0, 3));
  }
  return told
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+(?:\+00:00|Z)/g, 'MOMENT')
    .replaceAll(/\b\d{8}T\d{6}\d*Z(?=_)/g, 'MOMENT')
    .replaceAll(/localhost\/terok\/[0-9a-f]{8}\/(l\d):[0-9a-f]+/g, 'localhost/terok/INSTALLATION/$1:CONTENT')
    .replaceAll(/bootstrap-[0-9a-f]+/g, 'bootstrap-CONTENT')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replaceAll(/\b[0-9a-f]{7,12}\b(?=[.\s])/g, 'COMMIT')
    .replaceAll(/\b\d+(?:ms|s|m|h|d)(?: \d+(?:ms|s|m|h))?\b/g, 'TIME')
    .replaceAll(/(?<=\()now(?=\))|(?<= {2})now$/gm, 'TIME ago')
    .replaceAll(/process \d+/g, 'process PID')
    .replaceAll(/ {2,}/g, '  ');
}
