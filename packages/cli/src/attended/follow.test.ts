import { expect, test } from 'vitest';
import { watchAttention } from './attention.ts';
import { exitCodeOf, followToEnd } from './follow.ts';
import { paintWith } from '../output/colour.ts';
import { logWriter } from '../output/log-writer.ts';
import { noteTo } from '../output/note.ts';
import { outTo } from '../output/out.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk, startedTask, type MemoryHostOptions } from '../testing/memory-host.ts';

const output = [{ stream: 'stdout' as const, bytes: new TextEncoder().encode('working\n') }];

async function watchedTask(options: MemoryHostOptions = {}) {
  const host = await memoryHost({ disk: projectDisk, ...options });
  const taskId = await startedTask(host, 'watched');
  const world = fakeWorld();
  const paint = paintWith(false);
  const attention = watchAttention(world, noteTo(world.stderr, paint));
  const writer = logWriter({ stdout: outTo(world.stdout, paint), stderr: noteTo(world.stderr, paint) });
  const ctx = await host.engine();
  return { ...host, world, attention, end: followToEnd({ ctx, projectId: 'demo', taskId, attention, writer }), name: `demo-run-${taskId}` };
}

test('shows what the agent prints and ends as it does', async () => {
  const { end, world } = await watchedTask({ program: { output, exitCode: 7 } });
  expect(await end).toEqual({ ended: 'agent', exitCode: 7, error: null });
  expect(world.said.stdout()).toBe('working\n');
});

test('Ctrl-C stops the container and says how the task ended', async () => {
  const { end, world, runtime, name } = await watchedTask();
  world.send('SIGINT');
  world.send('SIGINT');
  expect(await end).toMatchObject({ ended: 'interrupted' });
  expect(runtime.calls).toContainEqual({ verb: 'stop', name });
  expect(world.said.stderr()).toBe('Stopping …\nStill stopping; the work of the task is kept.\n');
});

test('a task that ends at the moment of Ctrl-C has ended once', async () => {
  const { end, world, runtime, name } = await watchedTask();
  runtime.finish(name, 0);
  world.send('SIGINT');
  expect(await end).toMatchObject({ exitCode: 0 });
  expect(runtime.calls).not.toContainEqual({ verb: 'stop', name });
});

test('Ctrl-C while podman does not answer says so, instead of pretending', async () => {
  const { end, world, runtime } = await watchedTask();
  runtime.failing = true;
  world.send('SIGINT');
  await expect(end).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
});

test.each([
  ['SIGHUP', 129],
  ['SIGTERM', 143],
] as const)('%s leaves the task running', async (signal, exitCode) => {
  const { end, world, runtime, attention, name } = await watchedTask();
  world.send(signal);
  expect(await end).toBe(null);
  expect(attention.departureExitCode()).toBe(exitCode);
  expect(runtime.calls).not.toContainEqual({ verb: 'stop', name });
  expect(world.said.stderr()).toBe('');
});

test('a reader that goes leaves the task running', async () => {
  const { end, world, attention } = await watchedTask();
  world.leave();
  expect(await end).toBe(null);
  expect(attention.departureExitCode()).toBe(141);
});

test('signals do what they always do once nobody follows any more', async () => {
  const { end, world, attention } = await watchedTask({ program: { exitCode: 0 } });
  await end;
  attention.end();
  world.send('SIGINT');
  expect(world.said.stderr()).toBe('');
});

test.each([
  ['agent', 7, 7],
  ['agent', 124, 124],
  ['agent', null, 1],
  ['stopped', 143, 143],
  ['time_limit', 137, 124],
  ['interrupted', 0, 130],
  ['terok_error', 0, 1],
] as const)('ended by %s with %j ends with %i', (ended, exitCode, expected) => {
  expect(exitCodeOf({ ended, exitCode })).toBe(expected);
});
