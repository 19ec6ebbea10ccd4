/** A limit holds exactly where the engine profile says that it does. */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { sharedInstallation } from '../world.ts';
import { openEngine, type Engine } from './engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine(await sharedInstallation());
});

async function run(script: string, others?: Parameters<Engine['spec']>[1]) {
  const { exitCode, stdout } = await engine.ctx.runtime.runOnce(engine.spec(script, others));
  return { exitCode, stdout: new TextDecoder().decode(stdout).trim() };
}

test('a program that multiplies is held at the limit of processes', async () => {
  const multiply = 'for (1..400) { my $child = fork; last unless defined $child; if ($child == 0) { sleep 60; exit } $made++ } print $made';
  const { stdout } = await run(`exec perl -e '${multiply}'`, { limits: { memory: null, cpus: null, pids: 50 } });
  expect(Number(stdout) < 50).toBe(engine.profile.limits.pids);
});

test('a program that eats memory is killed at the limit, and swap does not help it', async () => {
  const { exitCode, stdout } = await run(`exec perl -e 'my $food = "a" x (256 << 20); print length $food'`, {
    limits: { memory: '64m', cpus: null, pids: 50 },
  });
  expect({ exitCode, stdout }).toEqual(
    engine.profile.limits.memory ? { exitCode: 137, stdout: '' } : { exitCode: 0, stdout: String(256 << 20) },
  );
});

test('a program that computes without end is slowed to its share of a processor', async () => {
  const { stdout } = await run(
    `timeout 1 bash -c 'while :; do :; done'; cat /sys/fs/cgroup/cpu/cpu.stat /sys/fs/cgroup/cpu.stat 2>/dev/null | sed -n 's/^nr_throttled //p'`,
    { limits: { memory: null, cpus: '0.2', pids: 50 } },
  );
  expect(Number(stdout) > 0).toBe(engine.profile.limits.cpus);
});

test('the engine ends a container at its time limit, whoever watches or not', async () => {
  const { runtime } = engine.ctx;
  const spec = engine.spec('sleep 600', { timeoutSeconds: 1 });
  await runtime.create(spec);
  try {
    await runtime.start(spec.name);
    expect(await runtime.wait(spec.name, { timeoutMs: 60_000 })).toMatchObject({ kind: 'exited' });
  } finally {
    await runtime.remove([spec.name]);
  }
});

test('the log of a container that never stops talking stays below its size', async () => {
  const { runtime } = engine.ctx;
  const spec = engine.spec('yes "all work and no play" | head -c 6000000', { logMaxSize: '1m' });
  await runtime.create(spec);
  try {
    await runtime.start(spec.name);
    await runtime.wait(spec.name);
    let bytes = 0;
    for await (const chunk of runtime.logs(spec.name)) bytes += chunk.bytes.length;
    expect(bytes).toBeLessThan(2 * 1024 * 1024);
  } finally {
    await runtime.remove([spec.name]);
  }
});

test('a program that crashes leaves no core behind', async () => {
  expect(await run('ulimit -S -c; ulimit -H -c; ulimit -c unlimited 2>/dev/null || echo refused')).toEqual({
    exitCode: 0,
    stdout: '0\n0\nrefused',
  });
});

/** podman 4.3 as root leaves the shared memory of a container with a user namespace mounted, unless it is a tmpfs of the container's. */
test('no mount is left of a container that ended and was removed', async () => {
  const { runtime, installationId } = engine.ctx;
  const mounts = () => readFile('/proc/self/mountinfo', 'utf8');
  const spec = engine.spec('exit 0');
  await runtime.create(spec);
  const row = (await runtime.containers({ 'ai.terok.root': installationId }))?.find(({ name }) => name === spec.name);
  await runtime.start(spec.name);
  await runtime.wait(spec.name);
  expect(await runtime.remove([spec.name])).toEqual([{ name: spec.name, removed: true, error: null }]);
  expect(row?.id).toMatch(/^[0-9a-f]{64}$/);
  expect(await mounts()).not.toContain(row?.id);
});
