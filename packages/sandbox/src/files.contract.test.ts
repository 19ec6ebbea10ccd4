/** What `Files` and `SyncFiles` promise, held by the real disk and by the one in memory alike. */
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import type { Files, SyncFiles } from './host.ts';
import { nodeFiles } from './node-files.ts';
import { nodeSyncFiles } from './node-sync-files.ts';
import { memoryFiles } from './testing/memory-files.ts';

type Disk = {
  readonly root: string;
  readonly files: Files;
  readonly sync: SyncFiles;
  readonly link: (target: string, path: string) => Promise<void>;
  readonly raw: (path: string) => Promise<string | null>;
};

const disks: Record<string, (use: (disk: Disk) => Promise<void>) => Promise<void>> = {
  'the real disk': async (use) => {
    const root = await mkdtemp(join(tmpdir(), 'terok-files-'));
    await use({
      root,
      files: nodeFiles,
      sync: nodeSyncFiles,
      link: (target, path) => symlink(target, path),
      raw: (path) => readFile(path, 'utf8').catch(() => null),
    });
    await rm(root, { recursive: true });
  },
  'the disk in memory': async (use) => {
    const files = memoryFiles({ '/base/.keep': '' });
    await use({
      root: '/base',
      files,
      sync: files.sync,
      link: async (target, path) => files.link(target, path),
      raw: async (path) => files.text(path),
    });
  },
};

const maxBytes = 1000;
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('utf8'));

describe.each(Object.keys(disks))('%s', (kind) => {
  const test = base.extend<{ disk: Disk }>({
    // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
    disk: async ({}, use) => {
      await disks[kind]?.(use);
    },
  });

  test('reads many files in one call: each is its bytes, nothing, or what is wrong with it alone', async ({
    disk: { root, files, link },
  }) => {
    await files.replace(join(root, 'small'), 'small');
    await files.replace(join(root, 'empty'), '');
    await files.replace(join(root, 'large'), 'x'.repeat(maxBytes + 1));
    await files.ensureDirectory(join(root, 'folder'));
    await link(join(root, 'small'), join(root, 'link'));

    const names = ['small', 'none', 'large', 'link', 'folder', 'empty', 'small'];
    const reads = await files.readMany(
      names.map((name) => join(root, name)),
      { maxBytes },
    );
    expect(reads.map((read) => ('failure' in read ? read.failure.code : text(read.bytes)))).toEqual([
      'small',
      null,
      'FILE_TOO_LARGE',
      'FILE_IS_LINK',
      'FILE_NOT_REGULAR',
      '',
      'small',
    ]);
    expect(await files.readMany([], { maxBytes })).toEqual([]);
  });

  test('says that nothing is there, and fails at nothing', async ({ disk: { root, files, sync } }) => {
    const path = join(root, 'none');
    expect(await files.read(path, { maxBytes })).toBeNull();
    expect(await files.stat(path)).toBeNull();
    expect(await files.list(path)).toEqual([]);
    expect(await files.remove(path)).toBe(false);
    expect(await files.readClaim(path)).toBeNull();
    expect(await files.release(path, 'x')).toBe(false);
    await files.removeTree(path);
    expect([sync.read(path, { maxBytes }), sync.stat(path), sync.remove(path), sync.isDangling(path)]).toEqual([null, null, false, false]);
  });

  test('replaces a file whole, for its owner alone, and makes its directory', async ({ disk: { root, files, raw } }) => {
    const path = join(root, 'a/b/file');
    await files.replace(path, 'one');
    await files.replace(path, 'zwei', { mode: 0o644 });
    expect(await raw(path)).toBe('zwei');
    expect(await files.stat(path)).toMatchObject({ kind: 'file', sizeBytes: 4, mode: 0o644 });
    await files.replace(path, '');
    expect(await files.stat(path)).toMatchObject({ kind: 'file', sizeBytes: 0, mode: 0o600 });
    expect(await files.stat(join(root, 'a/b'))).toMatchObject({ kind: 'directory', mode: 0o700 });
    expect(await files.list(join(root, 'a/b'))).toEqual([{ name: 'file', kind: 'file' }]);
    expect(await files.list(join(root, 'a/b'), { startsWith: 'fi' })).toEqual([{ name: 'file', kind: 'file' }]);
    expect(await files.list(join(root, 'a/b'), { startsWith: 'fe' })).toEqual([]);
  });

  test('replaces a file for those who cannot wait', ({ disk: { root, sync } }) => {
    const path = join(root, 'a/file');
    sync.replace(path, 'one');
    sync.replace(path, 'zwei');
    expect([text(sync.read(path, { maxBytes })), sync.stat(path)?.mode, sync.remove(path), sync.remove(path)]).toEqual([
      'zwei',
      0o600,
      true,
      false,
    ]);
  });

  test('writes bytes and streams as they come', async ({ disk: { root, files } }) => {
    const path = join(root, 'file');
    await files.replace(path, Uint8Array.of(0, 255));
    expect([...((await files.read(path, { maxBytes })) ?? [])]).toEqual([0, 255]);
    async function* chunks() {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    await files.replace(path, chunks());
    expect(text(await files.read(path, { maxBytes }))).toBe('one two');
  });

  test('keeps the old file when a stream breaks off', async ({ disk: { root, files } }) => {
    const path = join(root, 'file');
    await files.replace(path, 'old');
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('the source is gone');
    }
    await expect(files.replace(path, broken())).rejects.toThrow('the source is gone');
    expect(text(await files.read(path, { maxBytes }))).toBe('old');
    expect((await files.list(root)).filter(({ name }) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('refuses to read more than it was told to', async ({ disk: { root, files, sync } }) => {
    const path = join(root, 'file');
    await files.replace(path, 'x'.repeat(10));
    expect((await files.read(path, { maxBytes: 10 }))?.length).toBe(10);
    await expect(files.read(path, { maxBytes: 9 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect(() => sync.read(path, { maxBytes: 9 })).toThrow(expect.objectContaining({ code: 'FILE_TOO_LARGE' }));
  });

  test('hands a file on chunk by chunk, and refuses what it refuses to read whole', async ({ disk: { root, files, link } }) => {
    const path = join(root, 'file');
    const chunksOf = async (of: string, limit: number) =>
      Buffer.concat(await Array.fromAsync(files.readChunks(of, { maxBytes: limit }))).toString();
    const content = Array.from({ length: 100_000 }, (_, line) => `${line}\n`).join('');
    await files.replace(path, content);
    await files.replace(join(root, 'empty'), '');
    await link(path, join(root, 'link'));
    expect((await chunksOf(path, content.length)) === content).toBe(true);
    expect((await Array.fromAsync(files.readChunks(path, { maxBytes: Infinity }))).length).toBeGreaterThan(1);
    expect([await chunksOf(join(root, 'empty'), 0), await chunksOf(join(root, 'none'), 0)]).toEqual(['', '']);
    for (const [of, code] of [
      [path, 'FILE_TOO_LARGE'],
      [join(root, 'link'), 'FILE_IS_LINK'],
      [root, 'FILE_NOT_REGULAR'],
    ] as const)
      await expect(chunksOf(of, content.length - 1)).rejects.toMatchObject({ code });
    for await (const chunk of files.readChunks(join(root, 'link'), { maxBytes: Infinity, followLink: true })) {
      expect(content.startsWith(Buffer.from(chunk).toString())).toBe(true);
      break; // whoever has seen enough leaves nothing open
    }
  });

  test('follows no link, unless it is asked to read through one', async ({ disk: { root, files, sync, link, raw } }) => {
    const [target, path] = [join(root, 'target'), join(root, 'link')];
    await files.replace(target, 'theirs');
    await link(target, path);
    const refused = { code: 'FILE_IS_LINK' };
    await expect(files.read(path, { maxBytes })).rejects.toMatchObject(refused);
    await expect(files.replace(path, 'mine')).rejects.toMatchObject(refused);
    await expect(files.append(path, 'mine')).rejects.toMatchObject(refused);
    await expect(files.ensureDirectory(path)).rejects.toMatchObject(refused);
    expect(() => sync.read(path, { maxBytes })).toThrow(expect.objectContaining(refused));
    expect(() => sync.replace(path, 'mine')).toThrow(expect.objectContaining(refused));
    expect(text(await files.read(path, { maxBytes, followLink: true }))).toBe('theirs');
    expect(await files.stat(path)).toMatchObject({ kind: 'symlink' });
    expect(sync.isDangling(path)).toBe(false);
    expect(await files.remove(path)).toBe(true);
    expect(await raw(target)).toBe('theirs');
  });

  test('knows a link that leads nowhere', async ({ disk: { root, sync, files, link } }) => {
    await link(join(root, 'none'), join(root, 'link'));
    expect(sync.isDangling(join(root, 'link'))).toBe(true);
    await expect(files.replace(join(root, 'link'), 'x')).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
    expect(await files.stat(join(root, 'none'))).toBeNull();
  });

  test('tells a directory from a file', async ({ disk: { root, files, sync } }) => {
    const path = join(root, 'directory');
    await files.ensureDirectory(path);
    const refused = { code: 'FILE_NOT_REGULAR' };
    await expect(files.read(path, { maxBytes })).rejects.toMatchObject(refused);
    await expect(files.replace(path, 'x')).rejects.toMatchObject(refused);
    await expect(files.append(path, 'x')).rejects.toMatchObject(refused);
    await expect(files.remove(path)).rejects.toMatchObject(refused);
    expect(() => sync.read(path, { maxBytes })).toThrow(expect.objectContaining(refused));
    const file = join(root, 'file');
    await files.replace(file, 'x');
    await expect(files.list(file)).rejects.toMatchObject({ code: 'FILE_NOT_DIRECTORY' });
    await expect(files.ensureDirectory(file)).rejects.toMatchObject({ code: 'FILE_NOT_DIRECTORY' });
    await expect(files.replace(join(file, 'below'), 'x')).rejects.toMatchObject({ code: 'FILE_NOT_DIRECTORY' });
  });

  test('adds lines, and leaves a torn one a line of its own', async ({ disk: { root, files, raw } }) => {
    const path = join(root, 'log/events');
    await files.append(path, 'one');
    await files.append(path, 'two');
    expect([await raw(path), (await files.stat(path))?.mode]).toEqual(['one\ntwo\n', 0o600]);
    await files.replace(path, 'one\ntw');
    await files.append(path, 'three');
    expect(await raw(path)).toBe('one\ntw\nthree\n');
  });

  test('makes a directory once, and tells who was first', async ({ disk: { root, files } }) => {
    const path = join(root, 'a/b');
    expect([await files.createDirectory(path), await files.createDirectory(path)]).toEqual([true, false]);
    expect(await files.stat(path)).toMatchObject({ kind: 'directory', mode: 0o700 });
    expect(await files.createDirectory(join(root, 'open'), { mode: 0o755 })).toBe(true);
    expect(await files.stat(join(root, 'open'))).toMatchObject({ mode: 0o755 });
    await files.ensureDirectory(join(root, 'open'));
    expect(await files.stat(join(root, 'open'))).toMatchObject({ mode: 0o700 });
  });

  test('moves files and directories with all that is in them', async ({ disk: { root, files, raw } }) => {
    await files.replace(join(root, 'a/x/file'), 'x');
    await files.rename(join(root, 'a'), join(root, 'b'));
    expect([await raw(join(root, 'b/x/file')), await files.stat(join(root, 'a'))]).toEqual(['x', null]);
    await files.replace(join(root, 'other'), 'y');
    await files.rename(join(root, 'other'), join(root, 'b/x/file'));
    expect(await raw(join(root, 'b/x/file'))).toBe('y');
    await expect(files.rename(join(root, 'none'), join(root, 'c'))).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });

  test('removes a tree, and nothing that it only links to', async ({ disk: { root, files, link, raw } }) => {
    await files.replace(join(root, 'kept/file'), 'kept');
    await files.replace(join(root, 'tree/deep/file'), 'x');
    await link(join(root, 'kept'), join(root, 'tree/link'));
    await files.removeTree(join(root, 'tree'));
    expect([await files.stat(join(root, 'tree')), await raw(join(root, 'kept/file'))]).toEqual([null, 'kept']);
  });

  test('marks a path for one only, until that one takes its mark away', async ({ disk: { root, files } }) => {
    const path = join(root, 'lock/mark');
    const mark = await files.claim(path, 'first');
    expect(await files.claim(path, 'second')).toBeNull();
    expect(await files.readClaim(path)).toMatchObject({ text: mark, note: 'first', alive: true });
    expect(await files.release(path, 'another')).toBe(false);
    expect(await files.release(path, mark ?? '')).toBe(true);
    expect(await files.stat(join(root, 'lock'))).toBeNull();
    expect(await files.claim(path, 'second')).not.toBeNull();
  });

  test('takes what is no mark for one that is held', async ({ disk: { root, files } }) => {
    await files.replace(join(root, 'lock/mark'), 'a plain file');
    expect(await files.claim(join(root, 'lock/mark'), 'x')).toBeNull();
    expect(await files.readClaim(join(root, 'lock/mark'))).toMatchObject({ pid: null, alive: true });
  });
});
