import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from './testing/memory-host.ts';
import { session } from './testing/session.ts';

const stamp = (version: string) => ({
  '/state/setup.stamp': JSON.stringify({ version: 1, completed_at: '2026-01-01T00:00:00+00:00', packages: { '@terok/sandbox': version } }),
});

test('projects are listed, broken ones with what is wrong with them', async () => {
  const host = await memoryHost({ disk: { ...projectDisk, '/config/projects/broken/project.yml': 'repositry: /x\n' } });
  expect(await session('project list', host)).toMatchInlineSnapshot(`
    "$ terok project list
    --- stdout
    PROJECT  REPOSITORY                  BRANCH     AGENT  NETWORK
    broken   cannot be used: 2 problems
    demo     /repositories/demo          (default)  shell  none
    --- stderr
    warning: /config/projects/broken/project.yml:1:1: repository: Invalid input: expected string, received undefined
    warning: /config/projects/broken/project.yml:1:1: repositry: Unknown key \`repositry\`
    => 0
    "
  `);
  expect(await session('project list', await memoryHost())).toMatchInlineSnapshot(`
    "$ terok project list
    --- stderr
    hint: There are no projects yet; add one with \`terok project add PROJECT REPOSITORY\`.
    => 0
    "
  `);
});

test('a project is shown with what it leaves out filled in', async () => {
  expect(await session('project show demo', await memoryHost({ disk: projectDisk }))).toMatchInlineSnapshot(`
    "$ terok project show demo
    --- stdout
    project      demo
    file         /config/projects/demo/project.yml
    repository   /repositories/demo
    branch       (the repository's default)
    base image   auto
    agent        shell
    commits by   the agent
    network      none
    secrets      none
    limits       memory 4g, cpus 2, pids 4096
    time limit   none
    relaxations  none
    => 0
    "
  `);
});

test('an unknown project names the nearest', async () => {
  const host = await memoryHost({ disk: projectDisk });
  for (const typed of ['project show dmo', 'task list dmo', 'task status dmo/k3', 'task new dmo']) {
    expect(await session(typed, host)).toContain('error: There is no project `dmo`.\nhint: Did you mean `demo`?');
  }
});

test('removing a project wants a yes', async () => {
  const host = await memoryHost({ disk: projectDisk });
  expect(await session('project remove demo', host)).toMatchInlineSnapshot(`
    "$ terok project remove demo
    --- stderr
    error: Removing a project needs a yes, and there is no terminal to ask at.
    hint: Add \`--yes\`.
    => 2
    "
  `);
  expect(await session('project remove demo', { ...host, typed: ['n'] })).toMatchInlineSnapshot(`
    "$ terok project remove demo
    --- stderr
    Remove project demo (/repositories/demo)? [y/N] [31merror:[39m Nothing was done.
    => 1
    "
  `);
  expect(await session('project remove demo', { ...host, typed: ['yes'] })).toMatchInlineSnapshot(`
    "$ terok project remove demo
    --- stderr
    Remove project demo (/repositories/demo)? [y/N] Removed project demo. Its repository was not touched.
    Its settings are kept in /state/archive/demo/project-20260101T120000000.yml
    => 0
    "
  `);
});

test('a task is made, listed and found by the start of its ID', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const taskId = await startedTask(host, 'first');
  const masked = (shown: string) => shown.replaceAll(taskId, 'TASKID');
  expect(masked(await session('task list demo', host))).toMatchInlineSnapshot(`
    "$ terok task list demo
    --- stdout
    TASK   NAME   STATUS   EXIT  AGENT  CREATED
    TASKID  first  running        shell  now
    => 0
    "
  `);
  expect(masked(await session(`task status demo ${taskId.slice(0, 2)}`, host))).toMatchInlineSnapshot(`
    "$ terok task status demo m5
    --- stdout
    task         demo/TASKID
    name         first
    status       running
    ended        not yet
    agent        shell
    created      2026-01-01T12:00:00.000+00:00 (now)
    started      2026-01-01T12:00:00.000+00:00 (now)
    finished     not yet
    container    demo-run-TASKID (running)
    time limit   none
    relaxations  none
    branch       (the repository's default)
    base commit  (not known yet)
    fetched      not yet
    merged       no
    => 0
    "
  `);
  expect(masked(await session('task list demo --json', host))).toMatchInlineSnapshot(`
    "$ terok task list demo --json
    --- stdout
    {
      "project_id": "demo",
      "tasks": [
        {
          "project_id": "demo",
          "task_id": "TASKID",
          "name": "first",
          "status": "running",
          "mode": "run",
          "agent": "shell",
          "container_state": "running",
          "exit_code": null,
          "created_at": "2026-01-01T12:00:00.000+00:00"
        }
      ]
    }
    => 0
    "
  `);
});

test('a status that no task has is refused, and any spelling of one that some have is taken', async () => {
  const host = await memoryHost({ disk: projectDisk });
  await startedTask(host, 'first');
  expect(await session('task list demo --status runing', host)).toMatchInlineSnapshot(`
    "$ terok task list demo --status runing
    --- stderr
    error: No task ever has the status \`runing\`.
    hint: Did you mean \`running\`?
    => 2
    "
  `);
  expect(await session("task list demo --status 'timed out'", host)).toMatchInlineSnapshot(`
    "$ terok task list demo --status 'timed out'
    --- stderr
    No task matches.
    => 0
    "
  `);
  expect(await session('task list demo --status running', host)).toContain('first  running');
});

test('text from outside cannot command the terminal', async () => {
  const hostile = 'repository: "/r\\e]0;owned\\a\\e[31m"\n';
  const host = await memoryHost({ disk: { '/config/projects/demo/project.yml': hostile } });
  expect(await session('project list', host)).not.toContain('\u001B');
  expect(await session('project show demo', host)).not.toContain('\u001B');
});

test('a log is cleaned for a terminal and untouched in a pipe', async () => {
  const bytes = new TextEncoder().encode('\u001B[31mred\u001B[0m\r\n');
  const host = await memoryHost({ disk: projectDisk, program: { output: [{ stream: 'stdout', bytes }], exitCode: 0 } });
  const taskId = await startedTask(host, 'colourful');
  expect(await session(`task logs demo ${taskId}`, host)).toContain('--- stdout\n\u001B[31mred\u001B[0m\r\n=> 0');
  expect(await session(`task logs demo ${taskId}`, { ...host, typed: [] })).toContain('--- stdout\nred\n=> 0');
});

test('waiting ends with the exit code of the task', async () => {
  const host = await memoryHost({ disk: projectDisk, program: { exitCode: 7 } });
  const taskId = await startedTask(host, 'failing');
  expect(await session(`task wait demo ${taskId}`, host)).toContain(`Task demo/${taskId} ended: agent, exit code 7.\n=> 7`);
});

test('work does not start where nothing was set up', async () => {
  expect(await session('task run demo --prompt x', await memoryHost({ disk: projectDisk }))).toMatchInlineSnapshot(`
    "$ terok task run demo --prompt x
    --- stderr
    error: terok is not set up on this machine yet.
    hint: Run \`terok setup\`.
    => 3
    "
  `);
  expect(await session('task run demo --prompt x', await memoryHost({ disk: { ...projectDisk, '/state/setup.stamp': '[]' } })))
    .toMatchInlineSnapshot(`
    "$ terok task run demo --prompt x
    --- stderr
    error: The setup stamp \`/state/setup.stamp\` cannot be read: it is not a JSON object.
    hint: Run \`terok setup\`; it writes a new one.
    => 3
    "
  `);
});

test('an older terok than the one that set the machine up is refused, and told to go on goes on', async () => {
  const host = await memoryHost({ disk: { ...projectDisk, ...stamp('999.0.0') } });
  const refused = await session('task run demo --prompt x', host);
  expect(refused).toContain('error: This terok is older than the one that set this machine up (@terok/sandbox 999.0.0 → ');
  expect(refused).toMatch(/=> 4\n$/);
  expect(await session('task run demo --prompt x --allow-downgrade', host)).toContain('warning: Going on with an older terok');
});

test('after an update one line says so, and work goes on', async () => {
  const updated = { ...projectDisk, ...stamp('0.0.0-0') };
  const shown = await session('task run demo --prompt x', await memoryHost({ disk: updated }));
  expect(shown.match(/^warning: terok was updated since its setup \(.+\); run `terok setup` when convenient\.$/gm)).toHaveLength(1);
  // The launch itself was begun: what ends it is that this host's engine was never tried.
  const setUp = await memoryHost({ disk: { ...projectDisk, '/state/setup.stamp': await currentStamp() } });
  const withoutUpdate = await session('task run demo --prompt x', setUp);
  expect(withoutUpdate).toContain('error: ');
  expect(shown.replace(/^warning: terok was updated.*\n/m, '')).toBe(withoutUpdate);
});

/** That of a machine which was set up by what is installed here. */
async function currentStamp(): Promise<string> {
  const { packages } = JSON.parse((await session('version --json')).split(/--- stdout\n|=> 0/)[1] ?? '') as { readonly packages: object };
  return JSON.stringify({ version: 1, completed_at: '2026-01-01T00:00:00+00:00', packages });
}

test('what is wrong in the configuration is said once, with its place', async () => {
  const host = await memoryHost({ disk: { ...projectDisk, '/config/config.yml': 'run:\n  agnet: shell\n' } });
  const shown = await session('project list', host);
  expect(shown.match(/warning: \/config\/config\.yml:2:3: run\.agnet/g)).toHaveLength(1);
  expect(shown).toMatch(/=> 0\n$/);
});

test('the doctor ends with 2 where something keeps terok from working', async () => {
  expect(await session('doctor', await memoryHost())).toMatch(
    /error {2}setup: never done on this machine\n {7}fix: terok setup\n[\s\S]*=> 2\n$/,
  );
});
