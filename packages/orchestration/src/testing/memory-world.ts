/** A world in memory: a disk that can lose power, containers that end when told to, one project, and a git that answers for its mirror. */
import { join } from 'node:path';
import { loadConfig, resolvePaths, type Files } from '@terok/sandbox';
import { fakeClock, memoryFiles, seededRandom, type FakeClock, type MemoryFiles } from '@terok/sandbox/testing';
import type { Command, ProcessOutcome, Processes } from '@terok/executor';
import {
  engineProfile,
  hostConditions,
  memoryBuildPrograms,
  memoryRuntime,
  type MemoryRuntime,
  type MemoryRuntimeOptions,
} from '@terok/executor/testing';
import type { TaskContext } from '../task-context.ts';

export const baseCommit = 'b'.repeat(40);
export const projectFile = '/config/projects/demo/project.yml';

export type MemoryWorld = {
  readonly ctx: TaskContext;
  readonly files: MemoryFiles;
  readonly runtime: MemoryRuntime;
  readonly clock: FakeClock;
};

export type WorldOptions = {
  /** A disk that holds something already. */
  readonly files?: MemoryFiles;
  readonly runtime?: MemoryRuntime;
  readonly containers?: Omit<MemoryRuntimeOptions, 'now'>;
  readonly seed?: number;
  /** Programs of the host; a git that knows one commit on `main` when left out. */
  readonly processes?: Processes;
  readonly now?: string;
};

/** The disk of a fresh installation with project `demo`. */
export const freshDisk = (options: { readonly cutAt?: number } = {}): MemoryFiles =>
  memoryFiles({ [projectFile]: 'repository: /repositories/demo\n' }, options);

export async function memoryWorld(options: WorldOptions = {}): Promise<MemoryWorld> {
  const files = options.files ?? freshDisk();
  const clock = fakeClock(options.now ?? '2026-08-20T12:00:00.000Z');
  const runtime = options.runtime ?? memoryRuntime({ now: () => clock.now(), ...options.containers });
  const paths = resolvePaths({
    env: { TEROK_ROOT: '/state', TEROK_CONFIG_DIR: '/config' },
    uid: 1000,
    initialUserNamespace: true,
    home: '/home/user',
  });
  // Configuration is read from a disk with power, whatever becomes of the test's own.
  const { config } = await loadConfig(memoryFiles(), paths);
  const ctx: TaskContext = {
    paths,
    config,
    configProblems: [],
    files,
    clock,
    random: seededRandom(options.seed ?? 1),
    installationId: '0123456789abcdef0123456789abcdef',
    processes: options.processes ?? memoryGit(files),
    env: { PATH: '/usr/bin', HOME: '/home/user' },
    runtime,
    podman: podmanWithImages,
    engine: { kind: 'current', profile: engineProfile({ user_mapping: { kind: 'keep_id' } }) },
    freeBytes: async () => 2 ** 50,
    hostConditions: async () => hostConditions(),
    buildPrograms: memoryBuildPrograms(),
  };
  return { ctx, files, runtime, clock };
}

/** Every image that is asked for is there. */
const podmanWithImages: TaskContext['podman'] = {
  attempt: async (args) =>
    outcome(args.join(' ').startsWith('image inspect') ? { stdout: 'sha256:1\n' } : { exitCode: 125, stderr: 'no such verb' }),
  run: async () => '',
  open: () => ({ output: noOutput(), ended: Promise.resolve({ kind: 'exited', exitCode: 0 }) }),
  onTerminal: async () => ({ kind: 'exited', exitCode: 0 }),
  commandLine: (args) => ['podman', ...args],
  withGlobalArgs: () => podmanWithImages,
};

type Answer = { readonly exitCode?: number; readonly stdout?: string; readonly stderr?: string };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const outcome = ({ exitCode = 0, stdout = '', stderr = '' }: Answer = {}): ProcessOutcome => ({
  end: { kind: 'exited', exitCode },
  stdout: bytes(stdout),
  stderr: bytes(stderr),
});

const verbs: readonly string[] = ['init', 'ls-remote', 'symbolic-ref', 'show-ref', 'fetch', 'check-ref-format'];

/** A git that keeps mirrors on the disk in memory, each with `main` at `baseCommit`. Any other program is missing. */
export function memoryGit(files: Files): Processes {
  return scriptedPrograms(async ({ binary, args }) => {
    if (binary !== 'git') return null;
    const words = args.slice(args.findIndex((word) => verbs.includes(word)));
    switch (words[0] ?? '') {
      case 'init':
        await files.replace(join(words.at(-1) ?? '', 'HEAD'), 'ref: refs/heads/main\n');
        return {};
      case 'ls-remote':
        return { stdout: `ref: refs/heads/main\tHEAD\n${baseCommit}\tHEAD\n` };
      case 'symbolic-ref':
        return { stdout: 'main\n' };
      case 'show-ref':
        return { stdout: `${baseCommit}\n` };
      case 'fetch':
      case 'check-ref-format':
        return {};
      default:
        return { exitCode: 99, stderr: `this git knows no ${words.join(' ')}` };
    }
  });
}

/** Programs that answer by a function; null is a program that is not there. */
export function scriptedPrograms(answer: (command: Command) => Promise<Answer | null>): Processes {
  const run = async (command: Command): Promise<ProcessOutcome> => {
    const given = await answer(command);
    return given === null ? { ...outcome(), end: { kind: 'missing' } } : outcome(given);
  };
  return {
    run,
    open(command) {
      const ran = run(command);
      return { output: printed(ran), ended: ran.then(({ end }) => end) };
    },
    runOnTerminal: async (command) => {
      throw new Error(`There is no terminal to run ${command.binary} on.`);
    },
  };
}

async function* printed(ran: Promise<ProcessOutcome>) {
  const { stdout, stderr } = await ran;
  if (stdout.length > 0) yield { stream: 'stdout' as const, bytes: stdout };
  if (stderr.length > 0) yield { stream: 'stderr' as const, bytes: stderr };
}

async function* noOutput(): AsyncGenerator<never> {}
