/** A runtime that works in memory: containers are what their program says, at once or when told to. */
import type { Files } from '@terok/sandbox';
import { memoryFiles } from '@terok/sandbox/testing';
import { checkedContainerPath, receiveTree, sentTree } from '../copied-tree.ts';
import type { OutputChunk } from '../processes.ts';
import { executorErrors } from '../errors.ts';
import type { RunSpec } from '../run-spec.ts';
import type { ContainerEvent, ContainerRow, ExecResult, Runtime, WaitEnd } from '../runtime.ts';
import type { TarEntry } from '../tar-entries.ts';

/** Path in the container → what is there. `other` is a link, a pipe, a device. */
export type ContainerTree = Readonly<Record<string, ContainerFile>>;
export type ContainerFile =
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mode: number }
  | { readonly kind: 'directory'; readonly mode: number }
  | { readonly kind: 'other' };

/**
 * What a container does once it is started. `output` is its log, `tree` what it writes; without an exit code it goes on until it is
 * stopped or `finish`ed.
 */
export type Program = { readonly output?: readonly OutputChunk[]; readonly exitCode?: number; readonly tree?: ContainerTree };

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
  /** What was copied into a container or written by its program. */
  readonly treeOf: (name: string) => ContainerTree;
};

type Container = {
  row: ContainerRow;
  readonly spec: RunSpec;
  output: readonly OutputChunk[];
  readonly tree: Map<string, ContainerFile>;
  readonly waiters: Set<() => void>;
};

export type MemoryRuntimeOptions = {
  readonly now: () => Date;
  /** What a started container does; by default it runs on. */
  readonly program?: (spec: RunSpec) => Program;
  /** What `exec` and `runOnce` answer; by default success without output. */
  readonly execute?: (spec: RunSpec, argv: readonly string[]) => ExecResult;
  /** The host's disk, which copies are made from and to. */
  readonly files?: Files;
};

const nothing = new Uint8Array();
const stopExitCode = 143;

export function memoryRuntime({
  now,
  program = () => ({}),
  execute = () => ({ exitCode: 0, stdout: nothing, stderr: nothing }),
  files = memoryFiles(),
}: MemoryRuntimeOptions): MemoryRuntime {
  const world = new Map<string, Container>();
  const calls: { verb: string; name: string }[] = [];
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
    treeOf: (name) => Object.fromEntries(found('cp', name).tree),
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
      world.set(spec.name, { row, spec, output: [], tree: new Map(usualDirectories), waiters: new Set() });
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
      const { output = [], exitCode, tree = {} } = program(container.spec);
      container.output = output;
      for (const [path, file] of Object.entries(tree)) container.tree.set(path, file);
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

    async copyIn(name, hostPath, directory) {
      note('cp', name);
      const { row, tree } = found('cp', name);
      if (row.state !== 'running') throw failed('exec', 'Error: can only create exec sessions on running containers');
      if (tree.get(checkedContainerPath(directory))?.kind !== 'directory') throw failed('exec', `tar: ${directory}: Cannot open`);
      for await (const member of sentTree(files, hostPath)) {
        const { mode = 0o644 } = member;
        tree.set(
          `${directory}/${member.name}`,
          'directory' in member ? { kind: 'directory', mode } : { kind: 'file', content: bytesOf(member.content), mode },
        );
      }
    },

    async copyOut(name, source, directory, options = {}) {
      note('cp', name);
      const { tree } = found('cp', name);
      if (!tree.has(checkedContainerPath(source))) throw failed('cp', `Error: "${source}" could not be found on container ${name}`);
      return receiveTree(entriesBelow(tree, source), { files, source, directory, ...options });
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

const usualDirectories = ['/tmp', '/workspace', '/home/dev'].map((path) => [path, { kind: 'directory', mode: 0o755 }] as const);

const bytesOf = (content: string | Uint8Array): Uint8Array => (typeof content === 'string' ? new TextEncoder().encode(content) : content);

/** In the order of an archive: each folder before what is in it. */
async function* entriesBelow(tree: ReadonlyMap<string, ContainerFile>, source: string): AsyncGenerator<TarEntry> {
  const parent = source.slice(0, source.lastIndexOf('/') + 1);
  const paths = [...tree.keys()].filter((path) => path === source || path.startsWith(`${source}/`)).toSorted();
  for (const path of paths) {
    const file = tree.get(path) ?? { kind: 'other' };
    const content = file.kind === 'file' ? file.content : nothing;
    yield {
      ...{
        path: path.slice(parent.length),
        kind: file.kind,
        mode: 'mode' in file ? file.mode : 0,
        sizeBytes: content.length,
        linkTarget: '',
      },
      content: (async function* whole() {
        yield content;
      })(),
    };
  }
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
