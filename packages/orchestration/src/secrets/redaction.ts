/** Takes secrets out of what a container printed, as it is printed. */
import type { OutputChunk } from '@terok/executor';
import { redact } from '@terok/sandbox';

/**
 * Chunks of both streams, each as whole lines, without any of the values. A value never spans lines, so a line can be judged alone;
 * the end of a line that has not come yet is waited for, and of a line without end only so much is kept back as a value can be long.
 */
export async function* redactedChunks(chunks: AsyncIterable<OutputChunk>, values: readonly string[]): AsyncGenerator<OutputChunk> {
  yield* bothStreams(chunks, () => lineRedactor(values));
}

/**
 * As `redactedChunks`, for a log with the time of each line, both streams in one: each line stays a line, though the two are read in
 * pieces that end anywhere. What a program wrote in two pieces is one line with two times in it, and a value may be on both sides of the
 * second: where it is, that time goes too.
 */
export async function* redactedTimedLines(chunks: AsyncIterable<OutputChunk>, values: readonly string[]): AsyncGenerator<Uint8Array> {
  const redacted = (text: string) =>
    text
      .split('\n')
      .map((line) => redactedTimedLine(line, values))
      .join('\n');
  let open: OutputChunk['stream'] | null = null;
  for await (const { stream, bytes } of bothStreams(chunks, () => lineRedactor(values, redacted))) {
    if (open !== null && open !== stream) yield Uint8Array.of(newline);
    yield bytes;
    open = bytes.at(-1) === newline ? null : stream;
  }
}

type LineRedactor = { takes(bytes: Uint8Array): Uint8Array; ends(): Uint8Array };

async function* bothStreams(chunks: AsyncIterable<OutputChunk>, redactorOf: () => LineRedactor): AsyncGenerator<OutputChunk> {
  const streams = { stdout: redactorOf(), stderr: redactorOf() };
  for await (const { stream, bytes } of chunks) {
    const whole = streams[stream].takes(bytes);
    if (whole.length > 0) yield { stream, bytes: whole };
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const last = streams[stream].ends();
    if (last.length > 0) yield { stream, bytes: last };
  }
}

/** A line that is longer is cut: nobody waits for the end of a line that may never come, and no memory is filled with it. */
const lineMaxBytes = 256 * 1024;
const newline = 0x0a;
const nothing = new Uint8Array();

/** Works on bytes, so that what is not UTF-8 comes through as it was where there is nothing to take out. */
function lineRedactor(values: readonly string[], redacted = (text: string) => redact(text, values)): LineRedactor {
  // A form of a value, such as base64, is at most three times as long in bytes as the value.
  const overlap = 3 * Math.max(64, ...values.map((value) => new TextEncoder().encode(value).length));
  let rest: Uint8Array = nothing;
  return {
    takes(bytes: Uint8Array): Uint8Array {
      const all = joined(rest, bytes);
      const end = all.lastIndexOf(newline) + 1;
      if (all.length - end <= lineMaxBytes) {
        rest = all.subarray(end);
        return redactedBytes(all.subarray(0, end), redacted);
      }
      // What may be the beginning of a value is kept back.
      const without = redactedBytes(all, redacted);
      const cut = Math.max(0, without.length - overlap);
      rest = without.subarray(cut);
      return without.subarray(0, cut);
    },
    ends(): Uint8Array {
      const last = redactedBytes(rest, redacted);
      rest = nothing;
      return last;
    },
  };
}

const innerTime = /(?<!^)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /g;

function redactedTimedLine(line: string, values: readonly string[]): string {
  const whole = line.replace(innerTime, '');
  const without = redact(whole, values);
  return without === whole ? redact(line, values) : without;
}

function redactedBytes(bytes: Uint8Array, redacted: (text: string) => string): Uint8Array {
  if (bytes.length === 0) return nothing;
  const text = new TextDecoder().decode(bytes);
  const without = redacted(text);
  return without === text ? bytes : new TextEncoder().encode(without);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
