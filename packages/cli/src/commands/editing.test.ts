import { expect, test } from 'vitest';
import { memoryHost, projectDisk } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const masked = (shown: string) => shown.replaceAll(/edit-[0-9a-f]{12}/g, 'edit-ID');
const project = '/config/projects/demo/project.yml';
const textOf = async (host: Awaited<ReturnType<typeof memoryHost>>, path: string) =>
  new TextDecoder().decode((await (await host.host()).files.read(path, { maxBytes: 10_000 })) ?? undefined);

test('a project is what the editor left', async () => {
  const host = await memoryHost({ disk: projectDisk, edits: [(text) => `# mine\n${text}branch: next\n`] });
  expect(await session('project edit demo', host)).toContain('Changed project demo;');
  expect(await textOf(host, project)).toBe('# mine\nrepository: /repositories/demo\nbranch: next\n');
});

test('a project that would not be valid can be edited again', async () => {
  const edits = [(text: string) => `${text}brunch: next\n`, (text: string) => text.replace('brunch', 'branch')];
  const host = await memoryHost({ disk: projectDisk, edits });
  const shown = await session('project edit demo', { ...host, typed: ['edit again'], environment: { NO_COLOR: '1' } });
  expect(shown).toMatchInlineSnapshot(`
    "$ terok project edit demo
    --- stderr
    error: The configuration of project \`demo\` is not valid:

      /config/projects/demo/project.yml:2:1 Unknown key \`brunch\` (Did you mean \`branch\`?)
    ? What now?
      - edit again
      - give up
    Changed project demo; tasks that start from now on see it.
    => 0
    "
  `);
  expect(await textOf(host, project)).toContain('branch: next');
});

test('whoever gives up finds their text again, and the project is as it was', async () => {
  const host = await memoryHost({ disk: projectDisk, edits: [() => 'repository: [\n'] });
  const shown = await session('project edit demo', { ...host, typed: ['give up'], environment: { NO_COLOR: '1' } });
  const copy = /kept in (\S+)/.exec(shown)?.[1] ?? '';
  expect(await textOf(host, copy)).toBe('repository: [\n');
  expect(await textOf(host, project)).toBe(projectDisk[project]);
});

test('without a terminal to ask at, what is wrong is the answer', async () => {
  const host = await memoryHost({ disk: projectDisk, edits: [() => 'repository: [\n'] });
  expect(masked(await session('project edit demo', host))).toMatchInlineSnapshot(`
    "$ terok project edit demo
    --- stderr
    Nothing was written. Your text is kept in /home/person/.local/state/terok/7ac1387d/edit-ID/project.yml
    error: The configuration of project \`demo\` is not valid:

      /config/projects/demo/project.yml:2:1 Flow sequence in block collection must be sufficiently indented and end with a ]
    hint: Correct \`/config/projects/demo/project.yml\`.
    => 1
    "
  `);
});

test('a text that is left as it was changes nothing, and leaves nothing', async () => {
  const host = await memoryHost({ disk: projectDisk });
  expect(await session('project edit demo', host)).toContain('Nothing was changed.\n=> 0');
  const { files, paths } = await host.host();
  expect(await files.list(paths.runtime)).toEqual([]);
});

test('the configuration is edited, and made where there was none', async () => {
  const host = await memoryHost({ edits: [() => 'run:\n  agent: codex\n'] });
  expect(await session('config edit', host)).toContain('Changed /config/config.yml');
  expect(await session('config show', host)).toMatch(/run\.agent +codex +\/config\/config\.yml:2/);
});

test('a configuration that would not be valid is not written', async () => {
  const host = await memoryHost({ edits: [() => 'run:\n  agnet: codex\n'] });
  expect(masked(await session('config edit', host))).toMatchInlineSnapshot(`
    "$ terok config edit
    --- stderr
    Nothing was written. Your text is kept in /home/person/.local/state/terok/7ac1387d/edit-ID/config.yml
    error: The configuration is not valid:

      /config/config.yml:2:3: run.agnet: Unknown key \`agnet\`; all of \`run\` is taken as its defaults
    => 1
    "
  `);
  expect(await (await host.host()).files.read('/config/config.yml', { maxBytes: 100 })).toBe(null);
});

test('a project begins as a copy of another', async () => {
  const host = await memoryHost({ disk: projectDisk });
  expect(await session('project derive demo copy --network open', host)).toContain('Project copy begins as a copy of demo');
  expect(await session('project show copy', host)).toMatch(/repository +\/repositories\/demo\n[\s\S]*network +open/);
  expect(await session('project derive dmo other', host)).toContain('hint: Did you mean `demo`?');
});

test('the wizard asks what a project needs, and asks again where an answer cannot be', async () => {
  const host = await memoryHost();
  const typed = ['/repositories/Some Thing.git', 'Bad Name', '', '', 'shell', 'none', 'much', '2g', '', 'soon', '2h'];
  const shown = await session('project wizard', { ...host, typed, environment: { NO_COLOR: '1' } });
  expect(shown).toMatchInlineSnapshot(`
    "$ terok project wizard
    --- stderr
    ? Which repository? A directory, or a URL [.]
    ? What is the project called? [some-thing]
      ! Lowercase letters, digits, \`-\` and \`_\` are expected, at most 40, beginning with a letter or a digit.
    ? What is the project called? [some-thing]
    ? Which branch do tasks begin at? Nothing for the one of the repository
    ? Which agent does the work?
      - claude (Claude Code)
      - codex (Codex)
      - copilot (GitHub Copilot)
      - gemini (Gemini CLI)
      - opencode (OpenCode)
      - shell (Shell)
    ? What may its containers reach?
      - none (no network: nothing can leave)
      - open (everything: what an agent can read, it can send out)
    ? Most memory of one task? [4g]
      ! A size such as \`512m\` or \`4g\` is expected.
    ? Most memory of one task? [4g]
    ? Most processors of one task? [2]
    ? How long may a task run? Nothing for as long as it takes
      ! A time such as \`90s\`, \`30m\` or \`1h30m\` is expected.
    ? How long may a task run? Nothing for as long as it takes
    Added project some-thing: /config/projects/some-thing/project.yml
    hint: Start a task with \`terok task run some-thing --prompt TEXT\`; change it with \`terok project edit some-thing\`.
    => 0
    "
  `);
  expect(await textOf(host, '/config/projects/some-thing/project.yml')).toMatchInlineSnapshot(`
    "repository: /repositories/Some Thing.git
    network:
      mode: none
    run:
      agent: shell
      time_limit: 7200
    limits:
      memory: 2g
    "
  `);
});

test('the wizard leaves nothing behind when it is left', async () => {
  const host = await memoryHost();
  expect(await session('project wizard', { ...host, typed: ['/repositories/demo', 'demo'] })).toMatch(/=> 130\n$/);
  expect(await session('project wizard', host)).toMatch(/there is no terminal to ask at[\s\S]*=> 2\n$/);
  expect(await session('project list', host)).toContain('There are no projects yet');
});
