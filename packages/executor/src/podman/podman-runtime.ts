/** The runtime on real podman. */
import type { EngineProfile } from '../engine-profile/engine-profile.ts';
import { executorErrors } from '../errors.ts';
import { describeEnd, type OutputChunk } from '../processes.ts';
import { createArgs } from '../run-spec.ts';
import type { ContainerRow, ExecOptions, ExecResult, LabelFilter, LogOptions, RemoveResult, Runtime, WaitEnd } from '../runtime.ts';
import { lastLines, podmanFailure, succeeded, textOf, type Podman } from './podman.ts';
import { containerRows } from './rows.ts';

const queryTimeoutMs = 30_000;
const startTimeoutMs = 60_000;
/** What podman may need beyond the grace: it escalates to SIGKILL and then cleans up. */
const stopMarginMs = 75_000;
const removeTimeoutMs = 120_000;
const execTimeoutMs = 60_000;

/** `engine` is asked at each launch, so that a runtime can exist before the host was probed. */
export function podmanRuntime(podman: Podman, engine: () => EngineProfile): Runtime {
  async function containers(labels: LabelFilter): Promise<readonly ContainerRow[] | null> {
    const filters = Object.entries(labels).map(([key, value]) => `--filter=label=${key}=${value}`);
    const { end, stdout } = await podman.attempt(['ps', '--all', '--no-trunc', ...filters, '--format=json'], { timeoutMs: queryTimeoutMs });
    return succeeded(end) ? containerRows(textOf(stdout)) : null;
  }

  async function create(spec: Parameters<Runtime['create']>[0]): Promise<void> {
    const args = createArgs(spec, engine());
    const outcome = await podman.attempt(args, { timeoutMs: startTimeoutMs });
    if (succeeded(outcome.end)) return;
    if (/name .* is already in use/i.test(textOf(outcome.stderr))) throw executorErrors.CONTAINER_NAME_TAKEN({ name: spec.name });
    throw podmanFailure(args, outcome);
  }

  async function removeOne(name: string): Promise<RemoveResult> {
    const { end, stderr } = await podman.attempt(['rm', '--force', '--time=0', '--', name], { timeoutMs: removeTimeoutMs });
    const said = textOf(stderr);
    if (succeeded(end) || /no such container|no container with name or id/i.test(said)) return { name, removed: true, error: null };
    return { name, removed: false, error: lastLines(said, 3) || describeEnd(end) };
  }

  return {
    containers,
    create,

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

    async *logs(name, { follow = false, tail, timestamps = false, signal }: LogOptions = {}): AsyncGenerator<OutputChunk> {
      const flags = [
        ...(follow ? ['--follow'] : []),
        ...(tail === undefined ? [] : [`--tail=${tail}`]),
        ...(timestamps ? ['--timestamps'] : []),
      ];
      const { output, ended } = podman.open(['logs', ...flags, '--', name], { timeoutMs: 0, ...(signal === undefined ? {} : { signal }) });
      const said: Uint8Array[] = [];
      let saidBytes = 0;
      for await (const chunk of output) {
        if (chunk.stream === 'stderr' && saidBytes < 4096) {
          said.push(chunk.bytes);
          saidBytes += chunk.bytes.length;
        }
        yield chunk;
      }
      const end = await ended;
      if (end.kind !== 'aborted' && !succeeded(end)) throw podmanFailure(['logs'], { end, stderr: new Uint8Array(Buffer.concat(said)) });
    },

    exec: (name, argv, options = {}) => collected(['exec', '--', name, ...argv], options),

    async runOnce(spec, options = {}) {
      const args = createArgs(spec, engine());
      try {
        // `run` is `create`, `start` and `attach` in one word; `--rm` holds even when this process dies meanwhile.
        return await collected(['run', '--rm', ...args.slice(1)], options);
      } finally {
        await removeOne(spec.name);
      }
    },

    remove: (names) => Promise.all(names.map(removeOne)),

    execCommand: (name, argv) => podman.commandLine(['exec', '--interactive', '--tty', '--', name, ...argv]),
  };

  /** Exit codes from 125 to 127 can be podman's own; only its own come with its way of saying `Error:`. */
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
    if (end.exitCode === 125 && /^Error: /m.test(textOf(stderr))) throw podmanFailure(args, outcome);
    return { exitCode: end.exitCode, stdout, stderr };
  }
}

function goneOrFailed(stderr: string, how: string): WaitEnd {
  if (/no such container|no container with name or id/i.test(stderr)) return { kind: 'gone' };
  return { kind: 'failed', reason: `${how}: ${lastLines(stderr, 3)}` };
}
