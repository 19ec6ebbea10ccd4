import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk } from '../testing/memory-host.ts';

const log = '/state/archive/demo/tasks/20260101T120000000000Z_k3v8h/logs/container.log.gz';
const text = 'a line of the log\n'.repeat(10_000);

async function shown(bytes: Uint8Array) {
  const host = await memoryHost({ disk: { ...projectDisk, [log]: 'packed' } });
  const world = { ...fakeWorld(host), readFile: () => inPieces(bytes) };
  const exitCode = await runCli(['task', 'archive', 'logs', 'demo', 'k3v8h'], world);
  return { exitCode, stdout: world.said.stdout(), stderr: world.said.stderr() };
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += 97) yield bytes.subarray(begin, begin + 97);
}

test('a log that was compressed reads as it was', async () => {
  expect(await shown(gzipSync(text))).toEqual({ exitCode: 0, stdout: text, stderr: '' });
});

test('a compressed log that is damaged is shown as far as it goes, and named', async () => {
  const { exitCode, stdout, stderr } = await shown(gzipSync(text).subarray(0, -20));
  expect(exitCode).toBe(1);
  expect(text.startsWith(stdout)).toBe(true);
  expect(stderr).toContain('is damaged and cannot be unpacked to its end');
});
