import { expect, test } from 'vitest';
import { candidateLines } from '../completion/complete.ts';
import { liveNames } from '../completion/live-names.ts';
import { proposalsFor } from '../completion/live-proposals.ts';
import { invocationIn } from '../invocation.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { recordCompletions } from './record.ts';
import { recordedLines } from './recorded-completions.ts';

const host = await memoryHost({ disk: { ...projectDisk, '/config/projects/other/project.yml': '' } });
const taskId = await startedTask(host, 'first');
const world = fakeWorld(host);
const recorded = await recordCompletions(fakeWorld());

const asRecorded = (words: readonly string[]) => recordedLines(words, recorded, async () => liveNames(await host.host()));
const asWorkedOut = (words: readonly string[]) => {
  const invocation = invocationIn(world);
  return candidateLines(words, invocation, (before, command) => proposalsFor(invocation, before, command));
};

const flagged = [
  ['--json'],
  ['--agent'],
  ['--task'],
  ['--tail', '3'],
  ['-f'],
  ['demo', '--follow'],
  ['--status'],
  ['--prompt-file'],
  ['--nonsense'],
];
const takenBefore = [...flagged, [], ['demo'], ['other'], [`demo/${taskId}`], ['demo', taskId], ['demo', 'x', 'y'], ['../x'], ['bash']];
const partials = [
  '--agent=',
  '--agent=s',
  '',
  '-',
  '--',
  '--h',
  '-f',
  '--json',
  's',
  'de',
  'demo/',
  'demo/k',
  taskId.slice(0, 2),
  ':',
  'zzz',
];

test.each(Object.keys(recorded.targets))('what is recorded after `terok %s` is what the table proposes', async (name) => {
  const words = name === '' ? [] : name.split(' ');
  const typed = takenBefore.flatMap((taken) => partials.map((partial) => [...words, ...taken, partial]));
  const answers = await Promise.all(typed.map(async (each) => ({ typed: each, lines: await asRecorded(each) })));
  const recordedOnes = answers.filter(({ lines }) => lines !== null);
  expect(recordedOnes).toEqual(
    await Promise.all(recordedOnes.map(async (each) => ({ typed: each.typed, lines: await asWorkedOut(each.typed) }))),
  );
});

test.each([
  [['']],
  [['ta']],
  [['--ver']],
  [['task', '']],
  [['task', 'st']],
  [['task', 'run', 'demo', '--prompt-fi']],
  [['project', 'show', '']],
  [['task', 'logs', 'demo', '']],
  [['logs', 'demo/']],
  [['completions', '']],
  [['daemon', 'steps', 'run', '']],
  [['agents', 'show', '']],
  [['task', 'run', '--agent', '']],
  [['task', 'run', '--agent=sh']],
  [['task', 'run', 'demo', '--prompt', 'do it', '--task', '']],
  [['task', 'run', '--prompt-file', '']],
  [['task', 'logs', '-f', '--tail=3', 'demo', '']],
  [['task', 'logs', '--follow', '-']],
  [['task', 'list', '--status', '']],
  [['task', 'archive', 'show', 'demo', '']],
])('%j is answered from what is recorded', async (typed) => {
  expect(await asRecorded(typed)).toEqual(await asWorkedOut(typed));
  expect(await asRecorded(typed)).not.toEqual([]);
});

test.each([
  [['task', 'run', '--nonsense', '']],
  [['task', 'run', '--help', '']],
  [['task', 'logs', '--follow', '-f', '']],
  [['task', 'logs', '--follow=yes']],
  [['--json', 'task', '']],
  [['project', 'show', 'demo', 'x', '']],
  [['task', 'logs', '--', '']],
  [['project list', '']],
])('%j is left to the command library', async (typed) => expect(await asRecorded(typed)).toBeNull());

test('what cannot be looked up is thrown, for somebody else to find another way', async () => {
  const failing = () => Promise.reject(new Error('no disk'));
  await expect(recordedLines(['project', 'show', ''], recorded, failing)).rejects.toThrow('no disk');
});
