import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const setUp = {
  ...projectDisk,
  '/state/setup.stamp': '{}',
  '/state/engine-profile.json': '{}',
  '/state/archive/demo/tasks/old/task.json': '{}',
  '/state/of-somebody-else': 'text',
  '/config/config.yml': 'run: {}\n',
  '/home/person/.config/fish/completions/terok.fish': '# Completions of terok for fish.\n',
  '/home/person/.local/share/zsh/site-functions/_terok': '# by hand\n',
};
const environment = { HOME: '/home/person', NO_COLOR: '1' };

async function present(host: Awaited<ReturnType<typeof memoryHost>>): Promise<readonly string[]> {
  const { files } = await host.host();
  const there = await Promise.all(Object.keys(setUp).map(async (path) => ((await files.stat(path)) === null ? [] : [path])));
  return there.flat();
}

test('what setup made goes, and what people made stays', async () => {
  const host = await memoryHost({ disk: setUp });
  expect(await session('uninstall --yes', { ...host, environment })).toMatchInlineSnapshot(`
    "$ terok uninstall --yes
    --- stderr
    Uninstalled. Projects, tasks and archives are kept in /state and /config
    hint: The command itself goes with \`npm uninstall --global terok\`.
    => 0
    "
  `);
  expect(await present(host)).toEqual([
    '/config/projects/demo/project.yml',
    '/state/archive/demo/tasks/old/task.json',
    '/state/of-somebody-else',
    '/config/config.yml',
    '/home/person/.local/share/zsh/site-functions/_terok',
  ]);
  expect(await session('task run demo --prompt x', host)).toContain('terok is not set up on this machine yet.');
});

test('with everything else it goes by name: what is not ours stays', async () => {
  const host = await memoryHost({ disk: setUp });
  expect(await session('uninstall --purge', { ...host, environment, typed: ['y'] })).toMatchInlineSnapshot(`
    "$ terok uninstall --purge
    --- stderr
    Destroy every project, task and archive of terok in /state and /config, with all work that was not fetched? [y/N] Uninstalled; projects, tasks and archives are gone.
    hint: The command itself goes with \`npm uninstall --global terok\`.
    => 0
    "
  `);
  expect(await present(host)).toEqual(['/state/of-somebody-else', '/home/person/.local/share/zsh/site-functions/_terok']);
});

test('it may be done twice', async () => {
  const host = await memoryHost({ disk: setUp });
  await session('uninstall --yes', { ...host, environment });
  expect(await session('uninstall --yes', { ...host, environment })).toMatch(/=> 0\n$/);
});

test('nothing goes without a yes, while a task runs, or while that is not known', async () => {
  const host = await memoryHost({ disk: setUp });
  const before = await present(host);
  expect(await session('uninstall', host)).toMatch(/Uninstalling needs a yes[\s\S]*=> 2\n$/);
  expect(await session('uninstall --purge', { ...host, typed: ['n'] })).toContain('Nothing was done.');
  const taskId = await startedTask(host, 'first');
  expect(await session('uninstall --yes', host)).toContain(`There are tasks that run: demo-run-${taskId}.`);
  host.runtime.failing = true;
  expect(await session('uninstall --yes', host)).toContain('podman does not say which containers there are');
  expect(await present(host)).toEqual(before);
});
