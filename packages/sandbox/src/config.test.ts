import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLayers, loadConfig, type Config } from './config.ts';
import { configFile, configSections } from './config-sections.ts';
import { z } from './schema.ts';
import { cpusLimit, memoryLimit } from './config-sections.ts';
import { memoryFiles } from './testing/memory-files.ts';
import { TerokError } from './terok-error.ts';
import { readYaml } from './yaml-source.ts';

const system = '/etc/terok/config.yml';
const user = '/home/ann/.config/terok/config.yml';
const paths = { systemConfigFile: system, userConfigFile: user, overrideConfigFile: null };
const load = (files: Record<string, string>) => loadConfig(memoryFiles(files), paths);
const defaults = checkLayers([]).config;

test('the defaults, with nothing configured', async () => {
  expect(await load({})).toEqual({ config: defaults, problems: [] });
  expect(await load({ [user]: '# nothing yet\n' })).toEqual({ config: defaults, problems: [] });
  expect(defaults).toMatchInlineSnapshot(`
    {
      "archive": {
        "max_size": null,
        "retention": null,
      },
      "git": {
        "author_email": null,
        "author_name": null,
        "authorship": null,
      },
      "image": {
        "base": "auto",
        "mirror": null,
        "suite": null,
      },
      "lifecycle": {
        "drowsy_after": 300,
        "hibernate_after": 7200,
        "sleep_after": 1800,
      },
      "limits": {
        "cpus": "2",
        "disk_free_min": "1g",
        "log_max": "64m",
        "memory": "4g",
        "pids": 4096,
      },
      "network": {
        "mode": "none",
      },
      "orphans": {
        "remove": false,
      },
      "paths": {
        "root": null,
      },
      "podman": {
        "binary": "podman",
        "cgroup_manager": null,
        "run_root": null,
        "runtime": null,
        "storage_root": null,
      },
      "run": {
        "agent": "shell",
        "gpus": "off",
        "podman_args": [],
        "shutdown_timeout": 10,
        "time_limit": null,
      },
      "secrets": {},
      "tasks": {
        "name_categories": null,
      },
    }
  `);
});

test('the person’s file goes over the system’s, key by key', async () => {
  const { config, problems } = await load({
    [system]: 'limits: {memory: 8g, cpus: 4}\ntasks: {name_categories: [animals]}\narchive: {retention: 30}\n',
    [user]: 'limits: {memory: 2g}\ntasks: {name_categories: [_inherit, trees]}\narchive: {retention: null}\n',
  });
  expect(problems).toEqual([]);
  expect(config.limits).toMatchObject({ memory: '2g', cpus: '4', pids: 4096 });
  expect(config.tasks.name_categories).toEqual(['animals', 'trees']);
  expect(config.archive.retention).toBeNull();
});

test('one file named by TEROK_CONFIG_FILE replaces both', async () => {
  const files = memoryFiles({ [system]: 'run: {agent: a}\n', [user]: 'run: {agent: b}\n', '/one.yml': 'limits: {pids: 7}\n' });
  const { config } = await loadConfig(files, { ...paths, overrideConfigFile: '/one.yml' });
  expect([config.run.agent, config.limits.pids]).toEqual(['shell', 7]);
});

test('that file has to be there', async () => {
  await expect(loadConfig(memoryFiles(), { ...paths, overrideConfigFile: '/typo.yml' })).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    exitCode: 2,
  });
});

test('a file that is kept elsewhere and linked to is read', async () => {
  const files = memoryFiles({ '/dotfiles/terok.yml': 'run: {agent: codex}\n' });
  files.link('/dotfiles/terok.yml', user);
  expect((await loadConfig(files, paths)).config.run.agent).toBe('codex');
});

describe('a broken section falls back alone, and says where', () => {
  test.each([
    ['limits: {memory: two}', 'limits.memory', 1, 10],
    ['limits: {memory: true}', 'limits.memory', 1, 10],
    ['limits: {cpus: -1}', 'limits.cpus', 1, 10],
    ['limits: {memroy: 1g}', 'limits.memroy', 1, 10],
    ['limits: [1]', 'limits', 1, 1],
    ['run: {shutdown_timeout: ten}', 'run.shutdown_timeout', 1, 7],
    ['run: {time_limit: 0}', 'run.time_limit', 1, 7],
    ['podman: {runtime: krun}', 'podman.runtime', 1, 10],
    ['podman: {binary: --help}', 'podman.binary', 1, 10],
    ['image: {base: "a b"}', 'image.base', 1, 9],
    ['paths: {root: relative}', 'paths.root', 1, 9],
    ['paths: {root: "/a\\0b"}', 'paths.root', 1, 9],
    ['orphans: {remove: "yes"}', 'orphans.remove', 1, 11],
    ['lifecycle: {sleep_after: -1}', 'lifecycle.sleep_after', 1, 13],
  ])('%s', async (text, path, line, column) => {
    const { config, problems } = await load({ [user]: `${text}\ngit:\n  author_name: Ann\n` });
    const section = path.split('.')[0] as keyof typeof defaults;
    expect(problems).toEqual([expect.objectContaining({ severity: 'error', file: user, path, line, column })]);
    expect(problems[0]?.message).toContain(`all of \`${section}\` is taken as its defaults`);
    expect(config).toEqual({ ...defaults, git: { author_name: 'Ann', author_email: null, authorship: null } });
  });

  test('the network to none', async () => {
    const { config, problems } = await load({ [system]: 'network: {mode: open}\n', [user]: 'network:\n  mdoe: open\n' });
    expect(config.network.mode).toBe('none');
    expect(problems).toMatchObject([{ file: user, line: 2, column: 3, path: 'network.mdoe', hint: 'Did you mean `mode`?' }]);
  });

  test('in the layer that said it', async () => {
    const { problems } = await load({ [system]: '\nlimits:\n  pids: many\n', [user]: 'limits: {memory: 1g}\n' });
    expect(problems).toMatchObject([{ file: system, line: 3, column: 3, path: 'limits.pids' }]);
  });
});

test('an unknown section is a note, and names the one that was meant', async () => {
  const { config, problems } = await load({ [user]: 'tui: {theme: dark}\nlimit: {memory: 1g}\n' });
  expect(config).toEqual(defaults);
  expect(problems).toMatchObject([
    { severity: 'note', path: 'tui', line: 1, column: 1, message: 'Unknown section `tui`' },
    { severity: 'note', path: 'limit', line: 2, column: 1, hint: 'Did you mean `limits`?' },
  ]);
});

describe('amounts', () => {
  const memory = async (text: string) => (await load({ [user]: `limits: {memory: ${text}}\n` })).config.limits.memory;

  test.each(['4g', '512m', '256K', '1.5G', '1024', '2B', '0', '4gb', '4gib', '4GiB', '"4 g"'])('of memory: %s', async (text) => {
    expect(await memory(text)).toBe(text.replaceAll('"', ''));
  });

  test.each(['two', '-1g', '"4g "', '4.g', '.5g', '"4  g"', 'true', '4x'])('of no memory: %s', async (text) => {
    const { config, problems } = await load({ [user]: `limits: {memory: ${text}, pids: 9}\n` });
    expect([config.limits, problems.length]).toEqual([defaults.limits, 1]);
  });

  test.each(['10g', '1024'])('of archives: %s', async (text) => {
    expect((await load({ [user]: `archive: {max_size: ${text}}\n` })).config.archive.max_size).toBe(text);
  });

  test('an empty text counts as not given', async () => {
    expect(await memory('""')).toBe('4g');
  });

  test.each(['2', '2.0', '0.5', '16', '0'])('of CPUs: %s', async (text) => {
    expect(Number((await load({ [user]: `limits: {cpus: ${text}}\n` })).config.limits.cpus)).toBe(Number(text));
  });

  test.each(['two', '-1', '1.5x', '"1,5"', '"2.0 "', '".5"', 'true'])('of no CPUs: %s', async (text) => {
    expect((await load({ [user]: `limits: {cpus: ${text}}\n` })).problems).toHaveLength(1);
  });
});

describe('secrets', () => {
  test('come from a file, a variable or a command', async () => {
    const { config } = await load({ [user]: 'secrets:\n  A: {file: ~/a}\n  B: {env: HOST_B}\n  C: {command: [pass, show, c]}\n' });
    expect(config.secrets).toEqual({ A: { file: '~/a' }, B: { env: 'HOST_B' }, C: { command: ['pass', 'show', 'c'] } });
  });

  test.each([
    'A: {}',
    'A: {file: x, env: y}',
    'A: hunter2',
    'A: {value: hunter2}',
    'A: {command: pass show}',
    'A: {command: []}',
    'lower: {env: X}',
    '"A=B": {env: X}',
  ])('stop everything when they are broken: %s', async (text) => {
    const failure = await load({ [user]: `secrets:\n  ${text}\n` }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CONFIG_SECRETS_INVALID', exitCode: 2 });
    expect(String(failure)).toMatch(/config\.yml:2:\d+: secrets/);
    expect(String(failure)).not.toContain('hunter2');
  });

  test('change their source only when the old one is taken back', async () => {
    const lower = { [system]: 'secrets: {A: {env: X}}\n' };
    expect((await load({ ...lower, [user]: 'secrets: {A: {env: null, file: /a}}\n' })).config.secrets).toEqual({ A: { file: '/a' } });
    await expect(load({ ...lower, [user]: 'secrets: {A: {file: /a}}\n' })).rejects.toMatchObject({ code: 'CONFIG_SECRETS_INVALID' });
  });
});

test.each(['- a list\n', 'just text\n', 'limits: [\n', '{a: 1\n', 'a: 1\na: 2\n'])(
  'a file that is no map is not half used: %j',
  async (text) => {
    await expect(load({ [user]: text })).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining(`${user}:`) as string,
    });
  },
);

test('a file that is not UTF-8 is refused by name', async () => {
  await expect(loadConfig(memoryFiles({ [user]: Uint8Array.of(0x61, 0xff) }), paths)).rejects.toMatchObject({ code: 'FILE_NOT_UTF8' });
});

test('whatever a section holds, the configuration is complete or a refusal is clear', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(configSections)), fc.jsonValue({ maxDepth: 3 }), (section, value) => {
      const read = readYaml(JSON.stringify({ [section]: value }), user);
      if (read.kind === 'damaged') return;
      const { config, refusal } = outcome([read.source]);
      expect([Object.keys(configSections).join(), 'CONFIG_SECRETS_INVALID']).toContain(
        config === undefined ? refusal : Object.keys(config).join(),
      );
      expect(['none', 'open', undefined]).toContain(config?.network.mode);
    }),
    { numRuns: 500 },
  );
});

function outcome(layers: Parameters<typeof checkLayers>[0]): { config?: Config; refusal?: string } {
  try {
    return { config: checkLayers(layers).config };
  } catch (error) {
    if (error instanceof TerokError) return { refusal: error.code };
    throw error;
  }
}

test('the schema that editors use is the one that is checked (`pnpm run schema` writes it anew)', async () => {
  const written: unknown = JSON.parse(await readFile(join(import.meta.dirname, '../schema/config.schema.json'), 'utf8'));
  expect(written).toEqual(z.toJSONSchema(configFile, { io: 'input' }));
});

test.each([
  [memoryLimit, ['0', '0g', '0.0 MiB', '', '4 gigs', -1, 0], ['512m', '4 GiB', '0.5g', '10', 1024]],
  [cpusLimit, ['0', '0.0', '', 'two', -1, 0], ['2', '0.5', '10', 1.5]],
])('a limit of a project is an amount, and never nothing, which an engine takes for no limit', (limit, refused, accepted) => {
  expect(refused.filter((value) => limit.safeParse(value).success)).toEqual([]);
  expect(accepted.map((value) => limit.parse(value))).toEqual(accepted.map(String));
});
