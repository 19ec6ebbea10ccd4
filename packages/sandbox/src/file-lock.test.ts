import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import * as fc from 'fast-check';
import { describe, expect, test as base } from 'vitest';
import { claimText } from './claim.ts';
import { lockHolder, withFileLock } from './file-lock.ts';
import { runFixture } from './fixtures/node-child.test.fixture.ts';
import type { Claim, Files } from './host.ts';
import { systemClock } from './node-clock.ts';
import { nodeFiles } from './node-files.ts';
import { ownIdentity } from './node-process-identity.ts';
import { fakeClock } from './testing/fake-clock.ts';
import { memoryFiles, type MemoryFiles } from './testing/memory-files.ts';

const test = base.extend<{ lock: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
  lock: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'terok-lock-'));
    await use(join(root, 'lock'));
    await rm(root, { recursive: true });
  },
});

const host = { files: nodeFiles, clock: systemClock };
const purpose = 'a test';

test('who has it can be asked: nobody, who does, and nobody when its holder is dead', async ({ lock }) => {
  expect(await lockHolder(host, lock)).toBeNull();
  const held = await withFileLock(host, lock, { purpose }, () => lockHolder(host, lock));
  expect(held).toEqual({ pid: process.pid, purpose });
  await mkdir(lock);
  await symlink(claimText({ owner: { ...ownIdentity(), boot: 'an earlier one' }, id: 'x', note: purpose }), join(lock, 'holder'));
  expect(await lockHolder(host, lock)).toBeNull();
});

test('one at a time, and nothing is left behind', async ({ lock }) => {
  let [inside, most, turns] = [0, 0, 0];
  await Promise.all(
    Array.from({ length: 20 }, () =>
      withFileLock(host, lock, { purpose }, async () => {
        most = Math.max(most, ++inside);
        turns++;
        await new Promise(setImmediate);
        inside--;
      }),
    ),
  );
  expect({ most, turns }).toEqual({ most: 1, turns: 20 });
  expect(await readdir(dirname(lock))).toEqual([]);
});

test('what the body returns or throws comes out, and the lock is free after either', async ({ lock }) => {
  expect(await withFileLock(host, lock, { purpose }, async () => 5)).toBe(5);
  await expect(withFileLock(host, lock, { purpose }, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withFileLock(host, lock, { purpose, waitMs: 0 }, async () => 6)).toBe(6);
});

test('a caller that waited long enough learns who holds it', async ({ lock }) => {
  await withFileLock(host, lock, { purpose: 'deleting task demo/k3v8h' }, async () => {
    await expect(withFileLock(host, lock, { purpose: 'renaming it', waitMs: 30 }, async () => 1)).rejects.toMatchObject({
      code: 'LOCK_TIMEOUT',
      message: `Gave up on renaming it after 0.03 s: process ${process.pid} (deleting task demo/k3v8h) holds the lock \`${lock}\`.`,
      hint: expect.stringContaining(lock) as string,
    });
  });
  expect(await readdir(dirname(lock))).toEqual([]);
});

test('a wait can be called off', async ({ lock }) => {
  await withFileLock(host, lock, { purpose }, async () => {
    const calledOff = new AbortController();
    const waiting = withFileLock(host, lock, { purpose, signal: calledOff.signal }, async () => 1);
    setImmediate(() => calledOff.abort());
    await expect(waiting).rejects.toThrow('aborted');
  });
  expect(await readdir(dirname(lock))).toEqual([]);
});

describe('a mark that was left behind', () => {
  const own = ownIdentity();
  const left = (owner: Partial<typeof own>) => claimText({ owner: { ...own, ...owner }, id: 'left', note: 'long gone' });
  const aZombieParent = 'setTimeout(() => {}, 60000)';

  async function plant(lock: string, name: string, text: string): Promise<void> {
    await mkdir(lock, { recursive: true });
    await symlink(text, join(lock, name));
  }

  test.for<[string, Partial<typeof own>]>([
    ['by a process that is gone', { pid: 2 ** 22 - 1, start: '1' }],
    ['by an earlier process with a number that is in use again', { start: '1' }],
    ['before the last boot', { boot: 'ffffffffffff' }],
    ['by no possible process', { pid: -1 }],
    ['by process 0', { pid: 0 }],
    ['by a process with a broken number', { pid: 1.5 }],
  ])('%s is no hindrance', async ([, owner], { lock }) => {
    await plant(lock, 'holder', left(owner));
    await plant(lock, `${'0'.repeat(18)}-${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`, left(owner));
    expect(await withFileLock(host, lock, { purpose, waitMs: 5000 }, async () => 'mine')).toBe('mine');
    expect(await readdir(dirname(lock))).toEqual([]);
  });

  test.for<[string, string]>([
    ['a process in another namespace, of which nothing is known', left({ namespace: '1' })],
    ['something that is not terok', 'whatever'],
    ['a mark without an owner', '{"note":"x"}'],
    ['a mark that is no object', '5'],
  ])('by %s is respected', async ([, text], { lock }) => {
    await plant(lock, 'holder', text);
    await expect(withFileLock(host, lock, { purpose, waitMs: 20 }, async () => 1)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect(await readdir(lock)).toEqual(['holder']);
  });

  test('as a plain file is respected', async ({ lock }) => {
    await mkdir(lock);
    await writeFile(join(lock, 'holder'), '');
    await expect(withFileLock(host, lock, { purpose, waitMs: 20 }, async () => 1)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
  });

  test('by a process that ended but was not waited for is no hindrance', async ({ lock }) => {
    // The shell is replaced by a program that never asks how its child ended, so the child stays as a zombie.
    const { spawn } = await import('node:child_process');
    const parent = spawn('sh', ['-c', `sleep 0 & echo $!; exec "${process.execPath}" -e "${aZombieParent}"`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = Number(await new Promise<string>((resolve) => parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))));
    try {
      await expect.poll(() => stateOf(pid), { timeout: 5000 }).toMatchObject({ state: 'Z' });
      const { start } = await stateOf(pid);
      await plant(lock, 'holder', left({ pid, start }));
      expect(await withFileLock(host, lock, { purpose, waitMs: 5000 }, async () => 'mine')).toBe('mine');
    } finally {
      parent.kill('SIGKILL');
    }
  });
});

async function stateOf(pid: number): Promise<{ state: string; start: string }> {
  const { readFile } = await import('node:fs/promises');
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  return { state: fields[0] ?? '', start: fields[19] ?? '' };
}

test('the lock of another is never given back, even when ours was taken from us', async ({ lock }) => {
  await withFileLock(host, lock, { purpose }, async () => {
    await rm(lock, { recursive: true });
    await mkdir(lock);
    await symlink('somebody else', join(lock, 'holder'));
  });
  expect(await readdir(lock)).toEqual(['holder']);
});

/**
 * Every interleaving of several callers, some of which die at some call, with a dead holder in their way from the start. Each caller is a process of its own as far
 * as the disk knows: a mark is alive as long as its maker is.
 */
base('no two hold it and nobody waits for ever, in whatever order the calls fall and whoever dies', async () => {
  const plans = fc.array(fc.record({ diesAtCall: fc.option(fc.nat(30), { freq: 2 }) }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plans, fc.boolean(), async (scheduler, callers, leftBehind) => {
      const disk = memoryFiles({ '/base/.keep': '' });
      const alive = new Map<string, { dead: boolean }>();
      if (leftBehind) alive.set((await disk.claim('/base/lock/holder', 'left behind')) ?? '', { dead: true });
      const [inside, took] = [new Set<Life>(), new Set<number>()];
      let most = 0;

      const runs = callers.map(async ({ diesAtCall }, caller) => {
        const life = { dead: false };
        const files = asProcess(disk, {
          life,
          alive,
          calls: diesAtCall ?? Infinity,
          schedule: (work) => scheduler.schedule(Promise.resolve()).then(work),
        });
        const time = fakeClock();
        const sleep = (ms: number): Promise<void> => {
          time.advance(ms);
          return scheduler.schedule(Promise.resolve());
        };
        try {
          await withFileLock({ files, clock: { ...time, sleep } }, '/base/lock', { purpose, waitMs: 10_000 }, async () => {
            inside.add(life);
            // A dead process holds nothing any more, whenever the test gets to hear of its death.
            most = Math.max(most, [...inside].filter(({ dead }) => !dead).length);
            for (let n = 0; n < 3; n++) await files.stat('/base'); // chances to be overtaken, or to die
            took.add(caller);
            inside.delete(life);
          });
        } catch (error) {
          if (!(error instanceof Died)) throw error;
        }
      });
      await scheduler.waitFor(Promise.all(runs));

      expect(most).toBeLessThanOrEqual(1);
      expect(callers.flatMap(({ diesAtCall }, caller) => (diesAtCall === null && !took.has(caller) ? [caller] : []))).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

class Died extends Error {}

type Life = { dead: boolean };

/** The disk as one process sees it, which dies at its n-th call: the call is not made, and from then on its marks are dead. */
function asProcess(
  disk: MemoryFiles,
  {
    life,
    alive,
    calls,
    schedule,
  }: { life: Life; alive: Map<string, Life>; calls: number; schedule: <T>(work: () => Promise<T>) => Promise<T> },
): Files {
  let left = calls;
  const call = <T>(work: () => Promise<T>): Promise<T> =>
    schedule(async () => {
      if (life.dead || left-- <= 0) {
        life.dead = true;
        throw new Died();
      }
      return work();
    });
  const judged = (claim: Claim | null): Claim | null =>
    claim === null ? null : { ...claim, alive: alive.get(claim.text)?.dead === false };
  return {
    ...disk,
    stat: (path) => call(() => disk.stat(path)),
    list: (path) => call(() => disk.list(path)),
    readClaim: (path) => call(async () => judged(await disk.readClaim(path))),
    release: async (path, text) => {
      // Looking and removing are two steps on a real disk, and whatever is there by then is removed.
      if ((await call(() => disk.readClaim(path)))?.text !== text) return false;
      return call(async () => disk.release(path, (await disk.readClaim(path))?.text ?? ''));
    },
    claim: (path, note) =>
      call(async () => {
        const text = await disk.claim(path, note);
        if (text !== null) alive.set(text, life);
        return text;
      }),
  };
}

test('16 processes add 200 each, and none is lost', { timeout: 120_000 }, async ({ lock }) => {
  const file = join(dirname(lock), 'count');
  const ended = await Promise.all(Array.from({ length: 16 }, () => runFixture('node-count-up', [file, '200'])));
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ended.map(() => ({ code: 0, stderr: '' })));
  expect(Buffer.from((await nodeFiles.read(file, { maxBytes: 100 })) ?? []).toString()).toBe('3200');
  expect(await readdir(dirname(lock))).toEqual(['count']);
});

test(
  'of 50 contenders none lets more than five times as many go before it as most do, nor all others twice',
  { timeout: 60_000 },
  async ({ lock }) => {
    const file = join(dirname(lock), 'count');
    const ended = await Promise.all(Array.from({ length: 10 }, () => runFixture('node-count-up', [file, '5', '5'])));
    const turns = ended.flatMap(({ stdout }) => stdout.trim().split('\n').map(Number)).toSorted((a, b) => a - b);
    expect(turns).toHaveLength(250);
    expect(turns.at(-1)).toBeLessThanOrEqual(2 * 49);
    expect(turns.at(-1)).toBeLessThanOrEqual(5 * Math.max(1, turns[125] ?? 0));
  },
);
