import { z } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { rowsOf } from '../commands/row.ts';
import { commandTable } from '../commands/table.ts';
import { runCli } from '../run-cli.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';

const rows = new Map(rowsOf(commandTable).map(([words, row]) => [words.join(' '), row]));

/** Commands whose answer needs a real engine; they are tried on one elsewhere. */
const withDaemon = ['keep-awake', 'logs', 'pause', 'release', 'resume', 'sleep', 'start', 'steps reset'].map((words) => `daemon ${words}`);
const withEngine = [
  ...withDaemon,
  'image build',
  'task run',
  'task follow-up',
  'task restart',
  'task archive restore',
  'task diff',
  'task fetch',
];

const archivedDisk = {
  '/state/archive/demo/tasks/20260101T120000000_k3v8h/task.json': JSON.stringify({ task_id: 'k3v8h', name: 'old', mode: 'run' }),
};

const tried = [
  ['project add', 'project add other /repositories/other'],
  ['project list', 'project list'],
  ['project show', 'project show demo'],
  ['project derive', 'project derive demo copy --agent shell'],
  ['project remove', 'project remove empty --yes'],
  ['task new', 'task new demo --name second'],
  ['task list', 'task list demo'],
  ['task status', 'task status demo/TASK'],
  ['task wait', 'task wait demo TASK'],
  ['task stop', 'task stop demo RUNNING'],
  ['task rename', 'task rename demo/TASK other'],
  ['task delete', 'task delete demo TASK'],
  ['task archive list', 'task archive list demo'],
  ['task archive show', 'task archive show demo k3v8h'],
  ['image list', 'image list'],
  ['image usage', 'image usage'],
  ['image cleanup', 'image cleanup'],
  ['agents list', 'agents list'],
  ['agents show', 'agents show codex'],
  ['config paths', 'config paths'],
  ['config show', 'config show'],
  ['daemon status', 'daemon status'],
  ['daemon wake', 'daemon wake'],
  ['daemon steps list', 'daemon steps list'],
  ['daemon steps run', 'daemon steps run state-hygiene --dry-run'],
  ['digest', 'digest'],
  ['panic now', 'panic now'],
  ['panic clear', 'panic clear'],
  ['storage', 'storage'],
  ['doctor', 'doctor'],
  ['uninstall', 'uninstall --yes'],
  ['version', 'version'],
] as const;

test.each(tried)('%s prints what its schema says', async (command, typed) => {
  const ended = await memoryHost({
    disk: { ...projectDisk, '/config/projects/empty/project.yml': 'repository: /r\n', ...archivedDisk },
    program: { exitCode: 0 },
  });
  const running = await memoryHost({ disk: projectDisk });
  const host = typed.includes('RUNNING') ? running : ended;
  const taskId = await startedTask(host, 'first');
  const world = fakeWorld(host);
  await runCli([...typed.replace(/TASK|RUNNING/, taskId).split(' '), '--json'], world);

  const answer: unknown = JSON.parse(world.said.stdout());
  const schema = await rows.get(command)?.json?.();
  expect(schema).toBeDefined();
  expect(z.safeParse(schema ?? z.never(), answer)).toMatchObject({ success: true });
});

test('every command that has a schema is tried', () => {
  const documented = [...rows].filter(([, row]) => row.json !== undefined).map(([words]) => words);
  expect(documented.toSorted()).toEqual([...tried.map(([words]) => words), ...withEngine].toSorted());
});
