import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk, startedTask, type MemoryHost } from '../testing/memory-host.ts';

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
  [['task', 'list', '--status', 'not'], ['not_found']],
  [['task', 'run', 'demo', '--prompt-file', 'x'], [':files']],
  [['project', 'add', 'new', ''], [':directories']],
  [
    ['completions', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['nonsense', ''], []],
  [
    ['task', 'logs', '../x', ''],
    ['--follow', '--tail', '--run', '--raw'],
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

test('archives come newest first with the names of their tasks, and agents with their labels, the person’s own too', async () => {
  const archive = (name: string) => `/state/archive/demo/tasks/${name}/task.json`;
  const host = await memoryHost({
    disk: {
      ...twoProjects,
      [archive('20260101T120000000000Z_k1aaa_first')]: '{}',
      [archive('20260201T120000000000Z_k2aaa')]: '{}',
      '/config/agents/mine.yaml': 'label: "My own" # for now\n',
      '/config/agents/shell.yaml': 'run: [\n',
      '/config/agents/claude.yaml': 'label: Ours\n',
    },
  });
  expect(await proposed(['task', 'archive', 'show', 'demo', ''], host)).toEqual([
    '20260201T120000000000Z_k2aaa\t',
    '20260101T120000000000Z_k1aaa_first\tfirst',
  ]);
  expect(await proposed(['task', 'archive', 'logs', 'demo', '202601'], host)).toEqual(['20260101T120000000000Z_k1aaa_first\tfirst']);
  expect(await proposed(['run', 'demo', '--agent', ''], host)).toEqual([
    'claude\tOurs',
    'codex\tCodex',
    'copilot\tGitHub Copilot',
    'gemini\tGemini CLI',
    'mine\tMy own',
    'opencode\tOpenCode',
    'shell\tShell',
  ]);
});

test('where the value of a flag is wanted, no flag is proposed', async () => {
  expect(await proposed(['task', 'run', 'demo', '--prompt', ''], await memoryHost())).toEqual([]);
});

test('nothing is said where nothing can be found out', async () => {
  const failing = { host: () => Promise.reject(new Error('no host')), engine: () => Promise.reject(new Error('no engine')) };
  expect(await proposed(['project', 'show', ''], { ...(await memoryHost()), ...failing })).toEqual(['--help\tPrint this help']);
});
