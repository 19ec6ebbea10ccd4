import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedYaml, updateConfigSection } from './config-write.ts';
import { loadConfig } from './config.ts';
import { fakeClock } from './testing/fake-clock.ts';
import { memoryFiles, PowerCut, reboot, type MemoryFiles } from './testing/memory-files.ts';

const user = '/home/ann/.config/terok/config.yml';
const paths = { systemConfigFile: '/etc/terok/config.yml', userConfigFile: user, overrideConfigFile: null };
const on = (files: MemoryFiles) => ({ files, clock: fakeClock(), paths });

const written = `# How I like it
limits:
  memory: 8g # enough for the big build

  # CPUs are shared with the desktop
  cpus: "4"

run: {agent: shell}   # flow style, mine
`;

test('comments, order and style stay', async () => {
  const files = memoryFiles({ [user]: written });
  await updateConfigSection(on(files), 'limits', { memory: '2g', pids: 100 });
  await updateConfigSection(on(files), 'network', { mode: 'open' });
  expect(files.text(user)).toMatchInlineSnapshot(`
    "# How I like it
    limits:
      memory: 2g # enough for the big build

      # CPUs are shared with the desktop
      cpus: "4"
      pids: 100

    run: { agent: shell } # flow style, mine
    network:
      mode: open
    "
  `);
});

test('a null takes a key back', async () => {
  const files = memoryFiles({ [user]: written });
  await updateConfigSection(on(files), 'limits', { memory: null, never_there: null });
  expect(files.text(user)).not.toContain('memory');
  expect(files.text(user)).toContain('# How I like it');
});

test('the file and its directory are made when missing, for their owner alone', async () => {
  const files = memoryFiles();
  await updateConfigSection(on(files), 'run', { agent: 'codex' });
  expect(files.text(user)).toBe('run:\n  agent: codex\n');
  expect((await files.stat(user))?.mode).toBe(0o600);
});

test('comments of a file that says nothing yet stay', async () => {
  const files = memoryFiles({ [user]: '# nothing yet\n' });
  await updateConfigSection(on(files), 'run', { agent: 'codex' });
  expect(files.text(user)).toBe('# nothing yet\n\nrun:\n  agent: codex\n');
});

test('a section that is no map is replaced', async () => {
  const files = memoryFiles({ [user]: 'limits: 5\n' });
  await updateConfigSection(on(files), 'limits', { pids: 9 });
  expect((await loadConfig(files, paths)).config.limits.pids).toBe(9);
});

test('the one file that TEROK_CONFIG_FILE names is the one that changes', async () => {
  const files = memoryFiles({ '/one.yml': '' });
  await updateConfigSection({ ...on(files), paths: { ...paths, overrideConfigFile: '/one.yml' } }, 'run', { agent: 'codex' });
  expect([files.text('/one.yml'), files.text(user)]).toEqual(['run:\n  agent: codex\n', null]);
});

describe('nothing is written', () => {
  test.each<[string, string, Record<string, unknown>, object]>([
    [
      'of a value that is not valid',
      written,
      { memory: 'lots' },
      { code: 'CONFIG_CHANGE_INVALID', message: expect.stringContaining('limits.memory') as string },
    ],
    ['of a key that is not known', written, { memroy: '1g' }, { code: 'CONFIG_CHANGE_INVALID', hint: 'Did you mean `memory`?' }],
    ['into a file that is no map', '- a\n', { memory: '1g' }, { code: 'CONFIG_UNREADABLE' }],
    ['into a file that is broken', 'a: [\n', { memory: '1g' }, { code: 'CONFIG_UNREADABLE' }],
  ])('%s', async (_, text, changes, expected) => {
    const files = memoryFiles({ [user]: text });
    await expect(updateConfigSection(on(files), 'limits', changes)).rejects.toMatchObject(expected);
    expect(files.text(user)).toBe(text);
  });

  test('through a link', async () => {
    const files = memoryFiles({ '/dotfiles/terok.yml': written });
    files.link('/dotfiles/terok.yml', user);
    await expect(updateConfigSection(on(files), 'limits', { pids: 1 })).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
    expect(files.text('/dotfiles/terok.yml')).toBe(written);
  });
});

test('two that change at once both have their way', async () => {
  const files = memoryFiles({ [user]: written });
  await Promise.all([updateConfigSection(on(files), 'run', { agent: 'codex' }), updateConfigSection(on(files), 'limits', { pids: 5 })]);
  expect((await loadConfig(files, paths)).config).toMatchObject({ run: { agent: 'codex' }, limits: { pids: 5, memory: '8g' } });
});

test('the file is the old one or the new one, wherever the power is cut', async () => {
  const uncut = memoryFiles({ [user]: written });
  await updateConfigSection(on(uncut), 'limits', { pids: 5 });
  const after = uncut.text(user);
  const seen = new Set<string | null>();
  for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
    const disk = memoryFiles({ [user]: written }, { cutAt });
    await expect(updateConfigSection(on(disk), 'limits', { pids: 5 })).rejects.toThrow(PowerCut);
    seen.add(disk.text(user));
    const again = reboot(disk);
    await updateConfigSection(on(again), 'limits', { pids: 5 });
    expect(again.text(user)).toBe(after);
  }
  expect(seen).toEqual(new Set([written, after]));
});

test('what is set is what is loaded', async () => {
  const limits = fc.record(
    {
      memory: fc.stringMatching(/^[1-9]\d{0,3}[kmg]$/),
      cpus: fc.stringMatching(/^[1-9]\d?(\.5)?$/),
      pids: fc.integer({ min: 1, max: 1e6 }),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(limits, { minLength: 1, maxLength: 4 }), async (all) => {
      const files = memoryFiles({ [user]: written });
      for (const changes of all) await updateConfigSection(on(files), 'limits', changes);
      const { config, problems } = await loadConfig(files, paths);
      expect(problems).toEqual([]);
      expect(config.limits).toMatchObject(Object.assign({ memory: '8g', cpus: '4' }, ...all));
      expect(files.text(user)).toContain('# CPUs are shared with the desktop');
    }),
    { numRuns: 50 },
  );
});

describe('a YAML map with changes', () => {
  test('is changed at any depth, and keeps all else as it was written', () => {
    const changes = [
      { path: ['limits', 'memory'], value: '2g' },
      { path: ['limits', 'cpus'], value: null },
      { path: ['network', 'mode'], value: 'open' },
      { path: ['nowhere', 'deep'], value: null },
      { path: ['branch'], value: 'main' },
    ] as const;
    expect(changedYaml(`${written}network:\n`, '/p.yml', changes)).toMatchInlineSnapshot(`
      "# How I like it
      limits:
        memory: 2g # enough for the big build

      run: { agent: shell } # flow style, mine
      network:
        mode: open
      branch: main
      "
    `);
  });

  test('is refused where the text is none', () => {
    for (const text of ['[', '- a\n', 'a: 1\na: 2\n', 'text'])
      expect(() => changedYaml(text, '/p.yml', [])).toThrow(expect.objectContaining({ code: 'CONFIG_UNREADABLE' }));
    expect(changedYaml('', '/p.yml', [{ path: ['a'], value: [1] }])).toBe('a:\n  - 1\n');
  });
});
