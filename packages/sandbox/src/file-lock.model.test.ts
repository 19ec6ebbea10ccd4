/** The lock against a model of one, driven through random schedules with real processes that may be killed at any moment. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { startFixture } from './fixtures/node-child.test.fixture.ts';

type Worker = { readonly child: ChildProcess; readonly said: string[] };
type Step = { readonly worker: number; readonly act: 'take' | 'give' | 'die' };

const workers = 3;
const steps = fc.array(
  fc.record<Step>({ worker: fc.nat(workers - 1), act: fc.constantFrom('take', 'take', 'take', 'give', 'give', 'die') }),
  { minLength: 6, maxLength: 16 },
);

test('one holder at a time, in order of arrival, whoever is killed', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (schedule) => {
      const root = await mkdtemp(join(tmpdir(), 'terok-lock-model-'));
      const lock = join(root, 'lock');
      const pool = await Promise.all(Array.from({ length: workers }, () => start(lock)));
      const line: Worker[] = []; // the model: the first one holds, the others wait in this order
      try {
        for (const { worker, act } of schedule) {
          const one = pool[worker];
          if (one === undefined) continue;
          if (act === 'take' && !line.includes(one)) {
            one.child.stdin?.write('take\n');
            line.push(one);
            if (line.length > 1) await inLine(lock, line.length - 1);
          }
          if (act === 'give' && line[0] === one) {
            one.child.stdin?.write('give\n');
            await said(one, 'given');
            line.shift();
          }
          if (act === 'die') {
            await kill(one);
            pool[worker] = await start(lock);
            if (line.includes(one)) line.splice(line.indexOf(one), 1);
          }
          if (line[0] !== undefined) await said(line[0], 'taken');
          expect(pool.filter((each) => each.said.at(-1) === 'taken')).toEqual(line.slice(0, 1));
        }
      } finally {
        await Promise.all(pool.map(kill));
        await rm(root, { recursive: true });
      }
    }),
    { numRuns: 8 },
  );
});

async function start(lock: string): Promise<Worker> {
  const child = startFixture('node-lock-worker', [lock]);
  const worker: Worker = { child, said: [] };
  child.stdout?.on('data', (chunk: Buffer) => worker.said.push(...chunk.toString().trim().split('\n')));
  await said(worker, 'ready');
  return worker;
}

/** The last thing it said; a worker says each thing once for each time it is told to. */
async function said(worker: Worker, word: string): Promise<void> {
  while (worker.said.at(-1) !== word) await once(worker.child.stdout ?? worker.child, 'data');
}

/** So many live callers have queued up behind the holder; marks of dead ones may be among them. */
async function inLine(lock: string, least: number): Promise<void> {
  await expect
    .poll(async () => (await readdir(lock).catch(() => [])).filter((name) => /^\d{18}-/.test(name)).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(least);
}

async function kill({ child }: Worker): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
