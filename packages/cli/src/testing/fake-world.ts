/** A world in memory: what was written is kept, signals are sent by the test. */
import type { ExecutorContext } from '@terok/executor';
import type { BareHost, Environment, SandboxContext } from '@terok/sandbox';
import { liveNames } from '../completion/live-names.ts';
import type { Dialog, InputStream, OutputStream, Signal, World } from '../world/world.ts';

export type FakeWorldOptions = {
  readonly host?: () => Promise<SandboxContext>;
  readonly engine?: (host: SandboxContext) => Promise<ExecutorContext>;
  readonly bareHost?: () => Promise<BareHost>;
  readonly realPath?: World['realPath'];
  readonly runOnTerminal?: World['runOnTerminal'];
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

export function fakeWorld({
  host,
  engine,
  bareHost = host,
  realPath = (path) => Promise.resolve(path),
  runOnTerminal,
  environment = {},
  typed,
  piped = '',
  disk = {},
}: FakeWorldOptions = {}): FakeWorld {
  const stdout = fakeOutput(typed !== undefined);
  const stderr = fakeOutput(typed !== undefined);
  const listeners = new Map<Signal, Set<() => void>>();
  const unavailable = () => Promise.reject(new Error('this test has no host'));
  const stdin = fakeInput(typed, piped);
  return {
    environment,
    pid: 4711,
    ownCommand: ['/bin/node', '/bin/terok'],
    isAlive: () => false,
    terminalSession: 'terminal-1',
    exit: (code) => {
      throw new Error(`the process was ended at once with ${code}`);
    },
    stdin,
    stdout,
    stderr,
    said: { stdout: () => stdout.said(), stderr: () => stderr.said() },
    readFile: (path) => fileChunks(disk[path]),
    realPath,
    runOnTerminal: runOnTerminal ?? unavailable,
    onSignal(signal, listener) {
      const known = listeners.get(signal) ?? new Set();
      listeners.set(signal, known.add(listener));
      return () => void known.delete(listener);
    },
    openDialog: () => Promise.resolve(fakeDialog(stdin, stderr)),
    openNames: async () => liveNames(await (host ?? unavailable)()),
    openBareHost: bareHost ?? unavailable,
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

/** The question and its choices are written as lines; what is typed is a choice's label or its beginning, or the text; an empty line takes what is there. */
function fakeDialog(stdin: InputStream, stderr: OutputStream): Dialog {
  return {
    async choose(question, choices) {
      await stderr.write(`? ${question}\n`);
      for (const { label, hint } of choices) await stderr.write(`  - ${label}${hint === undefined ? '' : ` (${hint})`}\n`);
      const line = await stdin.line();
      return line === null ? null : (choices.find(({ label }) => label.startsWith(line))?.value ?? null);
    },
    async ask(question, { initial = '', check } = {}) {
      for (;;) {
        await stderr.write(`? ${question}${initial === '' ? '' : ` [${initial}]`}\n`);
        const line = await stdin.line();
        if (line === null) return null;
        const answer = line === '' ? initial : line;
        const problem = check?.(answer) ?? null;
        if (problem === null) return answer;
        await stderr.write(`  ! ${problem}\n`);
      }
    },
  };
}

async function* fileChunks(text: string | undefined): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  if (text === undefined) throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
  yield new TextEncoder().encode(text);
}
