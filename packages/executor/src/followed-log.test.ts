/** A log that breaks anywhere, as often as it may, is told whole and once. */
import { fakeClock, memoryFiles } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { executorErrors } from './errors.ts';
import { openFakePodman } from './fixtures/node-open-fake-podman.test.fixture.ts';
import { followedLog } from './followed-log.ts';
import { podmanRuntime } from './podman/podman-runtime.ts';
import type { OutputChunk } from './processes.ts';
import type { LogOptions, Runtime, WaitEnd } from './runtime.ts';
import { engineProfile } from './testing/engine-profile.ts';
import { memoryRuntime } from './testing/memory-runtime.ts';
import { runSpec } from './testing/run-spec.ts';

/** What the engine keeps: a piece of a line as it was read from a program, with its moment in nanoseconds since some start. */
type Entry = { readonly stream: OutputChunk['stream']; readonly ns: number; readonly text: string };

const startMs = Date.UTC(2026, 7, 20, 12);
const broke = () => executorErrors.PODMAN_FAILED({ verb: 'logs', how: 'was ended by SIGKILL', stderr: '' });
const bytes = (text: string) => Buffer.from(text, 'latin1');

function timeOf(ns: number): string {
  const whole = new Date(startMs + Math.floor(ns / 1e6)).toISOString().slice(0, -1);
  return `${whole}${String(ns % 1e6).padStart(6, '0')}+00:00`;
}

/** As podman prints a log with times: what is not the end of a line has no line to itself. */
function printed(entries: readonly Entry[], { since, tail }: LogOptions): OutputChunk[] {
  const later = entries.filter(({ ns }) => since === undefined || startMs * 1e6 + ns > since.getTime() * 1e6);
  return later
    .slice(tail === undefined ? 0 : Math.max(0, later.length - tail))
    .map(({ stream, ns, text }) => ({ stream, bytes: bytes(`${timeOf(ns)} ${text}`) }));
}

/**
 * Each reading is cut after so many bytes, and comes in pieces of so many; when there are no more cuts it goes to the end. A podman that
 * is killed says nothing; one that gives up between two lines says why.
 */
function breakingRuntime(entries: readonly Entry[], cuts: readonly number[], pieceBytes: number) {
  const asked: LogOptions[] = [];
  async function* logs(_: string, options: LogOptions = {}): AsyncGenerator<OutputChunk> {
    let left = cuts[asked.push(options) - 1] ?? Infinity;
    let inLine = false;
    for (const { stream, bytes: whole } of printed(entries, options)) {
      for (let at = 0; at < whole.length; at += pieceBytes) {
        const part = whole.subarray(at, Math.min(at + pieceBytes, at + left));
        left -= part.length;
        if (part.length > 0) yield { stream, bytes: part };
        if (stream === 'stderr') inLine = part.at(-1) !== 0x0a;
        if (left > 0) continue;
        if (!inLine) yield { stream: 'stderr', bytes: bytes('Error: it broke\n') };
        throw broke();
      }
    }
  }
  const wait = async (): Promise<WaitEnd> => ({ kind: 'timed_out' });
  return { runtime: { logs, wait }, asked };
}

async function told(chunks: AsyncIterable<OutputChunk>): Promise<Record<OutputChunk['stream'], string>> {
  const all = { stdout: '', stderr: '' };
  for await (const { stream, bytes: part } of chunks) all[stream] += Buffer.from(part).toString('latin1');
  return all;
}

const textOf = (entries: readonly Entry[], stream: OutputChunk['stream']) =>
  entries.flatMap((entry) => (entry.stream === stream ? [entry.text] : [])).join('');

/** Few moments and few texts, so that lines look alike; some texts are times that a program prints, and bytes that are no text. */
const someEntries = fc
  .array(
    fc.record({
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      later: fc.constantFrom(0, 0, 0, 1, 1_000_000, 3_000_000_000),
      text: fc.constantFrom(
        'a',
        'b',
        '\u00ff\u00fe',
        `x ${timeOf(0).replace('2026', '2025')} y`,
        'a\n',
        'a\n',
        'b\n',
        '\n',
        `${timeOf(0)} own\n`,
      ),
    }),
    { maxLength: 25 },
  )
  .map((steps) => {
    let ns = 5_000_000;
    return steps.map(({ stream, later, text }): Entry => ({ stream, ns: (ns += later), text }));
  });

describe('a followed log', () => {
  test('is told whole and once, wherever it breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        someEntries,
        fc.array(fc.nat(400), { maxLength: 6 }),
        fc.integer({ min: 1, max: 90 }),
        async (entries, cuts, piece) => {
          const { runtime } = breakingRuntime(entries, cuts, piece);
          const all = await told(followedLog({ runtime, clock: fakeClock() }, 'c'));
          expect(all).toEqual({ stdout: textOf(entries, 'stdout'), stderr: textOf(entries, 'stderr') });
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is not held in memory for the end of a line that never comes, and such a line is told once too', async () => {
    const long = Array.from({ length: 40 }, (_, index): Entry => ({
      stream: 'stdout',
      ns: index * 1000,
      text: String(index % 10).repeat(16 * 1024),
    }));
    const { runtime, asked } = breakingRuntime(long, [400_000, 500_000, 600_000], 8192);
    const sizes: number[] = [];
    let all = '';
    for await (const { bytes: part } of followedLog({ runtime, clock: fakeClock() }, 'c')) {
      sizes.push(part.length);
      all += Buffer.from(part).toString('latin1');
    }
    expect(all === textOf(long, 'stdout')).toBe(true);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
    expect(asked).toHaveLength(4);
  });

  test('with a tail begins with it once, and goes on from there', async () => {
    const entries = ['old\n', 'older\n', 'last\n', 'new\n', 'newer\n'].map((text, index): Entry => ({
      stream: 'stdout',
      ns: index * 4_000_000,
      text,
    }));
    const { runtime, asked } = breakingRuntime(entries, [10, timeOf(0).length + 10], 7);
    expect((await told(followedLog({ runtime, clock: fakeClock() }, 'c', { tail: 3 }))).stdout).toBe('last\nnew\nnewer\n');
    expect(asked.map(({ tail, since }) => [tail, since?.toISOString()])).toEqual([
      [3, undefined],
      [3, undefined],
      [undefined, new Date(startMs + 7).toISOString()],
    ]);
  });

  test('reads on from a moment, not from the beginning', async () => {
    const entries = Array.from({ length: 10 }, (_, index): Entry => ({ stream: 'stdout', ns: index * 1e9, text: `${index}\n` }));
    const { runtime, asked } = breakingRuntime(entries, [38 * 6], 100);
    expect((await told(followedLog({ runtime, clock: fakeClock() }, 'c'))).stdout).toBe(textOf(entries, 'stdout'));
    expect(asked[1]?.since).toEqual(new Date(startMs + 4000 - 1));
  });

  const always = (error: unknown, end: WaitEnd['kind'] = 'timed_out') => {
    let times = 0;
    async function* logs(): AsyncGenerator<OutputChunk> {
      times += 1;
      if (times > 0) throw error;
      yield { stream: 'stdout', bytes: bytes('') };
    }
    const wait = async (): Promise<WaitEnd> => (end === 'gone' ? { kind: 'gone' } : { kind: 'timed_out' });
    return { runtime: { logs, wait } satisfies Pick<Runtime, 'logs' | 'wait'>, times: () => times };
  };

  test.each([
    ['breaks again and again', broke(), 'timed_out', 9],
    ['is that of a container that is gone', broke(), 'gone', 1],
    ['has no podman to read it', executorErrors.PODMAN_MISSING({ binary: 'podman' }), 'timed_out', 1],
    ['fails by a mistake of ours', new TypeError('x'), 'timed_out', 1],
  ] as const)('that %s is given up with what broke it', async (_, error, end, times) => {
    const broken = always(error, end);
    await expect(told(followedLog({ runtime: broken.runtime, clock: fakeClock() }, 'c'))).rejects.toBe(error);
    expect(broken.times()).toBe(times);
  });

  test('ends without an error when the signal comes while it is broken', async () => {
    const controller = new AbortController();
    const clock = { sleep: async (_: number, signal?: AbortSignal) => (controller.abort(new Error('enough')), signal?.throwIfAborted()) };
    const broken = always(broke());
    expect(await told(followedLog({ runtime: broken.runtime, clock }, 'c', { signal: controller.signal }))).toEqual({
      stdout: '',
      stderr: '',
    });
    expect(broken.times()).toBe(1);
  });
});

const spec = runSpec();

test('in memory, a log that breaks after each of its chunks is told whole and once', async () => {
  const output = ['a\n', 'a\n', 'b', 'c\n', 'a'].map((text): OutputChunk => ({ stream: 'stdout', bytes: bytes(text) }));
  const clock = fakeClock();
  const memory = memoryRuntime({ now: () => clock.now(), program: () => ({ output, exitCode: 0 }) });
  await memory.create(spec);
  await memory.start(spec.name);
  let readings = 0;
  async function* logs(name: string, options?: LogOptions): AsyncGenerator<OutputChunk> {
    let chunks = 0;
    readings += 1;
    for await (const chunk of memory.logs(name, options)) {
      if (chunks++ === readings) throw broke();
      yield chunk;
    }
  }
  const all = await told(followedLog({ runtime: { ...memory, logs }, clock }, spec.name));
  expect(all).toEqual({ stdout: 'a\na\nbc\na', stderr: '' });
  expect(readings).toBe(5);
});

test('of a podman that is killed half-way, and then says what is wrong, the log goes on where it was', async () => {
  const fake = await openFakePodman();
  onTestFinished(fake.remove);
  const [first, second, third] = [timeOf(1), timeOf(2_000_000), timeOf(9_000_000)];
  const inspect = { to: ['container', 'inspect'], stdout: 'running\n', times: 9 };
  const wait = { to: ['wait'], hangs: true, times: 9 };
  await fake.answers([
    { to: ['logs', '--follow'], stdout: `${first} one\n${second} two\n${second} tw`, stderr: `${first} err\n`, exit: 137 },
    { to: ['logs', '--follow'], stderr: 'time="x" level=error msg="locked"\nError: storage is locked\n', exit: 125 },
    {
      to: ['logs', '--follow'],
      stdout: `${first} one\n${second} two\n${second} two\n${third} three\n`,
      stderr: `${first} err\n${third} end`,
      exit: 0,
    },
    inspect,
    wait,
  ]);
  const runtime = podmanRuntime(fake.podman, { engine: () => engineProfile(), files: memoryFiles() });
  const all = await told(followedLog({ runtime, clock: fakeClock() }, spec.name));
  expect(all).toEqual({ stdout: 'one\ntwo\ntwo\nthree\n', stderr: 'err\nend' });
  const readings = (await fake.calls()).filter(({ args }) => args[0] === 'logs').map(({ args }) => args.join(' '));
  expect(readings).toHaveLength(3);
  expect(new Set(readings)).toEqual(new Set([`logs --follow --timestamps -- ${spec.name}`]));
});
