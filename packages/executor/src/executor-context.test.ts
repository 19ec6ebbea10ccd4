import { loadConfig, resolvePaths } from '@terok/sandbox';
import { fakeClock, memoryFiles, seededRandom } from '@terok/sandbox/testing';
import { expect, test } from 'vitest';
import { executorContext, setupEngine, withUsableEngine, type ExecutorOptions } from './executor-context.ts';
import type { Processes } from './processes.ts';
import { memoryRuntime } from './testing/memory-runtime.ts';
import { runSpec } from './testing/run-spec.ts';

const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 0, initialUserNamespace: true, home: '/root' });
const info = {
  host: { cgroupVersion: 'v2', cgroupControllers: ['cpu', 'memory', 'pids'], security: { rootless: false, seccompEnabled: false } },
  store: { graphDriverName: 'overlay' },
};

/** A podman that starts whatever it is told to. */
const processes: Processes = {
  async run({ args }) {
    const said = args.includes('version') ? '4.3.1' : args.includes('info') ? JSON.stringify(info) : '';
    return { end: { kind: 'exited', exitCode: 0 }, stdout: new TextEncoder().encode(said), stderr: new Uint8Array() };
  },
  open: () => ({ output: (async function* none() {})(), ended: Promise.resolve({ kind: 'exited', exitCode: 0 }) }),
  runOnTerminal: async () => ({ kind: 'exited', exitCode: 0 }),
};

async function context(options: ExecutorOptions = {}) {
  const files = memoryFiles();
  const { config, problems } = await loadConfig(files, paths);
  const podman = { ...config.podman, runtime: 'crun' as const, cgroup_manager: 'cgroupfs' as const };
  const sandbox = { files, paths, config: { ...config, podman }, configProblems: problems, clock: fakeClock(), random: seededRandom(1) };
  return executorContext(sandbox, { env: { PATH: '/usr/bin' }, processes, ...options });
}

const spec = runSpec();
const silent = { onProgress: () => {} };

test('a runtime that was handed in stays when the host is probed', async () => {
  const runtime = memoryRuntime({ now: () => new Date(0) });
  const ctx = await context({ runtime });
  const set = await setupEngine(ctx, silent);
  expect(set.runtime).toBe(runtime);
  expect((await setupEngine(set, silent)).runtime).toBe(runtime);
});

test('a runtime that was put in later stays too', async () => {
  const runtime = memoryRuntime({ now: () => new Date(0) });
  expect((await setupEngine({ ...(await context()), runtime }, silent)).runtime).toBe(runtime);
});

test('podman’s own runtime is made anew with what was found', async () => {
  const before = await context();
  await expect(before.runtime.create(spec)).rejects.toMatchObject({ code: 'ENGINE_UNKNOWN' });
  const after = await setupEngine(before, silent);
  expect(after.runtime).not.toBe(before.runtime);
  expect(after.runtime.execCommand('x', ['/bin/sh']).slice(0, 3)).toEqual(['podman', '--runtime=crun', '--cgroup-manager=cgroupfs']);
});

test('a host that was never probed is sent to setup, and one that was probed is used as it is', async () => {
  const before = await context();
  await expect(withUsableEngine(before, silent)).rejects.toMatchObject({ code: 'ENGINE_UNKNOWN' });
  const after = await setupEngine(before, silent);
  expect(await withUsableEngine(after, silent)).toBe(after);
});

test('a host that has changed is named and probed again', async () => {
  const before = await setupEngine(await context(), silent);
  const texts: string[] = [];
  const outdated = { ...before, engine: { kind: 'outdated', profile: before.engine.profile, changes: ['kernel was 1 and is 2'] } } as const;
  const after = await withUsableEngine(outdated, { onProgress: ({ text }) => texts.push(text) });
  expect(after.engine.kind).toBe('current');
  expect(texts[0]).toBe('the host has changed: kernel was 1 and is 2');
});
