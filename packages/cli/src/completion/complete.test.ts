import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk, startedTask, type MemoryHost } from '../testing/memory-host.ts';
import { positionals } from './live-proposals.ts';

const twoProjects = { ...projectDisk, '/config/projects/other/project.yml': 'repositry: broken\n' };

async function proposed(words: readonly string[], host: MemoryHost): Promise<readonly string[]> {
  const world = fakeWorld(host);
  expect(await runCli(['__complete', ...words], world)).toBe(0);
  expect(world.said.stderr()).toBe('');
  return world.said.stdout().split('\n').slice(0, -1);
}
const names = (lines: readonly string[]) => lines.map((line) => line.split('\t', 1)[0]);

test('commands come with what they do', async () => {
  expect(await proposed(['task', 'st'], await memoryHost())).toEqual([
    'status\tShow everything about a task',
    'stop\tStop a running task; its workspace is kept',
  ]);
});

test.each([
  [['pro'], ['project']],
  [['dif'], ['diff']],
  [['--ver'], ['--version']],
  [
    ['project', 'show', ''],
    ['demo', 'other'],
  ],
  [['project', 'show', 'o'], ['other']],
  [['project', 'show', 'demo', ''], ['--json']],
  [['run', '--agent', 'sh'], ['shell']],
  [['task', 'run', '--agent=sh'], ['--agent=shell']],
  [
    ['task', 'diff', '--against', ''],
    ['base', 'HEAD', 'PREV'],
  ],
  [['task', 'run', 'demo', '--prompt-fi'], ['--prompt-file']],
  [['task', 'run', 'demo', '--prompt-file', 'x'], [':files']],
  [['project', 'add', 'new', ''], [':directories']],
  [
    ['completions', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['nonsense', ''], []],
  [
    ['task', 'logs', '../x', ''],
    ['--follow', '--tail', '--raw'],
  ],
])('%j proposes %j', async (words, expected) => {
  const lines = names(await proposed(words, await memoryHost({ disk: twoProjects })));
  expect(lines.filter((line) => !['--help', '-h', '-f'].includes(line ?? ''))).toEqual(expected);
});

test('tasks come with their names, of the project that was typed, however it was typed', async () => {
  const host = await memoryHost({ disk: twoProjects });
  const taskId = await startedTask(host, 'first');
  const task = `${taskId}\tfirst`;
  expect(await proposed(['task', 'logs', 'demo', ''], host)).toEqual([task]);
  expect(await proposed(['logs', '--tail', '3', 'demo', taskId.slice(0, 1)], host)).toEqual([task]);
  expect(await proposed(['task', 'run', 'demo', '--task', ''], host)).toEqual([task]);
  expect(await proposed(['task', 'logs', 'demo/'], host)).toEqual([`demo/${task}`]);
  expect(await proposed(['task', 'logs', 'other', ''], host)).not.toContain(task);
});

test('nothing is said where nothing can be found out', async () => {
  const failing = { host: () => Promise.reject(new Error('no host')), engine: () => Promise.reject(new Error('no engine')) };
  expect(await proposed(['project', 'show', ''], { ...(await memoryHost()), ...failing })).toEqual(['--help\tPrint this help']);
});

test.each([
  [
    ['a', '--tail', '3', 'b'],
    ['a', 'b'],
  ],
  [
    ['-f', 'a', '--', '--tail'],
    ['a', '--tail'],
  ],
  [['--unknown', 'a'], ['a']],
])('of %j the arguments are %j', (words, expected) => {
  const flags = [
    { name: '--tail', letter: null, takes: 'LINES', brief: '', byDefault: null },
    { name: '--follow', letter: 'f', takes: null, brief: '', byDefault: null },
  ];
  expect(positionals(words, { flags })).toEqual(expected);
});
