import { loadConfig, resolvePaths, type Config } from '@terok/sandbox';
import { memoryFiles } from '@terok/sandbox/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { isLocal, listOf, parseProject, projectFilePath, type ProjectConfig } from './project-config.ts';
import { isProjectId } from './project-id.ts';

const file = '/config/projects/demo/project.yml';
let config: Config;
beforeAll(async () => {
  const paths = resolvePaths({ env: { TEROK_CONFIG_DIR: '/config' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
  const files = memoryFiles({
    '/config/config.yml': 'run: { shutdown_timeout: 30, time_limit: 60 }\ngit: { author_name: a, author_email: a@b }\n',
  });
  ({ config } = await loadConfig(files, paths));
});

function read(text: string): ProjectConfig {
  const parsed = parseProject('demo', text, file, config);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.project;
}

describe('a project', () => {
  test('that says only where its repository is takes everything else from the configuration', () => {
    expect(read('repository: /r\n')).toMatchObject({
      repository: '/r',
      branch: null,
      network: 'none',
      stopGraceSeconds: 30,
      timeLimitSeconds: 60,
      gitIdentity: { name: 'a', email: 'a@b' },
      nameCategories: null,
      relaxations: [],
      file,
    });
  });

  test('wins over the configuration with all that it says, and can take a limit away', () => {
    const written = `repository: /r
branch: trunk
image: { base: bootstrap }
run: { agent: shell, time_limit: null, shutdown_timeout: 0 }
network: { mode: open }
limits: { memory: 512m, cpus: 0.5, pids: 9 }
git: { author_name: b }
tasks: { name_categories: space }
`;
    expect(read(written)).toMatchObject({
      branch: 'trunk',
      base: 'bootstrap',
      timeLimitSeconds: null,
      stopGraceSeconds: 0,
      network: 'open',
      relaxations: ['network: open'],
      limits: { memory: '512m', cpus: '0.5', pids: 9 },
      gitIdentity: { name: 'b', email: 'a@b' },
      nameCategories: ['space'],
    });
  });

  test.each([
    ['no repository', 'branch: main\n', 1],
    ['an unknown key', 'repository: /r\nbranhc: main\n', 2],
    ['an unknown key in a section', 'repository: /r\nrun:\n  timelimit: 4\n', 3],
    ['an unknown network', 'repository: /r\nnetwork: { mode: host }\n', 2],
    ['a limit that is none', 'repository: /r\nlimits: { pids: 0 }\n', 2],
    ['a size that is none', 'repository: /r\nlimits: { memory: lots }\n', 2],
    ['processors that are none', 'repository: /r\nlimits: { cpus: -1 }\n', 2],
    ['a time that is none', 'repository: /r\nrun: { time_limit: 0 }\n', 2],
    ['a list', '- repository\n', 1],
    ['no YAML', 'repository: [\n', 2],
    ['nothing', '', 1],
  ])('with %s is refused, with the line', (_, text, line) => {
    const parsed = parseProject('demo', text, file, config);
    expect(parsed).toMatchObject({ kind: 'invalid', problems: [{ file, line }] });
  });
});

test.each([
  ['/r', true],
  ['./r', true],
  ['r', true],
  ['./a:b', true],
  ['https://host/r', false],
  ['ssh://host/r', false],
  ['file:///r', false],
  ['git@host:r', false],
  ['host:r', false],
] as const)('a repository at %s is on this host: %s', (repository, local) => {
  expect(isLocal(repository)).toBe(local);
});

test.each([
  ['a', true],
  ['0-x_y', true],
  ['x'.repeat(40), true],
  ['x'.repeat(41), false],
  ['', false],
  ['A', false],
  ['-a', false],
  ['_a', false],
  ['a.b', false],
  ['a/b', false],
  ['a\n', false],
] as const)('%j is a project name: %s', (name, valid) => {
  expect(isProjectId(name)).toBe(valid);
});

test('one name stands for a list of one, and the place of a file leads nowhere else', () => {
  expect([listOf('a'), listOf(['a', 'b']), listOf(null), listOf(undefined)]).toEqual([['a'], ['a', 'b'], null, null]);
  expect(projectFilePath({ projects: '/p' }, 'demo')).toBe('/p/demo/project.yml');
  expect(() => projectFilePath({ projects: '/p' }, '../x')).toThrow('../x');
});
