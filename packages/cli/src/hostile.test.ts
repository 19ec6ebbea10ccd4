import { updateTask } from '@terok/orchestration';
import { describe, expect, test } from 'vitest';
import { rowsOf } from './commands/row.ts';
import { commandTable } from './commands/table.ts';
import { runCli } from './run-cli.ts';
import { fakeWorld } from './testing/fake-world.ts';
import { memoryHost, startedTask, type MemoryHost } from './testing/memory-host.ts';

/** A title, a colour in seven and in eight bits, a bell, a redrawn line, an override of direction. */
const hostile = '\u001B]0;owned\u0007\u001B[31m\u009B31m\u0007\r\u202Egnp';
const yaml = JSON.stringify(hostile);

/** Everything in it that can be somebody else's text is hostile. */
async function hostileHost({ complaint }: { readonly complaint?: string } = {}): Promise<MemoryHost & { readonly taskId: string }> {
  const host = await memoryHost({
    disk: {
      '/config/projects/demo/project.yml': `repository: ${yaml}\nbranch: ${yaml}\nimage:\n  base: ${yaml}\nrun:\n  agent: ${yaml}\n`,
      '/config/projects/broken/project.yml': `${yaml}: ${yaml}\n`,
      '/config/projects/empty/project.yml': `repository: ${yaml}\n`,
      '/config/config.yml': `git:\n  author_name: ${yaml}\nrun:\n  ${yaml}: 1\n${yaml}: 1\n`,
      '/config/agents/mine.yaml': `label: ${yaml}\n${yaml}: 1\n`,
      '/config/agents/other.yaml': `label: ${yaml}\nstart: [${yaml}]\n`,
      '/state/archive/demo/tasks/20260101T120000000_k3v8h/task.json': JSON.stringify({ task_id: 'k3v8h', name: hostile, mode: 'run' }),
      '/state/archive/demo/tasks/20260101T120000000_k3v8h/logs/container.log': hostile,
    },
    program: { output: [{ stream: 'stdout', bytes: new TextEncoder().encode(`${hostile}\n`) }], exitCode: 1 },
    edits: [() => `${yaml}: [\n`],
    ...(complaint === undefined ? {} : { complaint }),
  });
  const taskId = await startedTask(host, 'first');
  await updateTask(await host.engine(), 'demo', taskId, {
    name: hostile,
    agent: hostile,
    branch: hostile,
    error: hostile,
    base_commit: hostile,
  });
  return { ...host, taskId };
}

/** One line per command; TASK is a task of project `demo`, HOSTILE the text. */
const typed: Readonly<Record<string, string>> = {
  setup: 'setup --base HOSTILE',
  uninstall: 'uninstall',
  doctor: 'doctor',
  'project add': 'project add HOSTILE HOSTILE --branch HOSTILE',
  'project list': 'project list',
  'project show': 'project show demo',
  'project edit': 'project edit demo',
  'project derive': 'project derive demo HOSTILE --branch HOSTILE',
  'project wizard': 'project wizard HOSTILE',
  'project remove': 'project remove empty',
  'task run': 'task run demo --prompt HOSTILE --agent HOSTILE --branch HOSTILE --name HOSTILE',
  'task follow-up': 'task follow-up demo TASK --prompt HOSTILE',
  'task new': 'task new demo --name HOSTILE',
  'task list': 'task list demo',
  'task status': 'task status demo TASK',
  'task logs': 'task logs demo TASK',
  'task diff': 'task diff demo TASK',
  'task fetch': 'task fetch demo TASK --branch HOSTILE --into HOSTILE',
  'task login': 'task login demo TASK',
  'task stop': 'task stop demo',
  'task restart': 'task restart demo TASK',
  'task rename': 'task rename demo TASK HOSTILE',
  'task delete': 'task delete demo TASK',
  'task wait': 'task wait demo TASK',
  'task archive list': 'task archive list demo',
  'task archive show': 'task archive show demo k3v8h',
  'task archive restore': 'task archive restore demo k3v8h --name HOSTILE',
  'task archive logs': 'task archive logs demo HOSTILE',
  'image build': 'image build demo',
  'image list': 'image list',
  'image usage': 'image usage',
  'image cleanup': 'image cleanup',
  'agents list': 'agents list',
  'agents show': 'agents show HOSTILE',
  'panic now': 'panic now',
  'panic clear': 'panic clear',
  'daemon install': 'daemon install',
  'daemon keep-awake': 'daemon keep-awake --reason HOSTILE',
  'daemon logs': 'daemon logs',
  'daemon pause': 'daemon pause',
  'daemon release': 'daemon release HOSTILE',
  'daemon resume': 'daemon resume',
  'daemon sleep': 'daemon sleep',
  'daemon start': 'daemon start --HOSTILE',
  'daemon status': 'daemon status',
  'daemon steps list': 'daemon steps list',
  'daemon steps reset': 'daemon steps reset HOSTILE',
  'daemon steps run': 'daemon steps run HOSTILE',
  'daemon stop': 'daemon stop',
  'daemon uninstall': 'daemon uninstall',
  'daemon wake': 'daemon wake',
  'daemon run': 'daemon run --HOSTILE',
  digest: 'digest',
  storage: 'storage',
  'config show': 'config show',
  'config edit': 'config edit',
  'config schema': 'config schema',
  'config paths': 'config paths',
  completions: 'completions HOSTILE',
  version: 'version',
};

const commands = Object.entries(typed);
const withJson = rowsOf(commandTable).flatMap(([words, { json }]) => (json === undefined ? [] : [words.join(' ')]));

test('every command is tried', () => {
  expect(Object.keys(typed).toSorted()).toEqual(
    rowsOf(commandTable)
      .map(([words]) => words.join(' '))
      .toSorted(),
  );
});

/** What a command says on a terminal, without the one thing that terok itself tells it: to clear a passing line. */
async function shownBy(line: string, host: MemoryHost & { readonly taskId: string }, json = false): Promise<string> {
  const words = line.split(' ').map((word) => (word === 'TASK' ? host.taskId : word === 'HOSTILE' ? hostile : word));
  const world = fakeWorld({ ...host, typed: [hostile, '', '', ''], environment: { NO_COLOR: '1', HOME: '/home/person' } });
  await runCli(json ? [...words, '--json'] : words, world);
  return `${world.said.stdout()}${world.said.stderr()}`.replaceAll('\r\u001B[2K', '');
}

const commanding = /[^\n\t\u0020-\u007e\u00a0-\u{10ffff}]|\u202e/u;

describe.each(commands)('%s', (_, line) => {
  test('shows nothing that a terminal obeys', async () => {
    expect(await shownBy(line, await hostileHost())).not.toMatch(commanding);
  });
  test('shows nothing that a terminal obeys where programs complain', async () => {
    expect(await shownBy(line, await hostileHost({ complaint: hostile }))).not.toMatch(commanding);
  });
});

test.each(withJson)('%s prints no such thing as JSON', async (command) => {
  expect(await shownBy(typed[command] ?? '', await hostileHost(), true)).not.toMatch(commanding);
});

test.each([
  'HOSTILE',
  'task HOSTILE',
  'task list --HOSTILE',
  'task list demo --status HOSTILE',
  'task status HOSTILE/HOSTILE',
  'HOSTILE --help',
])('a mistake such as `%s` is told without it', async (line) => expect(await shownBy(line, await hostileHost())).not.toMatch(commanding));

test('what is hostile is there to be shown', async () => {
  const { taskId, ...host } = await hostileHost();
  const ctx = await host.engine();
  const chunks = await Array.fromAsync(ctx.runtime.logs(`demo-run-${taskId}`, { follow: false }));
  expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()).toMatch(commanding);
});
