import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as fc from 'fast-check';
import { describe, expect, test as base } from 'vitest';
import { runFixture } from './fixtures/node-child.test.fixture.ts';
import { resolvePaths } from './paths.ts';
import {
  checkSetup,
  clearStamp,
  judgeSetup,
  needsSetup,
  readStamp,
  SetupVerdict,
  stampPath,
  writeStamp,
  type Versions,
} from './setup-stamp.ts';
import { fakeClock } from './testing/fake-clock.ts';
import { memoryFiles, PowerCut, reboot } from './testing/memory-files.ts';

const test = base.extend<{ stamp: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
  stamp: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'terok-stamp-'));
    await use(join(root, 'state/setup.stamp'));
    await chmod(join(root, 'state'), 0o700).catch(() => undefined);
    await rm(root, { recursive: true });
  },
});

const installed: Versions = { terok: '1.2.0', '@terok/sandbox': '1.0.0' };
const at = (setupStamp: string) => ({ paths: { setupStamp }, clock: fakeClock('2026-05-01T12:00:00.987Z') });
const stampOf = (packages: unknown, version: unknown = 1) => JSON.stringify({ completed_at: 'any', packages, version });

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
}

describe('what is at the path', () => {
  test('nothing: first_run', ({ stamp }) => {
    expect(needsSetup(at(stamp), installed)).toBe(SetupVerdict.FIRST_RUN);
  });

  test('a link that leads nowhere: first_run', async ({ stamp }) => {
    await mkdir(join(stamp, '..'));
    await symlink('/nonexistent/stamp', stamp);
    expect(needsSetup(at(stamp), installed)).toBe('first_run');
  });

  test('a file where the directory should be: first_run', async ({ stamp }) => {
    await writeFile(join(stamp, '..'), '');
    expect(needsSetup(at(stamp), installed)).toBe('first_run');
  });

  test('a link to a good stamp: stamp_corrupt, and it is not written through', async ({ stamp }) => {
    await put(join(stamp, '../elsewhere'), stampOf(installed));
    await symlink('elsewhere', stamp);
    expect(checkSetup(at(stamp), installed)).toMatchObject({
      verdict: 'stamp_corrupt',
      reason: expect.stringContaining('symbolic link') as string,
    });
    expect(() => writeStamp(at(stamp), { terok: '9.9.9' })).toThrow(expect.objectContaining({ code: 'FILE_IS_LINK' }));
    expect(await readFile(join(stamp, '../elsewhere'), 'utf8')).toBe(stampOf(installed));
  });

  test('a circle of links: stamp_corrupt', async ({ stamp }) => {
    await mkdir(join(stamp, '..'));
    await symlink('setup.stamp', stamp);
    expect(needsSetup(at(stamp), installed)).toBe('stamp_corrupt');
    expect(() => readStamp(stamp)).toThrow(expect.objectContaining({ code: 'STAMP_CORRUPT' }));
  });

  test('a directory: stamp_corrupt', async ({ stamp }) => {
    await mkdir(stamp, { recursive: true });
    expect(checkSetup(at(stamp), installed)).toMatchObject({
      verdict: 'stamp_corrupt',
      reason: expect.stringContaining('directory') as string,
    });
  });

  test('a pipe: stamp_corrupt, without waiting for a writer', async ({ stamp }) => {
    await mkdir(join(stamp, '..'));
    execFileSync('mkfifo', [stamp]);
    expect(checkSetup(at(stamp), installed)).toMatchObject({ verdict: 'stamp_corrupt', reason: expect.stringContaining('pipe') as string });
  });

  test('a device: stamp_corrupt', () => {
    expect(needsSetup(at('/dev/null'), installed)).toBe('stamp_corrupt');
  });

  test('10 MB: stamp_corrupt, unread', async ({ stamp }) => {
    await put(stamp, ' '.repeat(10 * 1024 * 1024));
    expect(checkSetup(at(stamp), installed)).toMatchObject({
      verdict: 'stamp_corrupt',
      reason: expect.stringContaining('larger') as string,
    });
  });

  describe('as a person who may not', () => {
    const nobody = process.geteuid?.() === 0 ? { uid: 65_534 } : {};

    test('read it: stamp_corrupt', async ({ stamp }) => {
      await put(stamp, stampOf(installed));
      await chmod(join(stamp, '../..'), 0o755);
      if ('uid' in nobody) await chown(join(stamp, '..'), nobody.uid, nobody.uid);
      await chmod(stamp, 0);
      const ended = await runFixture('node-check-setup', [stamp], nobody);
      expect(JSON.parse(ended.stdout)).toMatchObject({
        verdict: 'stamp_corrupt',
        reason: expect.stringContaining('May not read') as string,
      });
    });

    test('look into its directory: stamp_corrupt', async ({ stamp }) => {
      await put(stamp, stampOf(installed));
      await chmod(join(stamp, '../..'), 0o755);
      await chmod(join(stamp, '..'), 0);
      const ended = await runFixture('node-check-setup', [stamp], nobody);
      expect(JSON.parse(ended.stdout)).toMatchObject({ verdict: 'stamp_corrupt' });
    });
  });
});

describe('what is in it', () => {
  test.for<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['no JSON', 'not json'],
    ['half a stamp', stampOf(installed).slice(0, 30)],
    ['bad UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['a number', '3'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['no packages', '{"version":1}'],
    ['a list of packages', stampOf([])],
    ['packages as text', stampOf('terok')],
    ['packages as null', stampOf(null)],
    ['a package whose version is an object', stampOf({ terok: { major: 1 } })],
    ['a package whose version nests without end', `{"version":1,"packages":{"terok":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`],
    ['version 2', stampOf({}, 2)],
    ['version 0', stampOf({}, 0)],
    ['version null', stampOf({}, null)],
    ['version "1"', stampOf({}, '1')],
    ['version true', stampOf({}, true)],
    ['version [1]', stampOf({}, [1])],
  ])('%s: stamp_corrupt', async ([, content], { stamp }) => {
    await put(stamp, content);
    expect(needsSetup(at(stamp), installed)).toBe('stamp_corrupt');
    expect(() => readStamp(stamp)).toThrow(expect.objectContaining({ code: 'STAMP_CORRUPT', exitCode: 3, hint: 'Run `terok setup`.' }));
  });

  test('any completed_at is fine, and so are keys that are not known', async ({ stamp }) => {
    await put(stamp, JSON.stringify({ version: 1, packages: installed, completed_at: ['garbage'], more: 1 }));
    expect(checkSetup(at(stamp), installed)).toEqual({ verdict: 'ok' });
    await put(stamp, JSON.stringify({ version: 1.0, packages: installed }));
    expect(needsSetup(at(stamp), installed)).toBe('ok');
  });
});

describe('the versions in it', () => {
  const moved = (name: string, stamped: string | null, now: string) => ({ name, stamped, installed: now });

  test.for<[string, Versions, Versions, object]>([
    ['all the same', installed, installed, { verdict: 'ok' }],
    ['none stamped and none installed', {}, {}, { verdict: 'ok' }],
    [
      'one newer',
      { a: '1.0.0', b: '1.0.0' },
      { a: '1.0.1', b: '1.0.0' },
      { verdict: 'stale_after_update', packages: [moved('a', '1.0.0', '1.0.1')] },
    ],
    [
      'one older',
      { a: '1.0.0', b: '1.0.0' },
      { a: '1.0.0', b: '0.9.0' },
      { verdict: 'stale_after_downgrade', packages: [moved('b', '1.0.0', '0.9.0')] },
    ],
    [
      'one newer, then one older',
      { a: '1.0.0', b: '1.0.0' },
      { a: '2.0.0', b: '0.9.0' },
      { verdict: 'stale_after_downgrade', packages: [moved('b', '1.0.0', '0.9.0')] },
    ],
    [
      'one older, then one newer',
      { a: '1.0.0', b: '1.0.0' },
      { a: '0.9.0', b: '2.0.0' },
      { verdict: 'stale_after_downgrade', packages: [moved('a', '1.0.0', '0.9.0')] },
    ],
    ['one stamped that is not installed here', { a: '1.0.0', gone: '1.0.0' }, { a: '1.0.0' }, { verdict: 'ok' }],
    [
      'one stamped that is not installed here, one newer',
      { a: '1.0.0', gone: '9.0.0' },
      { a: '1.1.0' },
      { verdict: 'stale_after_update', packages: [moved('a', '1.0.0', '1.1.0')] },
    ],
    ['one stamped that nobody tracks', { a: '1.0.0', leftpad: '1.0.0' }, { a: '1.0.0' }, { verdict: 'ok' }],
    [
      'one installed that is not stamped',
      { a: '1.0.0' },
      { a: '1.0.0', b: '1.0.0' },
      { verdict: 'stale_after_update', packages: [moved('b', null, '1.0.0')] },
    ],
    [
      'one installed that is not stamped, one older',
      { a: '1.0.0' },
      { a: '0.9.0', b: '1.0.0' },
      { verdict: 'stale_after_downgrade', packages: [moved('a', '1.0.0', '0.9.0')] },
    ],
    ['nothing stamped', {}, { a: '1.0.0' }, { verdict: 'stale_after_update', packages: [moved('a', null, '1.0.0')] }],
    [
      'a prerelease before its release',
      { a: '1.0.0-rc.1' },
      { a: '1.0.0' },
      { verdict: 'stale_after_update', packages: [moved('a', '1.0.0-rc.1', '1.0.0')] },
    ],
    [
      'prereleases as numbers',
      { a: '0.5.0-alpha.9' },
      { a: '0.5.0-alpha.18' },
      { verdict: 'stale_after_update', packages: [moved('a', '0.5.0-alpha.9', '0.5.0-alpha.18')] },
    ],
    ['build metadata makes no difference', { a: '1.0.0+one' }, { a: '1.0.0+two' }, { verdict: 'ok' }],
    [
      'what is no semver goes by its text',
      { a: 'not-a-version' },
      { a: '0.0.10' },
      { verdict: 'stale_after_downgrade', packages: [moved('a', 'not-a-version', '0.0.10')] },
    ],
    ['__proto__ as a package', JSON.parse('{"__proto__": "1.0.0", "a": "1.0.0"}') as Versions, { a: '1.0.0' }, { verdict: 'ok' }],
    [
      'names that every object has',
      {},
      { constructor: '1.0.0', toString: '1.0.0' },
      { verdict: 'stale_after_update', packages: [moved('constructor', null, '1.0.0'), moved('toString', null, '1.0.0')] },
    ],
  ])('%s', async ([, stamped, now, expected], { stamp }) => {
    await put(stamp, stampOf(stamped));
    expect(checkSetup(at(stamp), now)).toEqual(expected);
    expect(judgeSetup(readStamp(stamp), now)).toEqual(expected);
  });

  test('a number is taken as its text', async ({ stamp }) => {
    await put(stamp, stampOf({ a: 1, b: true }));
    expect(readStamp(stamp)).toEqual({ a: '1', b: 'true' });
    expect(needsSetup(at(stamp), { a: '1', b: 'true' })).toBe('ok');
  });
});

describe('a stamp', () => {
  test('is written in the setup stamp format and read back', async ({ stamp }) => {
    expect(writeStamp(at(stamp), installed)).toBe(stamp);
    expect(await readFile(stamp, 'utf8')).toBe(
      '{\n  "completed_at": "2026-05-01T12:00:00+00:00",\n  "packages": {\n    "@terok/sandbox": "1.0.0",\n    "terok": "1.2.0"\n  },\n  "version": 1\n}',
    );
    expect(readStamp(stamp)).toEqual(installed);
    expect(await readdir(join(stamp, '..'))).toEqual(['setup.stamp']);
  });

  test('is cleared once', ({ stamp }) => {
    writeStamp(at(stamp), installed);
    expect([clearStamp(at(stamp)), clearStamp(at(stamp)), needsSetup(at(stamp), installed)]).toEqual([true, false, 'first_run']);
  });

  test('that is a dangling link is cleared too', async ({ stamp }) => {
    await mkdir(join(stamp, '..'));
    await symlink('/nonexistent/stamp', stamp);
    expect(clearStamp(at(stamp))).toBe(true);
    expect(writeStamp(at(stamp), installed)).toBe(stamp);
  });

  test('that is a directory cannot be cleared', async ({ stamp }) => {
    await mkdir(stamp, { recursive: true });
    expect(() => clearStamp(at(stamp))).toThrow(expect.objectContaining({ code: 'FILE_NOT_REGULAR' }));
  });

  test('that is not there cannot be read', ({ stamp }) => {
    expect(() => readStamp(stamp)).toThrow(expect.objectContaining({ code: 'STAMP_CORRUPT' }));
  });

  base('lives where the state lives', () => {
    const from = { uid: 1000, initialUserNamespace: true, home: '/home/ann' };
    expect(stampPath(resolvePaths({ ...from, env: { TEROK_ROOT: '/x' } }))).toBe('/x/setup.stamp');
    expect(stampPath(resolvePaths({ ...from, env: {}, config: { paths: { root: '/virt/terok' } } }))).toBe('/virt/terok/setup.stamp');
  });

  test('is whole after two set-ups at the same time', async ({ stamp }) => {
    const ended = await Promise.all(['1.0.0', '2.0.0'].map((version) => runFixture('node-write-stamp', [stamp, version, '50'])));
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array.from({ length: 2 }, () => ({ code: 0, stderr: '' })));
    const versions = new Set(Object.values(readStamp(stamp)));
    expect([['1.0.0'], ['2.0.0']]).toContainEqual([...versions]);
    expect(await readdir(join(stamp, '..'))).toEqual(['setup.stamp']);
  });

  base('is the old one or the new one, wherever the power is cut', () => {
    const write = (files: ReturnType<typeof memoryFiles>, version: string) =>
      writeStamp({ ...at('/state/setup.stamp'), syncFiles: files.sync }, { terok: version });
    const before = memoryFiles();
    write(before, '1.0.0');
    const uncut = memoryFiles(before);
    write(uncut, '2.0.0');
    const seen = new Set<string>();
    for (let cutAt = 0; cutAt < uncut.steps(); cutAt++) {
      const disk = memoryFiles(before, { cutAt });
      expect(() => write(disk, '2.0.0')).toThrow(PowerCut);
      seen.add(needsSetup({ ...at('/state/setup.stamp'), syncFiles: reboot(disk).sync }, { terok: '2.0.0' }));
    }
    expect(seen).toEqual(new Set(['stale_after_update', 'ok']));
  });
});

base('whatever the bytes in the file, there is a verdict', () => {
  const near = fc.record({
    version: fc.constantFrom(1, 2, '1', null),
    packages: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(fc.string(), fc.string())),
  });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    near.map((stamp) => Buffer.from(JSON.stringify(stamp))),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }), (content, now) => {
      const files = memoryFiles({ '/s': content });
      const check = checkSetup({ paths: { setupStamp: '/s' }, syncFiles: files.sync }, now);
      expect(Object.values(SetupVerdict)).toContain(check.verdict);
      expect('packages' in check).toBe(check.verdict.startsWith('stale_'));
    }),
    { numRuns: 1000 },
  );
});

base('what is written for some packages is ok for them', () => {
  const versions = fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 });
  fc.assert(
    fc.property(versions, (packages) => {
      const ctx = { ...at('/state/setup.stamp'), syncFiles: memoryFiles().sync };
      writeStamp(ctx, packages);
      expect(readStamp('/state/setup.stamp', ctx.syncFiles)).toEqual(packages);
      expect(needsSetup(ctx, packages)).toBe('ok');
    }),
  );
});
