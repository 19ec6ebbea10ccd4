/** The runtime on real podman. */
import { setTimeout } from 'node:timers/promises';
import type { Files } from '@terok/sandbox';
import type { EngineProfile } from '../engine-profile/engine-profile.ts';
import { executorErrors } from '../errors.ts';
import { checkedContainerPath, receiveTree, sentTree } from '../copied-tree.ts';
import { describeEnd, type OpenProcess, type OutputChunk } from '../processes.ts';
import { createArgs } from '../run-spec.ts';
import { tarStream } from '../tar.ts';
import { tarEntries } from '../tar-entries.ts';
import type {
  ContainerEvent,
  ContainerRow,
  ExecOptions,
  ExecResult,
  LabelFilter,
  LogOptions,
  RemoveResult,
  Runtime,
  WaitEnd,
} from '../runtime.ts';
import { lastLines, podmanFailure, succeeded, textOf, type Podman } from './podman.ts';
import { containerEvent } from './events.ts';
import { containerRows, containerSizes } from './rows.ts';

const queryTimeoutMs = 30_000;
const startTimeoutMs = 60_000;
/** What podman may need beyond the grace: it escalates to SIGKILL and then cleans up. */
const stopMarginMs = 75_000;
const removeTimeoutMs = 120_000;
const removeAttemptsMax = 5;
const removePauseMs = 200;
const execTimeoutMs = 60_000;
/** podman walks every file of every layer. */
const sizeTimeoutMs = 120_000;
const copyTimeoutMs = 10 * 60_000;
const reconnectMaxMs = 30_000;

/** `engine` is asked at each launch, so that a runtime can exist before the host was probed. */
export function podmanRuntime(podman: Podman, { engine, files }: { readonly engine: () => EngineProfile; readonly files: Files }): Runtime {
  async function containers(labels: LabelFilter): Promise<readonly ContainerRow[] | null> {
    const { end, stdout } = await podman.attempt(['ps', '--all', '--no-trunc', ...labelFilters(labels), '--format=json'], {
      timeoutMs: queryTimeoutMs,
    });
    const rows = succeeded(end) ? containerRows(textOf(stdout)) : null;
    return rows?.filter((row) => hasLabels(row, labels)) ?? null;
  }

  async function create(spec: Parameters<Runtime['create']>[0]): Promise<void> {
    const args = createArgs(spec, engine());
    const outcome = await podman.attempt(args, { timeoutMs: startTimeoutMs });
    if (succeeded(outcome.end)) return;
    if (/name .* is already in use/i.test(textOf(outcome.stderr))) throw executorErrors.CONTAINER_NAME_TAKEN({ name: spec.name });
    throw podmanFailure(args, outcome);
  }

  /** The clean-up that podman does by itself when a container ends may still hold its mounts for a moment. */
  async function removeOne(name: string, attempt = 1): Promise<RemoveResult> {
    const { end, stderr } = await podman.attempt(['rm', '--force', '--time=0', '--', name], { timeoutMs: removeTimeoutMs });
    const said = textOf(stderr);
    if (succeeded(end) || /no such container|no container with name or id/i.test(said)) return { name, removed: true, error: null };
    if (/device or resource busy/i.test(said) && attempt < removeAttemptsMax) {
      await setTimeout(removePauseMs);
      return removeOne(name, attempt + 1);
    }
    return { name, removed: false, error: lastLines(said, 3) || describeEnd(end) };
  }

  return {
    containers,
    create,

    async writtenBytes(labels) {
      const { end, stdout } = await podman.attempt(['ps', '--all', '--size', ...labelFilters(labels), '--format=json'], {
        timeoutMs: sizeTimeoutMs,
      });
      return succeeded(end) ? containerSizes(textOf(stdout)) : null;
    },

    async init(name) {
      await podman.run(['init', '--', name], { timeoutMs: startTimeoutMs });
    },

    async start(name) {
      await podman.run(['start', '--', name], { timeoutMs: startTimeoutMs });
    },

    async stop(name, { graceSeconds }) {
      const stop = () => podman.attempt(['stop', `--time=${graceSeconds}`, '--', name], { timeoutMs: graceSeconds * 1000 + stopMarginMs });
      let outcome = await stop();
      if (!succeeded(outcome.end) && /paused/i.test(textOf(outcome.stderr))) {
        await podman.run(['unpause', '--', name]);
        outcome = await stop();
      }
      if (!succeeded(outcome.end)) throw podmanFailure(['stop'], outcome);
    },

    async wait(name, { timeoutMs, signal } = {}): Promise<WaitEnd> {
      const state = await podman.attempt(['container', 'inspect', '--format={{.State.Status}}', '--', name], { timeoutMs: queryTimeoutMs });
      if (!succeeded(state.end)) return goneOrFailed(textOf(state.stderr), describeEnd(state.end));
      if (['created', 'configured', 'initialized'].includes(textOf(state.stdout).trim().toLowerCase())) return { kind: 'never_started' };

      // Without a limit of the caller's the wait has none: `timeoutMs: 0` means so to the process starter.
      const { end, stdout, stderr } = await podman.attempt(['wait', '--', name], {
        timeoutMs: timeoutMs ?? 0,
        ...(signal === undefined ? {} : { signal }),
      });
      if (end.kind === 'timed_out') return { kind: 'timed_out' };
      if (end.kind === 'aborted') return { kind: 'aborted' };
      if (!succeeded(end)) return goneOrFailed(textOf(stderr), describeEnd(end));
      const word = textOf(stdout).trim();
      return /^-?\d+$/.test(word)
        ? { kind: 'exited', exitCode: Number(word) }
        : { kind: 'failed', reason: `podman wait printed ${JSON.stringify(word.slice(0, 100))}` };
    },

    async *logs(
      name,
      { follow = false, tail, since, timestamps = false, timeoutMs = 0, signal }: LogOptions = {},
    ): AsyncGenerator<OutputChunk> {
      const flags = [
        ...(follow ? ['--follow'] : []),
        ...(tail === undefined ? [] : [`--tail=${tail}`]),
        ...(since === undefined ? [] : [`--since=${since.toISOString()}`]),
        ...(timestamps ? ['--timestamps'] : []),
      ];
      const args = ['logs', ...flags, '--', name];
      yield* checkedOutput(args, podman.open(args, { timeoutMs, ...(signal === undefined ? {} : { signal }) }));
    },

    exec: (name, argv, options = {}) => collected(['exec', '--', name, ...argv], options),

    async bridge(name, argv, { input, write, environment = {}, timeoutMs = 0, signal }) {
      const variables = Object.entries(environment).map(([key, value]) => `--env=${key}=${value}`);
      const args = ['exec', '--interactive', ...variables, '--', name, ...argv];
      const { output, ended } = podman.open(args, { input, timeoutMs, ...(signal === undefined ? {} : { signal }) });
      for await (const chunk of output) await write(chunk);
      const end = await ended;
      if (end.kind !== 'exited') throw podmanFailure(args, { end, stderr: new Uint8Array() });
      return end.exitCode;
    },

    // podman's own `cp` cannot write to memory that belongs to the container's user, and would write as root.
    async copyIn(name, hostPath, directory) {
      const extract = ['tar', '--extract', '--file=-', `--directory=${checkedContainerPath(directory)}`, '--preserve-permissions'];
      const input = watched(tarStream(sentTree(files, hostPath)));
      const args = ['exec', '--interactive', '--', name, ...extract, '--no-same-owner'];
      const outcome = await podman.attempt(args, { input: input.chunks, timeoutMs: copyTimeoutMs });
      input.throwIfFailed();
      if (!succeeded(outcome.end)) throw podmanFailure(args, outcome);
    },

    async copyOut(name, source, directory, options = {}) {
      const args = ['cp', '--', `${name}:${checkedContainerPath(source)}`, '-'];
      const archive = standardOutput(checkedOutput(args, podman.open(args, { timeoutMs: copyTimeoutMs })));
      return receiveTree(tarEntries(archive), { files, source, directory, ...options });
    },

    async *events(labels, { signal }) {
      const args = ['events', '--filter=type=container', ...labelFilters(labels), '--format=json'];
      for (let broken = 0; !signal.aborted; broken++) {
        if (broken > 0) await setTimeout(Math.min(1000 * 2 ** (broken - 1), reconnectMaxMs), undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        const { output, ended } = podman.open(args, { timeoutMs: 0, signal });
        for await (const event of eventsIn(output)) {
          broken = 0;
          // Of several labels podman tells what has any of them.
          if (hasLabels(event, labels)) yield event;
        }
        await ended;
      }
    },

    async runOnce(spec, options = {}) {
      const args = createArgs(spec, engine());
      let removed = false;
      try {
        // `run` is `create`, `start` and `attach` in one word; `--rm` holds even when this process dies meanwhile.
        const result = await collected(['run', '--rm', ...args.slice(1)], options);
        removed = !mentionsTrouble(result.stderr);
        return result;
      } finally {
        if (!removed) await removeOne(spec.name);
      }
    },

    remove: (names) => Promise.all(names.map((name) => removeOne(name))),

    execCommand: (name, argv) => podman.commandLine(['exec', '--interactive', '--tty', '--', name, ...argv]),
  };

  /** Some exit codes can be podman's own; only its own come with its way of saying so. */
  async function collected(
    args: readonly string[],
    { timeoutMs = execTimeoutMs, outputMaxBytes, signal }: ExecOptions,
  ): Promise<ExecResult> {
    const outcome = await podman.attempt(args, {
      timeoutMs,
      ...(outputMaxBytes === undefined ? {} : { outputMaxBytes }),
      ...(signal === undefined ? {} : { signal }),
    });
    const { end, stdout, stderr } = outcome;
    if (end.kind !== 'exited') throw podmanFailure(args, outcome);
    if (isPodmansOwn(end.exitCode, textOf(stderr))) throw podmanFailure(args, outcome);
    return { exitCode: end.exitCode, stdout, stderr };
  }
}

const saidMaxBytes = 4096;

/** Both streams as they come; throws at their end when podman says that it failed, unless that was asked for. */
async function* checkedOutput(args: readonly string[], { output, ended }: OpenProcess): AsyncGenerator<OutputChunk> {
  const said: Uint8Array[] = [];
  let saidBytes = 0;
  for await (const chunk of output) {
    if (chunk.stream === 'stderr' && saidBytes < saidMaxBytes) {
      said.push(chunk.bytes);
      saidBytes += chunk.bytes.length;
    }
    yield chunk;
  }
  const end = await ended;
  if (end.kind !== 'aborted' && !succeeded(end)) throw podmanFailure(args, { end, stderr: new Uint8Array(Buffer.concat(said)) });
}

async function* standardOutput(output: AsyncIterable<OutputChunk>): AsyncGenerator<Uint8Array> {
  for await (const { stream, bytes } of output) if (stream === 'stdout') yield bytes;
}

/** Input that breaks off is the end of it to a program; here it is known why. */
function watched(source: AsyncIterable<Uint8Array>) {
  let failure: { readonly error: unknown } | null = null;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      failure = { error };
    }
  }
  return {
    chunks: chunks(),
    throwIfFailed(): void {
      if (failure !== null) throw failure.error;
    },
  };
}

/** Whether podman may have had more to say than the program: then what it should have removed is looked at. */
const mentionsTrouble = (stderr: Uint8Array): boolean => /^(?:Error: |time=)/m.test(textOf(stderr));

/** 125 is podman's in general; 255 is what `exec` says of a container that does not run. */
const isPodmansOwn = (exitCode: number, stderr: string): boolean =>
  (exitCode === 125 && /^Error: /m.test(stderr)) || (exitCode === 255 && /^Error: .*: container state improper$/m.test(stderr));

function goneOrFailed(stderr: string, how: string): WaitEnd {
  if (/no such container|no container with name or id/i.test(stderr)) return { kind: 'gone' };
  return { kind: 'failed', reason: `${how}: ${lastLines(stderr, 3)}` };
}

const hasLabels = (of: { readonly labels: LabelFilter }, wanted: LabelFilter): boolean =>
  Object.entries(wanted).every(([key, value]) => of.labels[key] === value);

/** A value in which podman would read more than itself (none is "any", a comma separates, newer ones know patterns) is left to the caller to compare. */
const labelFilters = (labels: LabelFilter): readonly string[] =>
  Object.entries(labels).map(([key, value]) => `--filter=label=${key}${/^[\w.:/@+-]+$/.test(value) ? `=${value}` : ''}`);

/** A line that is too long for an event is none. */
const eventLineMaxChars = 1024 * 1024;

async function* eventsIn(output: AsyncIterable<OutputChunk>): AsyncGenerator<ContainerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const { stream, bytes } of output) {
    if (stream === 'stderr') continue;
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, eventLineMaxChars);
    yield* lines.flatMap((line) => containerEvent(line) ?? []);
  }
}
