/** A runtime that works in memory: containers are what their program says, at once or when told to. */
import type { OutputChunk } from '../processes.ts';
import { executorErrors } from '../errors.ts';
import type { RunSpec } from '../run-spec.ts';
import type { ContainerEvent, ContainerRow, ExecResult, Runtime, WaitEnd } from '../runtime.ts';

/** What a container does once it is started. `output` is its log; without an exit code it goes on until it is stopped or `finish`ed. */
export type Program = { readonly output?: readonly OutputChunk[]; readonly exitCode?: number };

export type MemoryRuntime = Runtime & {
  /** Ends a running container. */
  finish(name: string, exitCode: number): void;
  /** Freezes a running container, as a person may. */
  pause(name: string): void;
  /** While set, every query fails as it does when podman's storage is locked. */
  failing: boolean;
  /** What was asked for, in order: verb and container name. */
  readonly calls: readonly { readonly verb: string; readonly name: string }[];
  readonly specs: ReadonlyMap<string, RunSpec>;
  readonly copies: readonly { readonly name: string; readonly hostPath: string; readonly target: string }[];
};

type Container = { row: ContainerRow; readonly spec: RunSpec; output: readonly OutputChunk[]; readonly waiters: Set<() => void> };

export type MemoryRuntimeOptions = {
  readonly now: () => Date;
  /** What a started container does; by default it runs on. */
  readonly program?: (spec: RunSpec) => Program;
  /** What `exec` and `runOnce` answer; by default success without output. */
  readonly execute?: (spec: RunSpec, argv: readonly string[]) => ExecResult;
};

const nothing = new Uint8Array();
const stopExitCode = 143;

export function memoryRuntime({
  now,
  program = () => ({}),
  execute = () => ({ exitCode: 0, stdout: nothing, stderr: nothing }),
}: MemoryRuntimeOptions): MemoryRuntime {
  const world = new Map<string, Container>();
  const calls: { verb: string; name: string }[] = [];
  const copies: { name: string; hostPath: string; target: string }[] = [];
  const happened: ContainerEvent[] = [];
  const listeners = new Set<() => void>();
  let serial = 0;

  const failed = (verb: string, stderr: string) => executorErrors.PODMAN_FAILED({ verb, how: 'ended with 125', stderr });
  const note = (verb: string, name: string) => void calls.push({ verb, name });
  const found = (verb: string, name: string): Container => {
    const container = world.get(name);
    if (container === undefined) throw failed(verb, `Error: no such container ${name}`);
    return container;
  };
  const happen = (container: Container, status: ContainerEvent['status']) => {
    happened.push({ name: container.row.name, status, labels: container.row.labels });
    for (const wake of listeners) wake();
    listeners.clear();
  };
  const end = (container: Container, exitCode: number) => {
    container.row = { ...container.row, state: 'exited', exitCode, finishedAt: now() };
    for (const wake of container.waiters) wake();
    container.waiters.clear();
    happen(container, 'died');
  };
  const change = (container: Container) => new Promise<void>((resolve) => container.waiters.add(resolve));

  const runtime: MemoryRuntime = {
    failing: false,
    calls,
    copies,
    get specs() {
      return new Map([...world].map(([name, { spec }]) => [name, spec]));
    },
    finish: (name, exitCode) => end(found('finish', name), exitCode),
    pause(name) {
      const container = found('pause', name);
      container.row = { ...container.row, state: 'paused' };
    },

    async containers(labels) {
      note('ps', '');
      if (runtime.failing) return null;
      const wanted = Object.entries(labels);
      return [...world.values()].map(({ row }) => row).filter((row) => wanted.every(([key, value]) => row.labels[key] === value));
    },

    async create(spec) {
      note('create', spec.name);
      if (world.has(spec.name)) throw executorErrors.CONTAINER_NAME_TAKEN({ name: spec.name });
      serial += 1;
      const row: ContainerRow = {
        id: serial.toString(16).padStart(64, '0'),
        name: spec.name,
        state: 'created',
        imageId: spec.image,
        labels: spec.labels,
        startedAt: null,
        exitCode: null,
        finishedAt: null,
      };
      world.set(spec.name, { row, spec, output: [], waiters: new Set() });
    },

    async writtenBytes(labels) {
      const rows = await runtime.containers(labels);
      return rows === null ? null : new Map(rows.map(({ name }) => [name, 0]));
    },

    async init(name) {
      note('init', name);
      const container = found('init', name);
      container.row = { ...container.row, state: 'initialized' };
    },

    async start(name) {
      note('start', name);
      const container = found('start', name);
      happen(container, 'start');
      const { output = [], exitCode } = program(container.spec);
      container.output = output;
      container.row = { ...container.row, state: 'running', startedAt: now(), exitCode: null, finishedAt: null };
      if (exitCode !== undefined) end(container, exitCode);
    },

    async stop(name) {
      note('stop', name);
      const container = found('stop', name);
      if (container.row.state === 'running' || container.row.state === 'paused') end(container, stopExitCode);
    },

    async wait(name, { timeoutMs, signal } = {}): Promise<WaitEnd> {
      const container = world.get(name);
      if (container === undefined) return { kind: 'gone' };
      if (container.row.state === 'created' || container.row.state === 'initialized') return { kind: 'never_started' };
      const stopped = async (): Promise<WaitEnd> => {
        while (container.row.exitCode === null) await change(container);
        return { kind: 'exited', exitCode: container.row.exitCode };
      };
      const others: Promise<WaitEnd>[] = [];
      if (timeoutMs !== undefined)
        others.push(new Promise((resolve) => setTimeout(() => resolve({ kind: 'timed_out' }), timeoutMs).unref()));
      if (signal !== undefined) others.push(aborted(signal).then(() => ({ kind: 'aborted' })));
      return Promise.race([stopped(), ...others]);
    },

    async *logs(name, { follow = false, tail, since, timestamps = false, signal } = {}) {
      const container = found('logs', name);
      const startedAt = container.row.startedAt ?? now();
      const lines = since !== undefined && since > startedAt ? [] : container.output.flatMap(linesOf);
      const stamp = timestamps ? new TextEncoder().encode(`${startedAt.toISOString()} `) : nothing;
      for (const { stream, bytes } of tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail)))
        yield { stream, bytes: new Uint8Array([...stamp, ...bytes]) };
      while (follow && container.row.exitCode === null && signal?.aborted !== true) {
        await Promise.race([change(container), ...(signal === undefined ? [] : [aborted(signal)])]);
      }
    },

    async exec(name, argv) {
      note('exec', name);
      const container = found('exec', name);
      if (container.row.state !== 'running') throw failed('exec', 'Error: can only create exec sessions on running containers');
      return execute(container.spec, argv);
    },

    async bridge(name, argv, { input, write }) {
      note('exec', name);
      const container = found('exec', name);
      for await (const bytes of input) await write({ stream: 'stdout', bytes });
      return execute(container.spec, argv).exitCode;
    },

    async copyIn(name, hostPath, target) {
      note('cp', name);
      found('cp', name);
      copies.push({ name, hostPath, target });
    },

    async copyOut(name, source, hostPath) {
      note('cp', name);
      found('cp', name);
      copies.push({ name, hostPath, target: source });
    },

    async *events(labels, { signal }) {
      const wanted = Object.entries(labels);
      for (let next = happened.length; !signal.aborted;) {
        const event = happened[next];
        if (event === undefined) {
          await Promise.race([new Promise<void>((resolve) => listeners.add(resolve)), aborted(signal)]);
          continue;
        }
        next += 1;
        if (wanted.every(([key, value]) => event.labels[key] === value)) yield event;
      }
    },

    async runOnce(spec) {
      note('run', spec.name);
      return execute(spec, spec.command);
    },

    async remove(names) {
      return names.map((name) => {
        note('rm', name);
        const container = world.get(name);
        if (container !== undefined && container.row.exitCode === null) end(container, 137);
        world.delete(name);
        return { name, removed: true, error: null };
      });
    },

    execCommand: (name, argv) => ['podman', 'exec', '--interactive', '--tty', '--', name, ...argv],
  };
  return runtime;
}

/** Each line with its newline, as the engine keeps them. */
function linesOf({ stream, bytes }: OutputChunk): readonly OutputChunk[] {
  const lines: OutputChunk[] = [];
  for (let begin = 0; begin < bytes.length;) {
    const newline = bytes.indexOf(0x0a, begin);
    const end = newline === -1 ? bytes.length : newline + 1;
    lines.push({ stream, bytes: bytes.subarray(begin, end) });
    begin = end;
  }
  return lines;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
