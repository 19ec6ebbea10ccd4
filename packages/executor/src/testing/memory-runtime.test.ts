import { memoryFiles } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import type { OutputChunk } from '../processes.ts';
import type { RunSpec } from '../run-spec.ts';
import { memoryRuntime, type MemoryRuntime } from './memory-runtime.ts';
import { contractPrograms, runtimeContract, type ContractProgram, type ContractWorld } from './runtime-contract.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function programOf(script: string | undefined): ContractProgram {
  const program = contractPrograms.find((candidate) => candidate.script === script);
  if (program === undefined) throw new Error(`the contract has no program ${script}`);
  return program;
}

function runtimeOfContract(files = memoryFiles()): MemoryRuntime {
  return memoryRuntime({
    files,
    now: () => new Date(0),
    program: (spec) => {
      const { stdout, stderr, exitCode, tree = {} } = programOf(spec.command.at(-1));
      const output: OutputChunk[] = [
        { stream: 'stdout', bytes: bytes(stdout) },
        { stream: 'stderr', bytes: bytes(stderr) },
      ];
      return exitCode === null ? { output, tree } : { output, tree, exitCode };
    },
    execute: (_, argv) => {
      const { stdout, stderr, exitCode } = programOf(argv.at(-1));
      return { stdout: bytes(stdout), stderr: bytes(stderr), exitCode: exitCode ?? 0 };
    },
  });
}

function world(): ContractWorld {
  const files = memoryFiles();
  const runtime = runtimeOfContract(files);
  const failing = runtimeOfContract();
  failing.failing = true;
  const labels = { 'ai.terok.root': '0f1e2d3c' };
  let serial = 0;
  return {
    runtime,
    failing,
    labels,
    spec: (program, others = {}) => ({
      ...plain,
      name: `contract-${serial++}`,
      labels: { ...labels, ...others },
      command: ['/bin/sh', '-c', program.script],
    }),
    pause: async (name) => {
      runtime.pause(name);
      return true;
    },
    files,
    folder: async () => {
      const path = `/host/${serial++}`;
      await files.createDirectory(path);
      return path;
    },
  };
}

const plain: Omit<RunSpec, 'name' | 'labels' | 'command'> = {
  image: 'localhost/terok/0f1e2d3c/l1:0123456789abcdef',
  environment: {},
  mounts: [],
  network: 'none',
  rootFilesystem: 'read_only',
  limits: { memory: null, cpus: null, pids: 64 },
  timeoutSeconds: null,
  stopGraceSeconds: 1,
  logMaxSize: '1m',
};

test.each(runtimeContract)('$clause', async ({ holds }) => {
  await expect(holds(world())).resolves.toBeUndefined();
});

test('a container ends when a test says so', async () => {
  const { runtime, spec } = { ...world(), runtime: runtimeOfContract() };
  const description = spec(contractPrograms.find(({ exitCode }) => exitCode === null)!);
  await runtime.create(description);
  await runtime.start(description.name);
  const waiting = runtime.wait(description.name);
  runtime.finish(description.name, 3);
  expect(await waiting).toEqual({ kind: 'exited', exitCode: 3 });
});

test('what was asked for is known afterwards, in order', async () => {
  const { runtime, spec } = { ...world(), runtime: runtimeOfContract() };
  const description = spec(contractPrograms[0]!);
  await runtime.create(description);
  await runtime.start(description.name);
  await runtime.remove([description.name]);
  expect(runtime.calls.map(({ verb }) => verb)).toEqual(['create', 'start', 'rm']);
});
