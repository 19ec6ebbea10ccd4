import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { bundledAgents } from './bundled/bundled-agents.ts';
import { writtenAgents } from './bundled/written-agents.ts';
import { agentNamed, loadRoster } from './roster.ts';

const bundledFiles = new URL('bundled/', import.meta.url);
const names = ['claude', 'codex', 'copilot', 'gemini', 'opencode', 'shell'];

const rosterWith = (written: Readonly<Record<string, string>>) =>
  loadRoster({
    files: memoryFiles(Object.fromEntries(Object.entries(written).map(([name, text]) => [`/config/agents/${name}`, text]))),
    paths: { agents: '/config/agents' },
  });

test('what ships says what the files say', () => {
  expect(bundledAgents).toEqual(writtenAgents((name) => readFileSync(new URL(`${name}.yaml`, bundledFiles), 'utf8')));
  expect(readdirSync(bundledFiles).filter((name) => name.endsWith('.yaml'))).toEqual(names.map((name) => `${name}.yaml`));
});

test('without files of the person’s there are the agents that come with terok', async () => {
  const { agents, quarantined } = await rosterWith({});
  expect([...agents.keys()]).toEqual(names);
  expect(quarantined.size).toBe(0);
});

test('every bundled agent but the shell is pinned for both processors, and the commands that run it are installed', async () => {
  const { agents } = await rosterWith({});
  for (const { name, install, start, resume } of agents.values()) {
    if (name === 'shell') continue;
    expect(Object.keys(install.commands), name).toContain(start[0]);
    expect(resume?.[0], name).toBe(start[0]);
    for (const architecture of ['x64', 'arm64'])
      expect(
        install.packages.some((each) => each.architecture === architecture),
        `${name} on ${architecture}`,
      ).toBe(true);
  }
});

test('a file is laid over the agent of its name, key by key', async () => {
  const { agents } = await rosterWith({ 'claude.yaml': 'run: { environment: { CLAUDE_CODE_MAX_RETRIES: "1", EXTRA: yes it is } }\n' });
  expect(agents.get('claude')?.environment).toMatchObject({ CLAUDE_CODE_MAX_RETRIES: '1', EXTRA: 'yes it is', DISABLE_AUTOUPDATER: '1' });
  expect(agents.get('claude')?.label).toBe('Claude Code');
});

test('where an agent is written is told, also of one that is wrong', async () => {
  const { sources } = await rosterWith({ 'claude.yaml': 'label: x\n', 'mine.yaml': '[' });
  expect(sources.get('codex')).toEqual({ bundled: true, file: null });
  expect(sources.get('claude')).toEqual({ bundled: true, file: '/config/agents/claude.yaml' });
  expect(sources.get('mine')).toEqual({ bundled: false, file: '/config/agents/mine.yaml' });
});

test('a file of a new name is a new agent', async () => {
  const text = 'label: Mine\ngit_identity: { name: m, email: m@localhost }\nrun: { prompt: stdin, start: [/bin/cat] }\n';
  expect(agentNamed(await rosterWith({ 'mine.yaml': text }), 'mine')).toMatchObject({ name: 'mine', start: ['/bin/cat'], session: null });
});

test.each([
  [
    'an unknown key',
    'claude.yaml',
    'run:\n  modle: [x]\n',
    '/config/agents/claude.yaml:2:3 run.modle: Unknown key `modle` Did you mean `model`?',
  ],
  ['no YAML', 'claude.yaml', 'run: [\n', '/config/agents/claude.yaml:'],
  ['a version that is a range', 'mine.yaml', 'install: { packages: [{ name: a, version: ^1.0.0 }] }', 'Not an exact version'],
  ['a way up', 'claude.yaml', 'install: { commands: { claude: ../../etc/passwd } }', 'Not a path inside of the packages'],
  ['a command for a shell', 'claude.yaml', 'install: { commands: { "x; id": a } }', 'install.commands.x; id: Invalid key'],
  ['a package for a shell', 'claude.yaml', 'install: { packages: [{ name: "$(id)", version: 1.0.0 }] }', 'Not the name of an npm package'],
  ['settings anywhere', 'claude.yaml', 'install: { files: { /usr/bin/env: x } }', 'install.files./usr/bin/env: Invalid key'],
  ['a list', 'claude.yaml', '- a\n', '/config/agents/claude.yaml:1:1'],
  ['a name for a path', '..yaml', 'label: x\n', 'is no name of an agent'],
])('%s takes one agent away, by name and place, and no other', async (_, file, text, said) => {
  const roster = await rosterWith({ [file]: text });
  const name = file.replace(/\.yaml$/, '');
  expect(() => agentNamed(roster, name)).toThrow(said);
  expect(agentNamed(roster, 'shell').name).toBe('shell');
  expect([...roster.quarantined.keys()]).toEqual([name]);
});

test('an agent that is not there is told from one that is wrong, and the nearest name is offered', async () => {
  const roster = await rosterWith({});
  expect(() => agentNamed(roster, 'cluade')).toThrow('There is no agent `cluade`.');
});

test('no text in a file can break the roster', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
      const { agents } = await rosterWith({ 'mine.yaml': text });
      expect(names.every((name) => agents.has(name))).toBe(true);
    }),
  );
});
