/** The end of a daemon whose socket somebody else keeps listening on, as systemd does. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daemonSocketPath } from '@terok/lifecycle-daemon';
import { hostContext, type SandboxContext } from '@terok/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endDaemon } from './end-daemon.ts';

let place: string;
let host: SandboxContext;
const servers: Server[] = [];

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'terok-end-'));
  host = await hostContext({ env: { HOME: place, TEROK_ROOT: join(place, 'state'), TEROK_RUNTIME_DIR: join(place, 'run') } });
  await mkdir(host.paths.runtime, { recursive: true, mode: 0o700 });
  await mkdir(host.paths.lifecycle, { recursive: true, mode: 0o700 });
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(place, { recursive: true, force: true });
});

async function listening(path: string, onClient: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => onClient(socket.on('error', () => undefined)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

test('it is gone once it lets go of what only one can hold, whoever still takes connections; and nobody is woken to be ended', async () => {
  const asked: string[] = [];
  let ends: () => void = () => undefined;
  await listening(daemonSocketPath(host.paths), (socket) => {
    socket.on('data', (line: Buffer) => {
      const { id, op } = JSON.parse(line.toString()) as { readonly id: number; readonly op: string };
      asked.push(op);
      socket.end(`${JSON.stringify({ v: 1, version: '0.0.0', id, ok: true, result: {} })}\n`);
      ends();
    });
  });
  expect([await endDaemon(host), asked]).toEqual([false, []]);

  const writer = await listening(join(host.paths.lifecycle, 'writer.sock'), (socket) =>
    socket.end('{"pid":4711,"version":"0.0.0","started_at":"2026-05-02T12:00:00.000+00:00"}\n'),
  );
  ends = () => writer.close();
  expect([await endDaemon(host), asked]).toEqual([true, ['shutdown']]);
});
