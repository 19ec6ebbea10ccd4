import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rmdir, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { execFileSync } from 'node:child_process';
import { describe, expect, test as base } from 'vitest';
import { firstLine, runFixture, startFixture } from './fixtures/node-child.test.fixture.ts';
import { isWhole, wholeText } from './fixtures/whole-text.test.fixture.ts';
import { nodeFiles } from './node-files.ts';
import { mkdirAll, nodeSyncFiles } from './node-sync-files.ts';
import { ownIdentity } from './node-process-identity.ts';
import { temporaryPath, temporaryWriter } from './temporary-name.ts';

const test = base.extend<{ root: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
  root: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'terok-disk-'));
    await chmod(root, 0o777);
    await use(root);
    await nodeFiles.removeTree(root);
  },
});

const maxBytes = 1e6;
const person = process.geteuid?.() === 0 ? { uid: 65_534 } : {};

describe('a pipe, a socket or a device', () => {
  test.for(['fifo', 'socket'])('%s is refused at once, whatever is tried', async (kind, { root }) => {
    const path = join(root, kind);
    const server = createServer();
    if (kind === 'fifo') execFileSync('mkfifo', [path]);
    else await once(server.listen(path), 'listening');
    const refused = { code: 'FILE_NOT_REGULAR', message: expect.stringContaining('pipe, socket or device') as string };
    await expect(nodeFiles.read(path, { maxBytes })).rejects.toMatchObject(refused);
    await expect(nodeFiles.replace(path, 'x')).rejects.toMatchObject(refused);
    await expect(nodeFiles.append(path, 'x')).rejects.toMatchObject(refused);
    expect(await nodeFiles.stat(path)).toMatchObject({ kind: 'other' });
    server.close();
  });

  base('a device without end is refused', async () => {
    await expect(nodeFiles.read('/dev/zero', { maxBytes })).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
  });
});

base('a place where nothing can be made says so, and is given up at once', async () => {
  for (const making of [nodeFiles.ensureDirectory('/proc/nowhere/below'), nodeFiles.claim('/proc/nowhere/below/mark', '')])
    await expect(making).rejects.toMatchObject({
      code: 'FILE_FAILED',
      message: expect.stringMatching(/`\/proc\/nowhere\/below`: no such file/) as string,
    });
});

base('a file that tells no size is read up to the limit', async () => {
  expect((await nodeFiles.read('/proc/self/stat', { maxBytes }))?.length).toBeGreaterThan(10);
  await expect(nodeFiles.read('/proc/self/stat', { maxBytes: 10 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  expect(() => nodeSyncFiles.read('/proc/self/stat', { maxBytes: 10 })).toThrow(expect.objectContaining({ code: 'FILE_TOO_LARGE' }));
});

test('modes are set whatever the umask, and a wide directory is made narrow', async ({ root }) => {
  const before = process.umask(0o777);
  try {
    await nodeFiles.replace(join(root, 'file'), 'x', { mode: 0o640 });
    await nodeFiles.createDirectory(join(root, 'directory'), { mode: 0o750 });
  } finally {
    process.umask(before);
  }
  expect((await stat(join(root, 'file'))).mode & 0o777).toBe(0o640);
  expect((await stat(join(root, 'directory'))).mode & 0o777).toBe(0o750);
  await mkdir(join(root, 'wide'), { mode: 0o777 });
  await nodeFiles.ensureDirectory(join(root, 'wide'));
  expect((await stat(join(root, 'wide'))).mode & 0o777).toBe(0o700);
});

test('a file is never readable by others, not even while it is written', async ({ root }) => {
  const modes = new Set<number>();
  async function* watched() {
    for (const name of await readdir(root)) modes.add((await stat(join(root, name))).mode & 0o777);
    yield Buffer.from('secret');
  }
  await nodeFiles.replace(join(root, 'file'), watched());
  expect(modes).toEqual(new Set([0o600]));
});

test('a directory can be given to another owner', async ({ root }) => {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  await nodeFiles.ensureDirectory(join(root, 'home'), { mode: 0o755, owner: { uid, gid } });
  expect(await stat(join(root, 'home'))).toMatchObject({ uid, gid });
});

test('a name as long as a name can be is written', async ({ root }) => {
  for (const name of ['x'.repeat(255), 'é'.repeat(127), '漢'.repeat(85)]) {
    await nodeFiles.replace(join(root, name), 'x');
    nodeSyncFiles.replace(join(root, name), 'y');
  }
  expect((await readdir(root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('what dead writers left is swept by the next writer, and nothing else', async ({ root }) => {
  const own = ownIdentity();
  const dead = [
    temporaryPath(join(root, 'a'), { ...own, start: '1' }, 'aaaa'),
    temporaryPath(join(root, 'b'), { ...own, boot: '0123' }, 'bbbb'),
    temporaryPath(join(root, 'c'), { ...own, pid: 2 ** 22 - 1 }, 'cccc'),
  ];
  const kept = [
    temporaryPath(join(root, 'a'), own, 'dddd'),
    temporaryPath(join(root, 'a'), { ...own, namespace: '1', start: '1' }, 'eeee'),
    join(root, '.a.tmp'),
    join(root, 'a.12-1-ab-1.ffff.tmp'),
    join(root, 'notes.tmp'),
  ];
  for (const path of [...dead, ...kept]) await writeFile(path, '');
  const ended = await runFixture('node-write-once', [join(root, 'target'), 'async', 'w']);
  expect(ended).toMatchObject({ stdout: 'written', stderr: '' });
  expect((await readdir(root)).map((name) => join(root, name)).toSorted()).toEqual([...kept, join(root, 'target')].toSorted());
});

base('the name of a temporary file says who writes it', () => {
  const own = ownIdentity();
  expect(temporaryWriter(temporaryPath('/a/setup.stamp', own, '0f').slice('/a/'.length))).toEqual(own);
  expect(temporaryWriter('setup.stamp')).toBeNull();
  expect(temporaryWriter('.0.1-2-3-4.zz.tmp')).toBeNull();
});

describe('a person who may not', () => {
  test('sweep what another left is not kept from writing', async ({ root }) => {
    const theirs = temporaryPath(join(root, 'file'), { ...ownIdentity(), start: '1' }, 'aaaa');
    await writeFile(theirs, '');
    await chmod(root, 0o1777);
    expect(await runFixture('node-write-once', [join(root, 'file'), 'async', 'new'], person)).toMatchObject({
      stdout: 'written',
      stderr: '',
    });
  });

  test('write there hears which file, and nothing is left', async ({ root }) => {
    const directory = join(root, 'closed');
    await mkdir(directory);
    await writeFile(join(directory, 'file'), 'old');
    await chmod(directory, 0o555);
    for (const how of ['sync', 'async']) {
      expect(await runFixture('node-write-once', [join(directory, 'file'), how, 'new'], person)).toMatchObject({
        stdout: 'FILE_ACCESS_DENIED',
        stderr: '',
      });
    }
    expect(await readdir(directory)).toEqual(['file']);
    expect(await readFile(join(directory, 'file'), 'utf8')).toBe('old');
  });

  test('write to parts of a tree can remove it all the same, if it is theirs', async ({ root }) => {
    const tree = join(root, 'cache');
    await mkdir(join(tree, 'module/deep'), { recursive: true });
    await writeFile(join(tree, 'module/deep/file'), '');
    for (const path of ['module/deep/file', 'module/deep', 'module', '']) {
      if ('uid' in person) await chown(join(tree, path), person.uid, person.uid);
      await chmod(join(tree, path), 0o555);
    }
    expect(await runFixture('node-remove-tree', [tree], person)).toMatchObject({ stdout: 'removed', stderr: '' });
    expect(await readdir(root)).toEqual([]);
  });
});

test('a tree deeper than any path can say is removed', async ({ root }) => {
  const step = 'x'.repeat(100);
  execFileSync('sh', ['-c', `mkdir tree; cd tree; for n in $(seq 100); do mkdir ${step}; cd -P ${step}; done; : > file`], { cwd: root });
  await nodeFiles.removeTree(join(root, 'tree'));
  expect(await readdir(root)).toEqual([]);
});

test('a tree with names that are no UTF-8 is removed', async ({ root }) => {
  execFileSync(
    'bash',
    [
      '-c',
      `mkdir -p "tree/$(printf 'folder\\377')"; : > "tree/$(printf 'folder\\377')/$(printf '\\200file')"; : > "tree/$(printf '\\300')"`,
    ],
    { cwd: root },
  );
  await nodeFiles.removeTree(join(root, 'tree'));
  expect(await readdir(root)).toEqual([]);
});

test('a directory that is swapped for a link while a tree is removed leads nowhere', async ({ root }) => {
  await mkdir(join(root, 'kept'));
  await writeFile(join(root, 'kept/file'), 'kept');
  const inner = join(root, 'tree/inner');
  for (let n = 0; n < 50; n++) {
    await mkdir(inner, { recursive: true });
    await writeFile(join(inner, 'file'), '');
    const removal = nodeFiles.removeTree(join(root, 'tree')).catch(() => undefined);
    const swap = (async () => {
      for (let turn = 0; turn < n % 10; turn++) await new Promise(setImmediate);
      await rename(inner, join(root, 'aside')).catch(() => undefined);
      await symlink(join(root, 'kept'), inner).catch(() => undefined);
    })();
    await Promise.all([removal, swap]);
    for (const rest of ['tree', 'aside']) await nodeFiles.removeTree(join(root, rest));
    expect(await readdir(root)).toEqual(['kept']);
    expect(await readFile(join(root, 'kept/file'), 'utf8')).toBe('kept');
  }
});

describe('200 writers killed at any moment', () => {
  test.for(['async', 'sync'])('leave old or new, and nothing else: %s', { timeout: 60_000 }, async (how, { root }) => {
    const path = join(root, 'state/file');
    await nodeFiles.replace(path, wholeText('first'));
    let [broken, reads, killed] = [0, 0, 0];
    let writing = true;
    const reader = (async () => {
      while (writing) {
        if (!isWhole(await readFile(path, 'utf8'))) broken++;
        reads++;
        await setTimeout(1);
      }
    })();
    const writers = async (): Promise<void> => {
      while (killed < 100) {
        killed++;
        const child = startFixture('node-write-forever', [path, how]);
        await firstLine(child);
        await setTimeout(Math.random() * 20);
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    };
    await Promise.all([writers(), writers(), writers()]);
    writing = false;
    await reader;
    expect(broken).toBe(0);
    expect(reads).toBeGreaterThan(100);
    expect(await runFixture('node-write-once', [path, how, 'last'])).toMatchObject({ stdout: 'written' });
    expect(await readdir(join(root, 'state'))).toEqual(['file']);
    expect(await readFile(path, 'utf8')).toBe(wholeText('last'));
  });
});

test('a directory that is made and taken away while it is listed is there or is not, and never something else', async ({ root }) => {
  const directory = join(root, 'comes-and-goes');
  let going = true;
  const comingAndGoing = async () => {
    while (going) {
      await mkdir(directory);
      await rmdir(directory);
    }
  };
  const changes = comingAndGoing();
  const looks = Array.from({ length: 3 }, async () => {
    for (let look = 0; look < 3000; look++) expect(await nodeFiles.list(directory)).toEqual([]);
  });
  await Promise.all(looks).finally(() => (going = false));
  await changes;
});

test('a directory is made although others make it and take it away at the same time', async ({ root }) => {
  const directory = join(root, 'comes-and-goes');
  let going = true;
  const unexpected: unknown[] = [];
  const takenAway = (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) unexpected.push(error);
  };
  const goings = Array.from({ length: 2 }, async () => {
    while (going) await rmdir(directory).catch(takenAway);
  });
  for (let act = 0; act < 3000; act++) {
    mkdirAll(directory);
    if (act % 100 === 0) await setTimeout(1);
  }
  going = false;
  await Promise.all(goings);
  expect(unexpected).toEqual([]);
});
