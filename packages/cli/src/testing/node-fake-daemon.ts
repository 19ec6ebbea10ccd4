/** A place on the real disk, and at its socket a daemon that answers as a test says and remembers what it was asked. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daemonSocketPath, type Digest } from '@terok/lifecycle-daemon';
import { hostContext, type SandboxContext } from '@terok/sandbox';

export type FakeDaemon = AsyncDisposable & {
  readonly host: SandboxContext;
  /** The commands that came, and `gone` for each connection that ended. */
  readonly asked: readonly string[];
};

export type FakeDaemonOptions = {
  readonly version?: string;
  /** As one that nobody else would start again says to a newer release. */
  readonly replace?: boolean;
  /** What it answers to a command; an empty object to every other. */
  readonly results?: Readonly<Record<string, object>>;
};

export async function fakeDaemon({ version = '0.0.0', replace = false, results = {} }: FakeDaemonOptions = {}): Promise<FakeDaemon> {
  const place = await mkdtemp(join(tmpdir(), 'terok-fake-daemon-'));
  const host = await hostContext({ env: { HOME: place, TEROK_ROOT: join(place, 'state'), TEROK_RUNTIME_DIR: join(place, 'run') } });
  await mkdir(host.paths.runtime, { recursive: true, mode: 0o700 });
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('close', () => asked.push('gone'));
    socket.on('data', (lines: Buffer) => {
      for (const line of lines.toString().trim().split('\n')) {
        const { id, op } = JSON.parse(line) as { readonly id: number; readonly op: string };
        asked.push(op);
        const reply = { v: 1, version, ...(replace ? { replace: true } : {}), id, ok: true, result: results[op] ?? {} };
        socket.write(`${JSON.stringify(reply)}\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(daemonSocketPath(host.paths), resolve));
  return {
    host,
    asked,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
      await rm(place, { recursive: true, force: true });
    },
  };
}

/** In which there is little to tell. */
export const digest: Digest = {
  schema_version: 1,
  digest_id: '20260502T060000000Z-12345678',
  period: { since: '2026-05-01T06:00:00.000+00:00', until: '2026-05-02T06:00:00.000+00:00' },
  tasks: { items: [], more: 0 },
  unmerged: { items: [], more: 0 },
  bytes_reclaimed: 7,
  steps: [],
  problems: { items: [], more: 0 },
};
