/** A world in memory: what was written is kept, signals are sent by the test. */
import type { ExecutorContext } from '@terok/executor';
import type { Environment, SandboxContext } from '@terok/sandbox';
import type { InputStream, OutputStream, Signal, World } from '../world.ts';

export type FakeWorldOptions = {
  readonly host?: () => Promise<SandboxContext>;
  readonly engine?: (host: SandboxContext) => Promise<ExecutorContext>;
  readonly environment?: Environment;
  /** What the person types at a terminal, line by line; without it there is no terminal. */
  readonly typed?: readonly string[];
  /** What comes through a pipe instead. */
  readonly piped?: string;
  readonly disk?: Readonly<Record<string, string>>;
};

export type FakeWorld = World & {
  readonly said: { readonly stdout: () => string; readonly stderr: () => string };
  send(signal: Signal): void;
  /** The reader of the standard output goes. */
  leave(): void;
};

export function fakeWorld({ host, engine, environment = {}, typed, piped = '', disk = {} }: FakeWorldOptions = {}): FakeWorld {
  const stdout = fakeOutput(typed !== undefined);
  const stderr = fakeOutput(typed !== undefined);
  const listeners = new Map<Signal, Set<() => void>>();
  const unavailable = () => Promise.reject(new Error('this test has no host'));
  return {
    environment,
    stdin: fakeInput(typed, piped),
    stdout,
    stderr,
    said: { stdout: () => stdout.said(), stderr: () => stderr.said() },
    readFile: (path) => fileChunks(disk[path]),
    onSignal(signal, listener) {
      const known = listeners.get(signal) ?? new Set();
      listeners.set(signal, known.add(listener));
      return () => void known.delete(listener);
    },
    openHost: host ?? unavailable,
    openEngine: engine ?? unavailable,
    send: (signal) => listeners.get(signal)?.forEach((listener) => listener()),
    leave: () => stdout.leave(),
  };
}

function fakeOutput(isTerminal: boolean): OutputStream & { said(): string; leave(): void } {
  const decoder = new TextDecoder();
  const listeners = new Set<() => void>();
  let text = '';
  return {
    isTerminal,
    columns: () => (isTerminal ? 80 : null),
    write(content) {
      text += typeof content === 'string' ? content : decoder.decode(content, { stream: true });
      return Promise.resolve();
    },
    onLost(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    said: () => text,
    leave: () => listeners.forEach((listener) => listener()),
  };
}

function fakeInput(typed: readonly string[] | undefined, piped: string): InputStream {
  const lines = [...(typed ?? piped.split('\n'))];
  return {
    isTerminal: typed !== undefined,
    chunks: () => fileChunks(piped),
    line: () => Promise.resolve(lines.shift() ?? null),
  };
}

async function* fileChunks(text: string | undefined): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  if (text === undefined) throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
  yield new TextEncoder().encode(text);
}
