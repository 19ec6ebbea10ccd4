/** A container's log, followed to its end whatever becomes of the program that reads it: where one breaks, the next goes on. */
import { TerokError, type Clock } from '@terok/sandbox';
import type { OutputChunk } from './processes.ts';
import type { LogOptions, Runtime } from './runtime.ts';
import { logPlace } from './timed-log.ts';

type LogContext = { readonly runtime: Pick<Runtime, 'logs' | 'wait'>; readonly clock: Pick<Clock, 'sleep'> };

/** In a row, without anything new to tell in between: about a minute. */
const breaksMax = 8;
const pauseFirstMs = 250;
const pauseMaxMs = 30_000;

/**
 * Both streams as bytes, line by line, nothing twice and nothing left out. Ends with the container, or when the signal says so. Throws
 * what broke the log where the container is gone, or where it breaks again and again.
 */
export async function* followedLog(
  { runtime, clock }: LogContext,
  container: string,
  { tail, signal }: Pick<LogOptions, 'tail' | 'signal'> = {},
): AsyncGenerator<OutputChunk> {
  const place = logPlace({ fromBeginning: tail === undefined });
  const stoppable = signal === undefined ? {} : { signal };
  for (let broken = 0; ;) {
    const since = place.since();
    const start = since === undefined ? (tail === undefined ? {} : { tail }) : since === null ? {} : { since };
    const reading = place.reading();
    try {
      for await (const chunk of runtime.logs(container, { follow: true, timestamps: true, ...start, ...stoppable })) {
        const bytes = reading.takes(chunk);
        if (bytes.length === 0) continue;
        broken = 0;
        yield { stream: chunk.stream, bytes };
      }
      for (const stream of ['stdout', 'stderr'] as const) {
        const bytes = reading.ends(stream);
        if (bytes.length > 0) yield { stream, bytes };
      }
      return;
    } catch (error) {
      broken += 1;
      if (broken > breaksMax || !(error instanceof TerokError) || error.code !== 'PODMAN_FAILED') throw error;
      if ((await runtime.wait(container, { timeoutMs: 1 })).kind === 'gone') throw error;
    }
    try {
      await clock.sleep(Math.min(pauseFirstMs * 2 ** (broken - 1), pauseMaxMs), signal);
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      return;
    }
  }
}
