import { expect, test } from 'vitest';
import { launch, type LaunchStep } from './launch.ts';
import { memoryRuntime } from './testing/memory-runtime.ts';
import { runSpec } from './testing/run-spec.ts';

const spec = runSpec();
const now = () => new Date('2026-01-01T00:00:00Z');

test('without steps a container is made and started', async () => {
  const runtime = memoryRuntime({ now });
  await launch(runtime, spec);
  expect(runtime.calls.map(({ verb }) => verb)).toEqual(['create', 'start']);
});

test('steps run in order between the making of the container and its start', async () => {
  const runtime = memoryRuntime({ now });
  const seen: string[] = [];
  const step = (name: string): LaunchStep => ({
    name,
    run: async (container) => {
      const [row] = (await runtime.containers({})) ?? [];
      seen.push(`${name} ${container} ${row?.state}`);
    },
  });
  await launch(runtime, spec, [step('rules'), step('sockets')]);
  expect(seen).toEqual(['rules demo-run-k3v8h initialized', 'sockets demo-run-k3v8h initialized']);
  expect(runtime.calls.map(({ verb }) => verb).filter((verb) => verb !== 'ps')).toEqual(['create', 'init', 'start']);
});

test('a step that fails leaves no container, and the workload never ran', async () => {
  const runtime = memoryRuntime({ now });
  const refusal = new Error('no rules');
  const steps: readonly LaunchStep[] = [{ name: 'rules', run: () => Promise.reject(refusal) }];
  await expect(launch(runtime, spec, steps)).rejects.toBe(refusal);
  expect(runtime.calls.map(({ verb }) => verb)).toEqual(['create', 'init', 'rm']);
  expect(await runtime.containers({})).toEqual([]);
});
