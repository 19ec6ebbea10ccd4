import type { OutputChunk } from '@terok/executor';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactedChunks, redactedTimedLines } from './redaction.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (part: Uint8Array) => new TextDecoder().decode(part);

async function* given<T>(...items: readonly T[]) {
  for (const item of items) yield await Promise.resolve(item);
}

/** A text in pieces, cut at these places. */
function pieces(whole: string, cuts: readonly number[]): readonly string[] {
  const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
  return edges.slice(1).map((edge, index) => whole.slice(edges[index], edge));
}

const secret = 'hunter2-and-more';
const chunk = (stream: OutputChunk['stream'], part: string): OutputChunk => ({ stream, bytes: bytes(part) });

test('wherever a log is cut, no secret is left in it', async () => {
  const log = `one ${secret}\ntwo {"key":"${secret}"}\nlast ${secret}`;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(log.length), { maxLength: 6 }), async (cuts) => {
      const kept = await Array.fromAsync(
        redactedTimedLines(given(...pieces(log, cuts).map((part) => chunk('stdout', part))), [secret]),
        text,
      );
      expect(kept.join('')).toBe('one <redacted>\ntwo {"key":"<redacted>"}\nlast <redacted>');
    }),
  );
});

test.each([
  [
    'between the pieces of a value',
    '2026-11-21T15:22:27.690486260Z say hunter2-2026-11-21T15:22:28.694311878Z and-more\n',
    '2026-11-21T15:22:27.690486260Z say <redacted>\n',
  ],
  ['with an offset', '2026-11-21T15:22:27+01:00 hunter2-and2026-11-21T15:22:28+01:00 -more.\n', '2026-11-21T15:22:27+01:00 <redacted>.\n'],
  ['where there is no value', '2026-11-21T15:22:27Z a 2026-11-21T15:22:28Z b\n', '2026-11-21T15:22:27Z a 2026-11-21T15:22:28Z b\n'],
])('a time %s hides none', async (_, log, expected) => {
  expect((await Array.fromAsync(redactedTimedLines(given(chunk('stdout', log)), [secret]), text)).join('')).toBe(expected);
});

describe('two streams at once', () => {
  test('become one log of whole lines, in which no secret is hidden by what came between its pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(60), { maxLength: 5 }), fc.array(fc.nat(60), { maxLength: 5 }), async (out, err) => {
        const [stdout, stderr] = [`T1 out ${secret}\nT2 more\nT3 open ${secret}`, `T1 err ${secret} x\nT4 end ${secret}`];
        const outs = pieces(stdout, out).map((part) => chunk('stdout', part));
        const errs = pieces(stderr, err).map((part) => chunk('stderr', part));
        const turns = Array.from({ length: Math.max(outs.length, errs.length) }, (_, index) => [outs[index], errs[index]]).flat();
        const kept = await Array.fromAsync(redactedTimedLines(given(...turns.flatMap((turn) => turn ?? [])), [secret]), text);
        expect(kept.join('').split('\n').toSorted()).toEqual([
          'T1 err <redacted> x',
          'T1 out <redacted>',
          'T2 more',
          'T3 open <redacted>',
          'T4 end <redacted>',
        ]);
      }),
    );
  });

  test('are each rid of secrets, though pieces of both come in turn', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 4 }), fc.array(fc.nat(40), { maxLength: 4 }), async (out, err) => {
        const [stdout, stderr] = [`out ${secret}\nmore\n`, `err ${secret} x\nend ${secret}`];
        const outs = pieces(
          stdout,
          out.map((cut) => cut % stdout.length),
        ).map((part) => chunk('stdout', part));
        const errs = pieces(
          stderr,
          err.map((cut) => cut % stderr.length),
        ).map((part) => chunk('stderr', part));
        const turns = Array.from({ length: Math.max(outs.length, errs.length) }, (_, index) => [outs[index], errs[index]]).flat();
        const kept = await Array.fromAsync(redactedChunks(given(...turns.flatMap((turn) => turn ?? [])), [secret]));
        const of = (stream: string) =>
          kept
            .filter((part) => part.stream === stream)
            .map((part) => text(part.bytes))
            .join('');
        expect([of('stdout'), of('stderr')]).toEqual(['out <redacted>\nmore\n', 'err <redacted> x\nend <redacted>']);
      }),
    );
  });

  test('come line by line: what is whole is not kept back by what is not', async () => {
    const kept: string[] = [];
    for await (const part of redactedChunks(given(chunk('stdout', 'a\nb'), chunk('stderr', 'x\n'), chunk('stdout', 'c\n')), []))
      kept.push(`${part.stream} ${text(part.bytes)}`);
    expect(kept).toEqual(['stdout a\n', 'stderr x\n', 'stdout bc\n']);
  });

  test('keep every byte where there is nothing to take out, text or not', async () => {
    const odd = new Uint8Array([0xff, 0x00, 0x0a, 0xc3, 0x28, 0x1b, 0x5b, 0x0a, 0xe2, 0x82]);
    const kept = await Array.fromAsync(redactedChunks(given({ stream: 'stdout' as const, bytes: odd }), [secret]));
    expect(Buffer.concat(kept.map((part) => part.bytes)).equals(Buffer.from(odd))).toBe(true);
  });

  test('a line without end is handed on, and still holds no secret at the places where it is cut', async () => {
    const filler = 'x'.repeat(1000);
    const part = `${filler}${secret}`;
    const chunks = Array.from({ length: 1200 }, () => chunk('stdout', part));
    let handedOnEarly = 0;
    let all = '';
    let handedIn = 0;
    async function* counted() {
      for (const each of chunks) {
        handedIn += 1;
        yield await Promise.resolve(each);
      }
    }
    for await (const kept of redactedChunks(counted(), [secret])) {
      if (handedIn < chunks.length) handedOnEarly += 1;
      all += text(kept.bytes);
    }
    expect(all).toBe(`${filler}<redacted>`.repeat(1200));
    expect(handedOnEarly).toBeGreaterThan(0);
  });
});
