/** A container's two streams on their way to ours: as text that a terminal may show, and byte for byte to anything else. */
import { logText } from './log-text.ts';

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

export function logWriter(sinks: { readonly stdout: LogSink; readonly stderr: LogSink }): LogWriter {
  const writers = { stdout: streamWriter(sinks.stdout), stderr: streamWriter(sinks.stderr) };
  return {
    write: ({ stream, bytes }) => writers[stream].write(bytes),
    async end() {
      await writers.stdout.end();
      await writers.stderr.end();
    },
  };
}

function streamWriter(sink: LogSink): { write(bytes: Uint8Array): Promise<void>; end(): Promise<void> } {
  if (!sink.isTerminal) return { write: (bytes) => sink.bytes(bytes), end: async () => {} };
  const text = logText();
  return { write: (bytes) => sink.text(text.push(bytes)), end: () => sink.text(text.end()) };
}
