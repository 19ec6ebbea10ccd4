import { taskNew, updateTask } from '@terok/orchestration';
import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const project = '/config/projects/demo/project.yml';
const full = `repository: /repositories/demo
image:
  snippet: |
    RUN apt-get install --yes jq
    RUN echo done
  snippet_file: more.containerfile
run:
  agent: claude
  model: small
git:
  author_name: Ada
  author_email: ada@localhost
  authorship: agent-human
secrets:
  API_KEY:
    command: [pass, show, the-place-of-the-key]
hooks:
  post_stop:
    command: [notify-send, over]
    timeout: 5
  pre_start:
    command: [/bin/true]
`;

test('a project shows all that it says, and of secrets only the names', async () => {
  const shown = await session('project show demo', await memoryHost({ disk: { [project]: full } }));
  expect(shown).toMatchInlineSnapshot(`
    "$ terok project show demo
    --- stdout
    project         demo
    file            /config/projects/demo/project.yml
    repository      /repositories/demo
    branch          (the repository's default)
    base image      auto
    image snippet   in /config/projects/demo/more.containerfile
    image snippet   RUN apt-get install --yes jq
                    RUN echo done
    agent           claude
    model           small
    commits by      the agent as author, Ada <ada@localhost> as committer
    network         none
    secrets         API_KEY
    limits          memory 4g, cpus 2, pids 4096
    time limit      none
    relaxations     secrets: API_KEY
    hook pre_start  /bin/true (at most 2m)
    hook post_stop  notify-send over (at most 5s)
    => 0
    "
  `);
  const document = await session('project show demo --json', await memoryHost({ disk: { [project]: full } }));
  expect(document).toContain('"secrets": [\n    "API_KEY"\n  ]');
  expect(`${shown}${document}`).not.toContain('the-place-of-the-key');
});

test('a project that has tasks goes with them once that is said, and the question says how many', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const ctx = await host.engine();
  const ids = [await taskNew(ctx, 'demo'), await taskNew(ctx, 'demo')];
  const masked = (shown: string) => ids.reduce((text, id, index) => text.replaceAll(id, `TASK${index + 1}`), shown);
  expect(masked(await session('project remove demo --yes', host))).toMatchInlineSnapshot(`
    "$ terok project remove demo --yes
    --- stderr
    error: Project \`demo\` has 2 tasks: TASK1, TASK2.
    hint: \`terok project remove demo --with-tasks\` deletes them too; their work goes into the archive.
    => 1
    "
  `);
  expect(await session('project remove demo --with-tasks', host)).toContain('error: Removing a project needs a yes');
  expect(await session('project remove demo --with-tasks', { ...host, typed: ['n'] })).toContain(
    'Remove project demo (/repositories/demo) and delete its 2 tasks? Their work goes into the archive. [y/N] ',
  );
  const removed = await session('project remove demo --with-tasks --yes --json', host);
  expect(removed).toContain(
    `"tasks": [\n    ${ids
      .toSorted()
      .map((id) => `"${id}"`)
      .join(',\n    ')}\n  ]`,
  );
  expect(await session('project list --json', host)).toContain('"projects": []');
});

test('a project with a task that runs stays as it is', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const id = await startedTask(host, 'first');
  expect((await session('project remove demo --with-tasks --yes', host)).replaceAll(id, 'TASKID')).toMatchInlineSnapshot(`
    "$ terok project remove demo --with-tasks --yes
    --- stderr
    error: Project \`demo\` has a task that runs: TASKID.
    hint: Stop them first (\`terok task stop demo TASKID\`).
    => 1
    "
  `);
  expect(await session('task list demo', host)).toContain('first');
});

test('a project whose file is broken can be removed', async () => {
  const host = await memoryHost({ disk: { [project]: 'repository: [\n' } });
  expect(await session('project remove demo', { ...host, typed: ['y'] })).toContain('Remove project demo? [y/N] Removed project demo.');
});

test('what a person keeps beside the settings of a project stays when it is removed, and that is said', async () => {
  const host = await memoryHost({ disk: { ...projectDisk, '/config/projects/demo/notify': 'mine' } });
  expect(await session('project remove demo --yes', host)).toContain('What else you keep in /config/projects/demo is still there.');
  const { files } = await host.host();
  expect([await files.stat(project), (await files.stat('/config/projects/demo/notify'))?.kind]).toEqual([null, 'file']);
});

test('an agent that is none is answered with the nearest, and one that has no tasks is not', async () => {
  const host = await memoryHost({ disk: projectDisk });
  await startedTask(host, 'first');
  expect(await session('task list demo --agent shel', host)).toMatchInlineSnapshot(`
    "$ terok task list demo --agent shel
    --- stderr
    error: There is no agent \`shel\`.
    hint: Did you mean \`shell\`? Known agents: claude, codex, copilot, gemini, opencode, shell.
    => 2
    "
  `);
  expect(await session('task list demo --agent claude', host)).toContain('No task matches.\n=> 0');
  expect(await session('task list demo --agent shell', host)).toContain('first');
});

test('the status of a task tells what became of hooks, and which walls are lower', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const id = await startedTask(host, 'first');
  const run = { generation: 'launch', started_at: '2026-01-01T12:00:00.000+00:00' };
  await updateTask(await host.engine(), 'demo', id, {
    launch_id: 'launch',
    relaxations: ['network: open', 'nested-sandbox'],
    hooks: [
      { ...run, hook: 'pre_start', finished_at: '2026-01-01T12:00:02.000+00:00', exit_code: 0, problem: null },
      {
        ...run,
        hook: 'post_start',
        finished_at: '2026-01-01T12:00:04.000+00:00',
        exit_code: 1,
        problem: 'ended with exit code 1: \u001b[31mno',
      },
      { ...run, hook: 'post_ready', finished_at: null, exit_code: null, problem: null },
    ],
  });
  expect((await session(`task status demo ${id}`, host)).replaceAll(id, 'TASKID')).toMatchInlineSnapshot(`
    "$ terok task status demo TASKID
    --- stdout
    task             demo/TASKID
    name             first
    status           running
    ended            not yet
    agent            shell
    created          2026-01-01T12:00:00.000+00:00 (now)
    started          2026-01-01T12:00:00.000+00:00 (now)
    finished         not yet
    container        demo-run-TASKID (running)
    time limit       none
    relaxations      network: open, nested-sandbox
    hook pre_start   succeeded in 2s
    hook post_start  failed in 4s: ended with exit code 1: no
    hook post_ready  did not come to its end yet
    branch           (the repository's default)
    base commit      (not known yet)
    fetched          not yet
    merged           no
    => 0
    "
  `);
  expect(await session(`task status demo ${id} --json`, host)).toContain('"hook": "post_start"');
});
