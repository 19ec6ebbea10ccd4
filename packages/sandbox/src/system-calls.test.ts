/** Inside one write: the process is killed, or a call fails, at each of the system calls that a write is made of. And what the setup check asks of the system. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test as base } from 'vitest';
import { runFixture } from './fixtures/node-child.test.fixture.ts';
import { needStrace } from './fixtures/node-strace.test.fixture.ts';
import { wholeText } from './fixtures/whole-text.test.fixture.ts';

const test = base.extend<{ root: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
  root: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'terok-strace-'));
    await use(root);
    await rm(root, { recursive: true });
  },
});

beforeEach(({ skip }) => needStrace(skip));

const [before, after] = [wholeText('old'), wholeText('new')];

/** Calls are counted per thread. */
const oneThread = { UV_THREADPOOL_SIZE: '1' };

/** `null`: which of the two depends on when the call is reached. */
const kills: readonly [call: string, when: number, left: string | null][] = [
  ['fchmod', 1, before],
  ['write', 1, null],
  ['write', 2, null],
  ['write', 3, null],
  ['write', 4, null],
  ['fsync', 1, before],
  ['rename', 1, before],
  ['fsync', 2, after],
];

describe.each(['async', 'sync'])('a write (%s)', (how) => {
  test.for(kills)(
    'killed at %s number %i leaves old or new, and what it left is swept',
    { timeout: 30_000 },
    async ([call, when, left], { root }) => {
      const path = join(root, 'file');
      await writeFile(path, before);
      const under = ['strace', '-f', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${when}`];
      const ended = await runFixture('node-write-once', [path, how, 'new'], { under, env: oneThread });
      expect(left === null ? [null, 'SIGKILL'] : ['SIGKILL']).toContain(ended.signal);
      expect(left === null ? [before, after] : [left]).toContain(await readFile(path, 'utf8'));

      expect(await runFixture('node-write-once', [path, how, 'next'])).toMatchObject({ stdout: 'written' });
      expect([await readFile(path, 'utf8'), await readdir(root)]).toEqual([wholeText('next'), ['file']]);
    },
  );

  test.for([
    ['fchmod', 'EIO', 1, 'FILE_FAILED', before],
    ['fsync', 'EIO', 1, 'FILE_FAILED', before],
    ['fsync', 'ENOSPC', 1, 'DISK_FULL', before],
    ['rename', 'EDQUOT', 1, 'DISK_FULL', before],
    ['rename', 'EROFS', 1, 'FILE_SYSTEM_READ_ONLY', before],
    ['fsync', 'EIO', 2, 'FILE_FAILED', after],
  ] as const)(
    'whose %s fails with %s (number %i) says so, and leaves nothing behind',
    { timeout: 30_000 },
    async ([call, error, when, code, left], { root }) => {
      const path = join(root, 'file');
      await writeFile(path, before);
      const under = ['strace', '-f', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${when}`];
      expect(await runFixture('node-write-once', [path, how, 'new'], { under, env: oneThread })).toMatchObject({ stdout: code });
      expect([await readFile(path, 'utf8'), await readdir(root)]).toEqual([left, ['file']]);
    },
  );

  test('that the disk has no room for says so, and the old file stays', async ({ root }) => {
    // The limit on the size of a file stops a write part of the way through, as a full disk does: the first call writes less than it was given.
    const path = join(root, 'file');
    await writeFile(path, before);
    const ended = await runFixture('node-write-once', [path, how, 'new'], {
      under: ['sh', '-c', 'trap "" XFSZ; ulimit -f 4; exec "$@"', 'sh'],
    });
    expect(ended.stdout).toBe('FILE_FAILED');
    expect([await readFile(path, 'utf8'), await readdir(root)]).toEqual([before, ['file']]);
  });
});

test('the setup check starts no process and reaches no network', { timeout: 30_000 }, async ({ root }) => {
  const log = join(root, 'calls');
  const under = ['strace', '-f', '-o', log, '-e', 'trace=execve,execveat,fork,vfork,socket,socketpair,connect,bind,sendto'];
  const ended = await runFixture('node-check-setup', [join(root, 'setup.stamp')], { under });
  expect(JSON.parse(ended.stdout)).toEqual({ verdict: 'first_run' });
  const calls = (await readFile(log, 'utf8')).split('\n').filter((line) => /^\d+ +\w+\(/.test(line));
  expect(calls.map((line) => line.replace(/^\d+ +(\w+)\(.*$/, '$1'))).toEqual(['execve']); // the program itself
});
