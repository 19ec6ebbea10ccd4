import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const twoProjects = { ...projectDisk, '/config/projects/other/project.yml': 'repository: /repositories/other\n' };

test('what was left out is chosen at a terminal', async () => {
  const host = await memoryHost({ disk: twoProjects });
  const taskId = await startedTask(host, 'first');
  const shown = await session('task stop --timeout 1s', { ...host, typed: ['demo', taskId] });
  expect(shown.replaceAll(taskId, 'TASKID')).toMatchInlineSnapshot(`
    "$ terok task stop --timeout 1s
    --- stderr
    ? Which project?
      - demo (/repositories/demo)
      - other (/repositories/other)
    ? Which task of demo?
      - TASKID first (running)
    Stopped demo/TASKID. Its workspace is kept.
    => 0
    "
  `);
});

test('nothing is done by who does not choose', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const taskId = await startedTask(host, 'first');
  expect(await session('task stop demo', { ...host, typed: [] })).toMatch(/error:\S* Nothing was done\.\n=> 130\n$/);
  expect(await session(`task status demo/${taskId}`, host)).toContain('running');
});

test('without a terminal what was left out is asked for', async () => {
  const host = await memoryHost({ disk: projectDisk });
  expect(await session('task stop', host)).toContain('error: PROJECT is missing.\nhint: `terok project list` lists them all.\n=> 2');
  expect(await session('task stop demo', host)).toContain('error: Which task of project `demo`?');
});

test('where there is nothing to choose from, that is said', async () => {
  expect(await session('task list', { ...(await memoryHost()), typed: [] })).toContain('There are no projects yet.');
  expect(await session('task stop demo', { ...(await memoryHost({ disk: projectDisk })), typed: [] })).toContain(
    'Project `demo` has no tasks.',
  );
});

test('a task is renamed, however it is addressed', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const taskId = await startedTask(host, 'first');
  expect(await session(`task rename demo ${taskId} second`, host)).toContain(`Task demo/${taskId} is called second now.`);
  expect(await session(`task rename demo/${taskId} third`, host)).toContain(`Task demo/${taskId} is called third now.`);
  expect(await session(`task rename demo/${taskId}`, { ...host, typed: ['fourth'] })).toContain('is called fourth now.');
  expect(await session(`task list demo`, host)).toContain('fourth');
  expect(await session(`task rename demo/${taskId}`, host)).toMatch(/NAME is missing[\s\S]*=> 2\n$/);
  expect(await session(`task rename demo/${taskId} a b`, host)).toMatch(/one word too many[\s\S]*=> 2\n$/);
});

test('names in a list of choices cannot command the terminal', async () => {
  const host = await memoryHost({ disk: { '/config/projects/demo/project.yml': 'repository: "/r\\e]0;owned\\a"\n' } });
  expect(await session('project show', { ...host, typed: ['demo'], environment: { NO_COLOR: '1' } })).not.toContain('\u001B');
});
