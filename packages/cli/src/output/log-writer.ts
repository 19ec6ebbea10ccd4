/** A container's two streams on their way to ours: as text that a terminal may show, and byte for byte to anything else. What an agent tells in JSON is told a person in words. */
import { renderLog, type LogFormat } from '@terok/executor';
import { logText, type LogText } from './log-text.ts';

export type LogChunk = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

export interface LogSink {
  readonly isTerminal: boolean;
  text(text: string): Promise<void>;
  bytes(bytes: Uint8Array): Promise<void>;
}

export interface LogWriter {
  write(chunk: LogChunk): Promise<void>;
  end(): Promise<void>;
}

/** `format` is that of standard output; standard error has none. */
export function logWriter(sinks: { readonly stdout: LogSink; readonly stderr: LogSink }, format: LogFormat = 'plain'): LogWriter {
  const stdoutText = () => (format === 'plain' ? logText() : renderLog(format));
  const writers = { stdout: streamWriter(sinks.stdout, stdoutText), stderr: streamWriter(sinks.stderr, logText) };
  return {
    write: ({ stream, bytes }) => writers[stream].write(bytes),
    async end() {
      await writers.stdout.end();
      await writers.stderr.end();
    },
  };
}

function streamWriter(sink: LogSink, textOf: () => LogText): { write(bytes: Uint8Array): Promise<void>; end(): Promise<void> } {
  if (!sink.isTerminal) return { write: (bytes) => sink.bytes(bytes), end: async () => {} };
  const text = textOf();
  return { write: (bytes) => sink.text(text.push(bytes)), end: () => sink.text(text.end()) };
}
