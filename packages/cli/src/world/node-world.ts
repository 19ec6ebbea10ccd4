/** The world as this process finds it. */
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { openNames } from '../completion/open-names.ts';
import { cliErrors } from '../errors.ts';
import { once } from './once.ts';
import type { InputStream, OutputStream, Signal, World } from './world.ts';

/** Streams are opened when they are first looked at: opening all three takes as long as starting Node does. */
export function nodeWorld(): World {
  const [stdin, stdout, stderr] = [
    once(() => inputFrom(process.stdin)),
    once(() => outputTo(process.stdout)),
    once(() => outputTo(process.stderr)),
  ];
  return {
    environment: process.env,
    pid: process.pid,
    ownCommand: [process.execPath, process.argv[1] ?? ''],
    isAlive,
    // The shell that all of them are started from.
    terminalSession: `terminal-${process.ppid}`,
    get stdin() {
      return stdin();
    },
    get stdout() {
      return stdout();
    },
    get stderr() {
      return stderr();
    },
    async *readFile(path) {
      const { createReadStream } = await import('node:fs');
      yield* createReadStream(path);
    },
    async realPath(path) {
      const { realpath } = await import('node:fs/promises');
      return realpath(path).catch(() => path);
    },
    runOnTerminal: async (command) => (await import('./open-processes.ts')).nodeProcesses.runOnTerminal(command),
    onSignal(signal: Signal, listener: () => void) {
      process.on(signal, listener);
      return () => void process.off(signal, listener);
    },
    exit: (code) => process.exit(code),
    openDialog: async () => (await import('../dialog/node-dialog.ts')).nodeDialog,
    openNames,
    openBareHost: async () => (await import('./open-bare-host.ts')).bareHost(),
    openHost: async () => (await import('./open-host.ts')).hostContext(),
    openEngine: async (host) => (await import('./open-engine.ts')).executorContext(host),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

type NodeOutput = Writable & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

/** A reader that is gone (`EPIPE`, and `EIO` of a terminal that hung up) is an event, not a failure; any other failure rejects the write. */
export function outputTo(stream: NodeOutput): OutputStream {
  let lost = false;
  const listeners = new Set<() => void>();
  const lose = (): void => {
    lost = true;
    for (const listener of listeners) listener();
    listeners.clear();
  };
  stream.on('error', (error) => {
    if (isReaderGone(error)) lose();
  });
  return {
    isTerminal: stream.isTTY === true,
    columns: () => (stream.isTTY === true ? (stream.columns ?? null) : null),
    write: (content) =>
      new Promise((resolve, reject) => {
        if (lost || content.length === 0) return resolve();
        stream.write(content, (error) => {
          if (error && !isReaderGone(error)) return reject(cliErrors.OUTPUT_FAILED({ reason: error.message }, error));
          // Whoever waited for this is not to believe that it was read: the event comes later.
          if (error) lose();
          resolve();
        });
      }),
    onLost(listener) {
      if (lost) listener();
      else listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const isReaderGone = (error: Error) => 'code' in error && (error.code === 'EPIPE' || error.code === 'EIO');

function inputFrom(stream: Readable & { readonly isTTY?: boolean }): InputStream {
  return {
    isTerminal: stream.isTTY === true,
    chunks: () => stream,
    async line() {
      const { createInterface } = await import('node:readline');
      const lines = createInterface({ input: stream });
      // Iterating over the lines instead would leave a terminal open, and the process with it.
      const line = await new Promise<string | null>((resolve) => lines.once('line', resolve).once('close', () => resolve(null)));
      lines.close();
      return line;
    },
  };
}
