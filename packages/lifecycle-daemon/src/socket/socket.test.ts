/** The daemon's socket on a real disk: what it answers, whom it lets in, and what no client can do to it. */
import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { nodeFiles, systemClock, TerokError } from '@terok/sandbox';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wakeDaemon, connectDaemon } from './client.ts';
import { daemonSocketPath, inheritedSocket } from './address.ts';
import { clientsMax, serveDaemon, type DaemonServer, type ServerOptions } from './server.ts';
import { requestMaxBytes } from './protocol.ts';
import type { Command } from './requests.ts';
import { isWakeMarked } from '../wake-signal.ts';

let place: string;
let server: DaemonServer | null = null;
const dropped: string[] = [];
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'terok-socket-'));
  dropped.length = 0;
});
afterEach(async () => {
  await server?.close();
  server = null;
  await rm(place, { recursive: true, force: true });
});

const world = (runtime = join(place, 'run')) => ({
  paths: { runtime, wakeSignal: join(place, 'wake.signal') },
  files: nodeFiles,
  clock: systemClock,
});
const answer: ServerOptions['answer'] = async ({ op }: Command) => {
  if (op === 'pause') throw new TerokError({ code: 'NO', message: 'Not now.', hint: 'Later.' });
  if (op === 'resume') throw new RangeError('a mistake of ours');
  return { state: 'WAKE' as const };
};
const serve = async (options: Partial<ServerOptions> = {}, runtime?: string): Promise<DaemonServer> =>
  (server = await serveDaemon(world(runtime), { version: '1.0.0', answer, onDropped: (why) => dropped.push(why), ...options }));
const path = () => daemonSocketPath(world().paths);

/** Sends bytes, says that there are no more, and reads to the end. */
async function converse(...parts: readonly (string | Uint8Array)[]): Promise<readonly Record<string, unknown>[]> {
  const socket = connect(path());
  for (const part of parts) socket.write(part);
  socket.end();
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
/** So many connections, a hundred at a time: more than the kernel queues are refused for now. */
async function many(count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(100, count - sockets.length) }, () => connect(path()));
    await Promise.all(batch.map((socket) => once(socket, 'connect')));
    for (const socket of batch) socket.on('error', () => undefined);
    sockets.push(...batch);
  }
  return sockets;
}
const ask = (fields: object) => `${JSON.stringify({ v: 1, id: 1, op: 'wake', ...fields })}\n`;
const codes = (replies: readonly Record<string, unknown>[]) =>
  replies.map((reply) => (reply['ok'] === true ? 'ok' : (reply['error'] as { code: string }).code));

describe('a reply', () => {
  test('comes for every line, in order, with the version, and with the id of its request', async () => {
    await serve();
    const replies = await converse(ask({ id: 7 }), ask({ id: 'seven', op: 'pause', args: { for_sec: 1 } }), ask({ id: 8, op: 'resume' }));
    expect(replies).toEqual([
      { v: 1, version: '1.0.0', id: 7, ok: true, result: { state: 'WAKE' } },
      { v: 1, version: '1.0.0', id: 'seven', ok: false, error: { code: 'NO', message: 'Not now.', hint: 'Later.' } },
      {
        v: 1,
        version: '1.0.0',
        id: 8,
        ok: false,
        error: { code: 'DAEMON_FAILED', message: 'The lifecycle daemon could not do that: a mistake of ours.' },
      },
    ]);
  });

  test.each<[what: string, line: string | Uint8Array, code: string]>([
    ['an empty line', '\n', 'REQUEST_NOT_JSON'],
    ['half of a request', '{"v":1,"id":1,"op":"sta\n', 'REQUEST_NOT_JSON'],
    ['a request without its newline', ask({}).trim(), 'ok'],
    ['a carriage return before the newline', ask({}).replace('\n', '\r\n'), 'ok'],
    ['binary', Uint8Array.from([0, 255, 254, 7, 10]), 'REQUEST_NOT_UTF8'],
    ['a list', '[]\n', 'REQUEST_INVALID'],
    ['nothing that is named', '{}\n', 'REQUEST_INVALID'],
    ['another protocol', ask({ v: 2 }), 'REQUEST_VERSION_UNKNOWN'],
    ['E-97: a command that is none', ask({ op: 'nuke' }), 'DAEMON_COMMAND_UNKNOWN'],
    ['a command that every object has', ask({ op: 'toString' }), 'DAEMON_COMMAND_UNKNOWN'],
    ['E-97: a command that is a number', ask({ op: 42 }), 'REQUEST_INVALID'],
    ['E-97: a reason that is a number', ask({ args: { reason: 42 } }), 'REQUEST_INVALID'],
    ['E-97: a pause for ever', ask({ op: 'pause', args: { for_sec: 'forever' } }), 'REQUEST_INVALID'],
    ['a pause of no time', ask({ op: 'pause', args: { for_sec: 0 } }), 'REQUEST_INVALID'],
    ['a pause of true', ask({ op: 'pause', args: { for_sec: true } }), 'REQUEST_INVALID'],
    ['D-26: a session without a name', ask({ op: 'session-opened', args: { session_id: '' } }), 'REQUEST_INVALID'],
    ['E-97: a session with a long name', ask({ op: 'session-opened', args: { session_id: 'x'.repeat(1000) } }), 'REQUEST_INVALID'],
    ['an argument that is not known', ask({ args: { force: true } }), 'REQUEST_INVALID'],
    ['a step that is none', ask({ op: 'run-step', args: { id: 'rm -rf' } }), 'REQUEST_INVALID'],
    ['an id that is an object', ask({ id: {} }), 'REQUEST_INVALID'],
    ['very deep lists', `${'['.repeat(30_000)}${']'.repeat(30_000)}\n`, 'REQUEST_NOT_JSON'],
    ['one byte too many', `${'x'.repeat(requestMaxBytes + 1)}\n`, 'REQUEST_LINE_TOO_LONG'],
    ['a megabyte', `${'x'.repeat(1024 * 1024)}\n`, 'REQUEST_LINE_TOO_LONG'],
  ])('comes for %s, and the next request is served', async (_, line, code) => {
    await serve();
    expect(codes(await converse(line))).toEqual([code]);
    expect(codes(await converse(typeof line === 'string' ? `${line.trimEnd()}\n` : line, ask({})))).toEqual([code, 'ok']);
  });

  test('comes for whatever bytes there are, one for each line', async () => {
    await serve();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), async (chunks) => {
        const lines = Buffer.concat([...chunks, Buffer.from('\n')]);
        const replies = await converse(lines, ask({ id: 99 }));
        expect(replies).toHaveLength(lines.filter((byte) => byte === 10).length + 1);
        expect(replies.at(-1)).toMatchObject({ id: 99, ok: true });
      }),
      { numRuns: 50 },
    );
  });
});

describe('clients', () => {
  test('a thousand at once are all served, however long they stay', async () => {
    const serving = await serve();
    const sockets = await many(1000);
    await expect.poll(() => serving.clients(), { timeout: 20_000 }).toBe(1000);
    const replies = sockets.map((socket) => once(socket, 'data'));
    for (const socket of sockets) socket.write(ask({}));
    await Promise.all(replies);
    expect(codes(await converse(ask({})))).toEqual(['ok']);
    for (const socket of sockets) socket.destroy();
    await gone(serving);
  }, 60_000);

  test('too many are told so and sent away; when some leave, others are served', async () => {
    const serving = await serve();
    const sockets = await many(clientsMax);
    await expect.poll(() => serving.clients(), { timeout: 20_000 }).toBe(clientsMax);
    expect(codes(await converse(''))).toEqual(['DAEMON_BUSY']);
    for (const socket of sockets) socket.destroy();
    await gone(serving);
    expect(codes(await converse(ask({})))).toEqual(['ok']);
    expect(dropped).toEqual(['too many clients']);
  }, 60_000);

  test('one that asks and never reads is not read from any more; the others do not notice', async () => {
    let answered = 0;
    await serve({
      answer: async () => {
        answered++;
        return { state: 'WAKE', ballast: 'x'.repeat(10_000) } as const;
      },
    });
    const greedy = connect(path());
    greedy.pause();
    greedy.write(ask({}).repeat(5000));
    await expect.poll(async () => codes(await converse(ask({}))), { timeout: 20_000 }).toEqual(['ok']);
    const settledAt = await steady(() => answered);
    expect(settledAt).toBeLessThan(2500);
    greedy.destroy();
  }, 60_000);

  test('one that subscribes and never reads is dropped, with a word; the others hear everything', async () => {
    let subscribed = 0;
    const serving = await serve({
      answer: async () => {
        subscribed++;
        return { state: 'WAKE' } as const;
      },
    });
    const deaf = connect(path());
    deaf.write(ask({ op: 'subscribe' }));
    await once(deaf, 'data');
    deaf.pause();
    const listening = await connectDaemon(world(), { version: '1.0.0' });
    const heard: number[] = [];
    const events = (async () => {
      for await (const event of listening?.events() ?? []) heard.push(Number(event['n']));
    })();
    await expect.poll(() => subscribed, { timeout: 20_000 }).toBe(2);
    await new Promise(setImmediate);
    for (let n = 0; n < 200; n++) {
      serving.publish({ event: 'tick_failed', n, problem: 'x'.repeat(10_000) });
      await new Promise(setImmediate);
    }
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(200);
    expect(heard).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(dropped).toEqual(['it did not read what it subscribed to']);
    await expect.poll(() => serving.clients(), { timeout: 20_000 }).toBe(1);
    listening?.close();
    await events;
    deaf.destroy();
  }, 60_000);

  test('one that waits for an answer is not sent away, however long that takes; one that says nothing is', async () => {
    let finish: (() => void) | null = null;
    await serve({
      silentMs: 1000,
      answer: async () => {
        await new Promise<void>((resolve) => (finish = resolve));
        return { state: 'WAKE' } as const;
      },
    });
    const reply = converse(ask({}));
    await expect.poll(() => finish, { timeout: 20_000 }).not.toBeNull();
    const silent = connect(path());
    await once(silent, 'close');
    (finish as (() => void) | null)?.();
    expect(codes(await reply)).toEqual(['ok']);
    expect(dropped).toEqual(['it said nothing for too long']);
  });

  test('one that breaks off in the middle of a request leaves nothing behind', async () => {
    const serving = await serve();
    for (let n = 0; n < 50; n++) {
      const socket = connect(path());
      await once(socket, 'connect');
      socket.write('{"v":1,"id"');
      socket.destroy();
    }
    await gone(serving);
    expect(codes(await converse(ask({})))).toEqual(['ok']);
  });
});

describe('the typed client', () => {
  const client = async (version = '1.0.0') => {
    const found = await connectDaemon(world(), { version });
    if (found === null) throw new Error('nobody listens');
    return found;
  };

  test('is none where nobody listens: no directory, no socket, or the socket of a dead daemon', async () => {
    expect(await connectDaemon(world(), { version: '1.0.0' })).toBeNull();
    await mkdir(world().paths.runtime, { mode: 0o700 });
    expect(await connectDaemon(world(), { version: '1.0.0' })).toBeNull();
    await writeFile(path(), '');
    expect(await connectDaemon(world(), { version: '1.0.0' })).toBeNull();
  });

  test('gets the result of each of many questions, knows the release, and hears refusals as they were told', async () => {
    await serve();
    const asking = await client();
    const answers = await Promise.all(Array.from({ length: 20 }, () => asking.request('wake', {})));
    expect(answers.map(({ state }) => state)).toEqual(Array.from({ length: 20 }, () => 'WAKE'));
    expect(asking.daemonVersion()).toBe('1.0.0');
    await expect(asking.request('pause', { for_sec: 5 })).rejects.toMatchObject({ code: 'NO', message: 'Not now.', hint: 'Later.' });
    asking.close();
    await expect(asking.request('wake', {})).rejects.toMatchObject({ code: 'DAEMON_GONE' });
  });

  test('does not wait for ever', async () => {
    await serve({ answer: () => new Promise(() => undefined) });
    const asking = await client();
    await expect(asking.request('wake', {}, { deadlineMs: 50 })).rejects.toMatchObject({ code: 'DAEMON_SILENT' });
    asking.close();
  });

  test('is told when the daemon ends before it answers', async () => {
    await mkdir(world().paths.runtime, { mode: 0o700 });
    const fake = createServer((socket) => void socket.once('data', () => socket.destroy())).listen(path());
    const asking = await client();
    await expect(asking.request('wake', {})).rejects.toMatchObject({ code: 'DAEMON_GONE' });
    fake.close();
  });

  test.each<[what: string, line: string, code: string]>([
    ['nonsense', 'HTTP/1.1 200 OK\n', 'DAEMON_REPLY_INVALID'],
    ['a result of another shape', '{"v":1,"version":"1","id":1,"ok":true,"result":{"state":"NAPPING"}}\n', 'DAEMON_REPLY_INVALID'],
    ['a line without end', 'x'.repeat(3 * 1024 * 1024), 'DAEMON_REPLY_INVALID'],
    ['a refusal with escape sequences', '{"v":1,"version":"1","id":1,"ok":false,"error":{"code":"A","message":"\\u001b[31mred"}}\n', 'A'],
  ])('is not fooled by %s', async (_, line, code) => {
    await mkdir(world().paths.runtime, { mode: 0o700 });
    const fake = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(line));
    }).listen(path());
    const asking = await client();
    const failure = await asking.request('wake', {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect((failure as Error).message).not.toContain('\u001b');
    asking.close();
    fake.close();
  });

  test('leaves a mark where nobody listens, and tells whoever does', async () => {
    const asking = { version: '1.0.0', reason: 'task run' };
    expect([await wakeDaemon(world(), asking), await isWakeMarked(world())]).toEqual(['marked', true]);
    await serve();
    expect(await wakeDaemon(world(), asking)).toBe('told');
    await chmod(world().paths.runtime, 0o777);
    expect(await wakeDaemon(world(), asking)).toBe('failed');
    await chmod(world().paths.runtime, 0o700);
  });
});

test.each<[what: string, heard: (socket: Socket) => void]>([
  ['ends before it answers', (socket) => socket.destroy()],
  [
    'is about to end',
    (socket) => socket.write('{"v":1,"version":"1","id":1,"ok":false,"error":{"code":"DAEMON_STOPPING","message":"-"}}\n'),
  ],
])('a mark is left for the next daemon where the one that was told %s', async (_, heard) => {
  await mkdir(world().paths.runtime, { mode: 0o700 });
  const fake = createServer((socket) => void socket.once('data', () => heard(socket))).listen(path());
  expect([await wakeDaemon(world(), { version: '1.0.0' }), await isWakeMarked(world())]).toEqual(['marked', true]);
  fake.close();
});

describe('the place', () => {
  test('is a socket of mode 0600 in a directory of mode 0700, and is gone when the daemon is', async () => {
    const serving = await serve();
    expect([(await lstat(path())).mode & 0o777, (await lstat(join(place, 'run'))).mode & 0o777]).toEqual([0o600, 0o700]);
    await serving.close();
    server = null;
    await expect(lstat(path())).rejects.toThrow('ENOENT');
  });

  test('may have a name longer than a socket address', async () => {
    const deep = join(place, 'd'.repeat(120), 'run');
    const serving = await serve({}, deep);
    const asking = await connectDaemon(world(deep), { version: '1.0.0' });
    expect(await asking?.request('wake', {})).toEqual({ state: 'WAKE' });
    asking?.close();
    await serving.close();
    server = null;
    await expect(lstat(daemonSocketPath({ runtime: deep }))).rejects.toThrow('ENOENT');
  });

  test.each([0o755, 0o770, 0o707, 0o701])('is refused with mode %o, by the daemon and by its clients', async (mode) => {
    await mkdir(join(place, 'run'));
    await chmod(join(place, 'run'), mode);
    await expect(serve()).rejects.toMatchObject({ code: 'DAEMON_DIRECTORY_UNSAFE' });
    await expect(connectDaemon(world(), { version: '1.0.0' })).rejects.toMatchObject({ code: 'DAEMON_DIRECTORY_UNSAFE' });
  });

  test('is refused when it is a link or a file', async () => {
    await mkdir(join(place, 'real'), { mode: 0o700 });
    await symlink(join(place, 'real'), join(place, 'run'));
    await expect(serve()).rejects.toMatchObject({ code: 'DAEMON_DIRECTORY_UNSAFE' });
    await rm(join(place, 'run'));
    await writeFile(join(place, 'run'), '');
    await expect(serve()).rejects.toMatchObject({ code: 'DAEMON_DIRECTORY_UNSAFE' });
  });

  test('E-98: what a dead daemon left there is replaced; a link is refused, and so is a place where somebody listens', async () => {
    await mkdir(join(place, 'run'), { mode: 0o700 });
    await writeFile(path(), 'stale');
    const serving = await serve();
    expect(codes(await converse(ask({})))).toEqual(['ok']);
    await expect(serveDaemon(world(), { version: '1.0.0', answer, onDropped: () => undefined })).rejects.toMatchObject({
      code: 'DAEMON_SOCKET_FAILED',
    });
    expect(codes(await converse(ask({})))).toEqual(['ok']);
    await serving.close();
    await symlink('/etc/passwd', path());
    await expect(serve()).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
    server = null;
  });

  test.each([
    [{}, null],
    [{ LISTEN_FDS: '1' }, null],
    [{ LISTEN_FDS: '1', LISTEN_PID: '43' }, null],
    [{ LISTEN_FDS: '0', LISTEN_PID: '42' }, null],
    [{ LISTEN_FDS: 'foo', LISTEN_PID: '42' }, null],
    [{ LISTEN_FDS: '1', LISTEN_PID: '42x' }, null],
    [{ LISTEN_FDS: '', LISTEN_PID: '' }, null],
    [{ LISTEN_FDS: '1', LISTEN_PID: '42' }, 3],
    [{ LISTEN_FDS: '2', LISTEN_PID: '42' }, 3],
  ])('E-98: %j of process 42 hands in the socket %s', (env, fd) => {
    expect(inheritedSocket(env, 42)).toBe(fd);
  });
});

test('the end is told: what was asked before it is answered', async () => {
  let finish: (() => void) | null = null;
  const serving = await serve({
    answer: async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return { state: 'WAKE' } as const;
    },
  });
  const reply = converse(ask({}));
  await expect.poll(() => finish, { timeout: 20_000 }).not.toBeNull();
  const closing = serving.close();
  (finish as (() => void) | null)?.();
  expect(codes(await reply)).toEqual(['ok']);
  await closing;
  server = null;
});

async function gone(serving: DaemonServer): Promise<void> {
  await expect.poll(() => serving.clients(), { timeout: 20_000 }).toBe(0);
}

/** The number that something comes to rest at. */
async function steady(read: () => number): Promise<number> {
  for (let before = -1; ;) {
    const now = read();
    if (now === before) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
