import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk } from '../testing/memory-host.ts';

const archive = '/state/archive/demo/tasks/20260101T120000000000Z_k3v8h';
const text = '2026-01-01T12:00:00Z a line of the log\n'.repeat(10_000);
const record = JSON.stringify({
  task_id: 'k3v8h',
  mode: 'run',
  launch_id: 'bbbbbbbb-0000',
  earlier_runs: [{ run: 1, mode: 'run', launch_id: 'aaaaaaaa-0000' }],
});

async function shown(files: Readonly<Record<string, string | Uint8Array>>, ...words: readonly string[]) {
  const disk = Object.fromEntries(Object.entries(files).map(([name, content]) => [`${archive}/${name}`, content]));
  const world = fakeWorld(await memoryHost({ disk: { ...projectDisk, ...disk } }));
  const exitCode = await runCli(['task', 'archive', 'logs', 'demo', 'k3v8h', ...words], world);
  return { exitCode, stdout: world.said.stdout(), stderr: world.said.stderr() };
}

test('a log that was compressed reads as it was', async () => {
  expect(await shown({ 'logs/container.log.gz': gzipSync(text) })).toEqual({ exitCode: 0, stdout: text, stderr: '' });
});

test('a compressed log that is damaged is shown as far as it goes, and named', async () => {
  const { exitCode, stdout, stderr } = await shown({ 'logs/container.log.gz': gzipSync(text).subarray(0, -20) });
  expect(exitCode).toBe(1);
  expect(text.startsWith(stdout)).toBe(true);
  expect(stderr).toContain('is damaged and cannot be unpacked to its end');
});

test('the log of an earlier run is had by its number', async () => {
  const files = { 'task.json': record, 'logs/container.log': 'the last\n', 'logs/container-aaaaaaaa.log': 'the first\n' };
  expect(await shown(files)).toMatchObject({ exitCode: 0, stdout: 'the last\n' });
  expect(await shown(files, '--run', '1')).toMatchObject({ exitCode: 0, stdout: 'the first\n' });
  expect(await shown(files, '--run', '2')).toMatchObject({ exitCode: 0, stdout: 'the last\n' });
  expect(await shown(files, '--run', '3')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no archived logs') as string });
  expect(await shown(files, '--run', '0')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('number of a run') as string });
});
