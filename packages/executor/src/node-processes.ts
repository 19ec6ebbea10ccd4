/** Starts programs through execa: the one module of the package that does. Children get a session of their own, so that Ctrl-C reaches us and not them. */
import type { ChildProcess } from 'node:child_process';
import process from 'node:process';
import type { Environment } from '@terok/sandbox';
import { execa, type Options } from 'execa';
import type { Command, OpenProcess, OutputChunk, ProcessEnd, Processes } from './processes.ts';

const killDelayDefaultMs = 5_000;
const outputMaxBytesDefault = 16 * 1024 * 1024;
const nothing = new Uint8Array();

export const nodeProcesses: Processes = {
  async run(command) {
    const child = execa(command.binary, command.args, {
      ...optionsOf(command),
      encoding: 'buffer',
      maxBuffer: command.outputMaxBytes ?? outputMaxBytesDefault,
    });
    endGroupWith(child.nodeChildProcess, command.signal);
    const result = await child;
    return { end: endOf(result), stdout: result.stdout ?? nothing, stderr: result.stderr ?? nothing };
  },

  open(command): OpenProcess {
    const child = execa(command.binary, command.args, { ...optionsOf(command), buffer: false });
    endGroupWith(child.nodeChildProcess, command.signal);
    const output = merged(
      [
        { stream: 'stdout', chunks: child.stdout },
        { stream: 'stderr', chunks: child.stderr },
      ],
      () => child.kill('SIGTERM'),
    );
    return { output, ended: child.then(endOf) };
  },

  async runOnTerminal(command) {
    return endOf(
      await execa(command.binary, command.args, {
        ...optionsOf(command),
        stdin: 'inherit',
        stdout: 'inherit',
        stderr: 'inherit',
        detached: false,
      }),
    );
  },
};

function optionsOf({ env, cwd, input, timeoutMs, killDelayMs = killDelayDefaultMs, signal }: Command) {
  return {
    env: Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    extendEnv: false,
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined
      ? { stdin: 'ignore' as const }
      : typeof input === 'string' || input instanceof Uint8Array
        ? { input }
        : { stdin: input }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    forceKillAfterDelay: killDelayMs,
    stripFinalNewline: false,
    reject: false,
    detached: true,
    cleanup: true,
  } satisfies Options;
}

/** A program that we end takes with it what it started: that would go on working, and hold the output open. */
function endGroupWith(child: ChildProcess, signal: AbortSignal | undefined): void {
  // Told at once and together: a program that waits for its own children before it tidies up would wait for them in vain.
  const endGroup = () => signalGroup(child, 'SIGTERM');
  signal?.addEventListener('abort', endGroup, { once: true });
  child.once('exit', () => {
    signal?.removeEventListener('abort', endGroup);
    if (child.killed) signalGroup(child, 'SIGKILL');
  });
}

function signalGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

type Result = {
  exitCode?: number | undefined;
  signal?: string | undefined;
  code?: string | undefined;
  timedOut: boolean;
  isCanceled: boolean;
  isMaxBuffer: boolean;
};

function endOf(result: Result): ProcessEnd {
  if (result.timedOut) return { kind: 'timed_out' };
  if (result.isCanceled) return { kind: 'aborted' };
  if (result.isMaxBuffer) return { kind: 'output_too_large' };
  if (result.exitCode !== undefined) return { kind: 'exited', exitCode: result.exitCode };
  if (result.signal !== undefined) return { kind: 'killed', signal: result.signal };
  return { kind: 'missing' };
}

type Source = { readonly stream: OutputChunk['stream']; readonly chunks: AsyncIterable<unknown> };

/** Both streams in the order in which they arrive, pulled by the reader: a slow reader slows the child, and nothing piles up here. */
async function* merged(sources: readonly Source[], stop: () => void): AsyncGenerator<OutputChunk> {
  const iterators = sources.map(({ stream, chunks }) => ({ stream, iterator: chunks[Symbol.asyncIterator]() }));
  const next = (index: number) => iterators[index]!.iterator.next().then((step) => ({ index, step }));
  const waiting = new Map(iterators.map((_, index) => [index, next(index)]));
  try {
    while (waiting.size > 0) {
      const { index, step } = await Promise.race(waiting.values());
      if (step.done === true) {
        waiting.delete(index);
        continue;
      }
      waiting.set(index, next(index));
      yield { stream: iterators[index]!.stream, bytes: step.value as Uint8Array };
    }
  } finally {
    if (waiting.size > 0) stop();
  }
}

/** The environment terok itself was started with, as a value. */
export const hostEnvironment = (): Environment => ({ ...process.env });
