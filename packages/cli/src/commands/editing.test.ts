import { describe, expect, test } from 'vitest';
import { memoryHost, projectDisk, type MemoryHost } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const masked = (shown: string) => shown.replaceAll(/edit-[0-9a-f]{12}/g, 'edit-ID');
const project = '/config/projects/demo/project.yml';
const config = '/config/config.yml';
const textOf = async (host: MemoryHost, path: string) =>
  new TextDecoder().decode((await (await host.bareHost()).files.read(path, { maxBytes: 10_000 })) ?? undefined);
const keptIn = (shown: string) => /kept in (\S+)/.exec(shown)?.[1] ?? '';
const filesIn = async (host: MemoryHost, directory: string) =>
  (await (await host.bareHost()).files.list(directory)).map(({ name }) => name);

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
  expect(await textOf(host, keptIn(shown))).toBe('repository: [\n');
  expect(await textOf(host, project)).toBe(projectDisk[project]);
});

test('without a terminal to ask at, what is wrong is the answer', async () => {
  const host = await memoryHost({ disk: projectDisk, edits: [() => 'repository: [\n'] });
  expect(masked(await session('project edit demo', host))).toMatchInlineSnapshot(`
    "$ terok project edit demo
    --- stderr
    Nothing was written. Your text is kept in /config/projects/.terok-edit-ID/project.yml
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
  expect(await filesIn(host, '/config/projects')).toEqual(['demo']);
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
    Nothing was written. Your text is kept in /config/.terok-edit-ID/config.yml
    error: The configuration is not valid:

      /config/config.yml:2:3: run.agnet: Unknown key \`agnet\`; all of \`run\` is taken as its defaults
    => 1
    "
  `);
  expect(await (await host.host()).files.read('/config/config.yml', { maxBytes: 100 })).toBe(null);
});

const invalidUtf8 = Uint8Array.of(...Buffer.from('# caf'), 0xe9, ...Buffer.from('\nrun: {}\n'));

describe('a file that stops every other command is opened all the same', () => {
  test.each([
    ['no YAML', 'run: [\n', '2:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['a broken secret', 'secrets:\n  key: {}\n', `  ${config}:2:3: secrets.key: Invalid key in record\n`],
    ['a list', '- a\n', `  ${config}:1:1: The file is not a map of sections\n`],
    ['not UTF-8', invalidUtf8, 'Line 1 of the text is not UTF-8.'],
  ])('%s', async (_, broken, said) => {
    const host = await memoryHost({ disk: { [config]: broken }, edits: [() => 'run:\n  agent: codex\n'] });
    expect(await session('config show', host)).toMatch(/hint: .*(?:`terok config edit`|Save it as UTF-8)[\s\S]*=> [12]\n$/);
    const shown = await session('config edit', host);
    expect(shown).toContain('warning: ');
    expect(shown).toContain(said);
    expect(shown).toContain(`Changed ${config}\n=> 0`);
    expect(await textOf(host, config)).toBe('run:\n  agent: codex\n');
  });

  test.each([
    ['no YAML', 'repository: [\n'],
    ['not UTF-8', invalidUtf8],
  ])('a project: %s', async (_, broken) => {
    const host = await memoryHost({ disk: { [project]: broken }, edits: [() => 'repository: /new\n'] });
    expect(await session('project edit demo', host)).toMatch(/warning: [\s\S]*Changed project demo;/);
    expect(await textOf(host, project)).toBe('repository: /new\n');
  });

  test('and left as it was where nothing is made of it', async () => {
    const host = await memoryHost({ disk: { [config]: invalidUtf8 } });
    // The editor of this test reads and writes text; one that changes nothing writes the same bytes.
    const runOnTerminal = () => Promise.resolve({ kind: 'exited', exitCode: 0 } as const);
    expect(await session('config edit', { ...host, runOnTerminal })).toContain('Nothing was changed.\n=> 0');
    expect(await (await host.bareHost()).files.read(config, { maxBytes: 100 })).toEqual(invalidUtf8);
    expect(await filesIn(host, '/config')).toEqual(['config.yml']);
  });
});

test('a text that is not UTF-8 is not taken, and can be edited again from where it was left', async () => {
  const host = await memoryHost({ edits: [() => invalidUtf8, (text) => text.replace('\ufffd', 'é')] });
  const shown = await session('config edit', { ...host, typed: ['edit again'], environment: { NO_COLOR: '1' } });
  expect(shown).toContain('error: Line 1 of the text is not UTF-8.');
  expect(await textOf(host, config)).toBe('# café\nrun: {}\n');
});

test('a link leads to the file that is edited, and stays', async () => {
  const host = await memoryHost({
    disk: { '/dotfiles/terok.yml': '# mine\n' },
    links: { [config]: '/dotfiles/terok.yml' },
    edits: [(text) => `${text}run: {}\n`],
  });
  expect(await session('config edit', host)).toContain('Changed /dotfiles/terok.yml');
  expect(await textOf(host, '/dotfiles/terok.yml')).toBe('# mine\nrun: {}\n');
  expect(await (await host.bareHost()).files.stat(config)).toMatchObject({ kind: 'symlink' });
  expect(await filesIn(host, '/dotfiles')).toEqual(['terok.yml']);
});

test('a link in the place of a project is named before anything is typed', async () => {
  const host = await memoryHost({ links: { [project]: '/elsewhere.yml' } });
  expect(await session('project edit demo', host)).toContain(`error: \`${project}\` is a symbolic link`);
});

describe('what was typed is not lost', () => {
  const typed = '# an hour of work\n';

  test('when the editor fails', async () => {
    const host = await memoryHost({ edits: [() => typed], editorEndsWith: 1 });
    const shown = await session('config edit', host);
    expect(shown).toMatch(/error: The editor `vi` ended with 1\.[\s\S]*=> 1\n$/);
    expect(await textOf(host, keptIn(shown))).toBe(typed);
  });

  test('when it is more than a configuration may be', async () => {
    const host = await memoryHost({ edits: [() => `# ${'x'.repeat(1024 * 1024)}\n`] });
    const shown = await session('config edit', host);
    expect(shown).toContain('is larger than');
    expect(await (await host.bareHost()).files.stat(keptIn(shown))).toMatchObject({ kind: 'file' });
  });

  test('when somebody else changed the file meanwhile', async () => {
    const host = await memoryHost({ disk: projectDisk, edits: [(text) => `${text}branch: next\n`] });
    const { files } = await host.bareHost();
    const shown = await session('project edit demo', {
      ...host,
      runOnTerminal: async (command) => {
        await files.replace(project, 'repository: /theirs\n');
        return host.runOnTerminal(command);
      },
    });
    expect(shown).toContain('was changed by somebody else meanwhile');
    expect(await textOf(host, keptIn(shown))).toContain('branch: next\n');
    expect(await textOf(host, project)).toBe('repository: /theirs\n');
  });

  test('and the next edit tells where it is', async () => {
    const host = await memoryHost({ edits: [() => 'run: [\n', () => 'run: {}\n'] });
    const kept = keptIn(await session('config edit', host));
    expect(await session('config edit', host)).toContain(`its text is in ${kept.replace(/\/config\.yml$/, '')}\n`);
  });
});

test('an editor that fails at once leaves nothing', async () => {
  const host = await memoryHost({ editorEndsWith: 127 });
  expect(await session('config edit', host)).not.toContain('kept in');
  expect(await filesIn(host, '/config')).toEqual([]);
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
    run:
      agent: shell
      time_limit: 7200
    network:
      mode: none
    limits:
      memory: 2g
    "
  `);
});

test('the wizard asks again for what git does not know and for a name that is taken, and for nothing else', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const says = (stdout: string, exitCode: number) => ({
    end: { kind: 'exited' as const, exitCode },
    stdout: new TextEncoder().encode(stdout),
    stderr: new TextEncoder().encode(exitCode === 0 ? '' : 'fatal: no such repository'),
  });
  const engine = async () => {
    const real = await host.engine();
    const run = ({ args }: { readonly args: readonly string[] }) =>
      Promise.resolve(args.at(-1) === '/typo' ? says('', 128) : says('0123\trefs/heads/main\n', 0));
    return { ...real, processes: { ...real.processes, run } };
  };
  const typed = ['/typo', '/repositories/demo', 'demo', 'other', 'mian', 'main', 'shell', 'none', '', '', ''];
  const shown = await session('project wizard', { ...host, engine, typed, environment: { NO_COLOR: '1' } });
  expect(shown.match(/^(?:\?|error:| +!) .*/gm)?.slice(0, 9)).toEqual([
    '? Which repository? A directory, or a URL [.]',
    'error: The repository of project `new`, `/typo`, cannot be read.',
    '? Which repository? A directory, or a URL [.]',
    '? What is the project called?',
    '  ! There is a project `demo` already.',
    '? What is the project called?',
    '? Which branch do tasks begin at? Nothing for the one of the repository',
    'error: The repository of project `other` has no branch `mian`.',
    '? Which branch do tasks begin at? Nothing for the one of the repository',
  ]);
  expect(await textOf(host, '/config/projects/other/project.yml')).toContain('repository: /repositories/demo\nbranch: main\n');
  expect(await session('project wizard demo', { ...host, engine, typed: [] })).toContain('Project `demo` is there already');
});

test('the wizard leaves nothing behind when it is left', async () => {
  const host = await memoryHost();
  expect(await session('project wizard', { ...host, typed: ['/repositories/demo', 'demo'] })).toMatch(/=> 130\n$/);
  expect(await session('project wizard', host)).toMatch(/there is no terminal to ask at[\s\S]*=> 2\n$/);
  expect(await session('project list', host)).toContain('There are no projects yet');
});
