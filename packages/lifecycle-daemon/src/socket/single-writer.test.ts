/** One daemon at a time, on a real disk with real sockets. Several processes at once are tried with whole daemons. */
import { once } from 'node:events';
import { link, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { nodeFiles, systemClock, TerokError } from '@terok/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdSingleWriter, runningDaemon, type WriterHold } from './single-writer.ts';

let place: string;
const held: WriterHold[] = [];
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'terok-writer-'));
});
afterEach(async () => {
  for (const hold of held.splice(0)) await hold.release();
  await rm(place, { recursive: true, force: true });
});

const take = async (lifecycle = join(place, 'lifecycle')) => {
  const hold = await holdSingleWriter({ paths: { lifecycle }, files: nodeFiles, clock: systemClock }, { version: '1.2.3' });
  held.push(hold);
  return hold;
};
const refused = async (): Promise<TerokError> => {
  const error = await take().catch((failure: unknown) => failure);
  if (!(error instanceof TerokError)) throw new Error('it was not refused');
  return error;
};
const socket = () => join(place, 'lifecycle', 'writer.sock');

test('E-42, E-56, E-62: the second is refused at once, and told who the first is; when that lets go, another can', async () => {
  const first = await take();
  const refusal = await refused();
  expect(refusal.code).toBe('DAEMON_RUNNING');
  expect(refusal.message).toContain(`process ${process.pid}, release 1.2.3, since 20`);
  await first.release();
  held.length = 0;
  await take();
});

test('who runs can be asked: nobody, the one that holds, nobody again, and whoever does not say', async () => {
  const asked = () => runningDaemon({ paths: { lifecycle: join(place, 'lifecycle') }, files: nodeFiles });
  expect(await asked()).toBeNull();
  const hold = await take();
  expect(await asked()).toEqual({ pid: process.pid, version: '1.2.3' });
  await hold.release();
  held.length = 0;
  await deadSocket();
  expect(await asked()).toBeNull();
  await rm(socket());
  const mute = createServer((client) => client.on('error', () => undefined).end('x')).listen(socket());
  expect(await asked()).toEqual({ pid: null, version: null });
  mute.close();
});

test('of six at once exactly one is it', async () => {
  const taken = await Promise.allSettled(Array.from({ length: 6 }, () => take()));
  expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each<[what: string, leave: () => Promise<void>]>([
  ['a file', () => writeFile(socket(), '{"pid":1}')],
  ['the socket of a dead process', () => deadSocket()],
])('E-55, E-61: what a dead daemon left, %s, does not keep the next one out', async (_, leave) => {
  await mkdir(join(place, 'lifecycle'), { mode: 0o700 });
  await leave();
  await take();
  await expect(take()).rejects.toMatchObject({ code: 'DAEMON_RUNNING' });
});

test('one that does not say who it is runs all the same', async () => {
  await mkdir(join(place, 'lifecycle'), { mode: 0o700 });
  const mute = createServer((client) => client.on('error', () => undefined)).listen(socket());
  const refusal = await refused();
  expect(refusal.code).toBe('DAEMON_RUNNING');
  expect(refusal.message).toContain('a process that does not say which');
  mute.close();
});

test('what another process says of itself cannot reach the terminal unescaped', async () => {
  await mkdir(join(place, 'lifecycle'), { mode: 0o700 });
  const liar = createServer((client) => {
    client.on('error', () => undefined);
    client.end('{"pid":7,"version":"\\u001b[2J","started_at":"x"}\n');
  }).listen(socket());
  expect((await refused()).message).not.toContain('\u001b');
  liar.close();
});

test('one that talks without end does not keep the daemon from ending', async () => {
  const hold = await take();
  const talker = connect({ path: socket(), allowHalfOpen: true }).on('error', () => undefined);
  await once(talker, 'data');
  const talking = setInterval(() => talker.write('and another thing\n'), 100);
  await hold.release();
  held.length = 0;
  clearInterval(talking);
  talker.destroy();
  expect(await runningDaemon({ paths: { lifecycle: join(place, 'lifecycle') }, files: nodeFiles })).toBeNull();
});

test('a link in its place is refused', async () => {
  await mkdir(join(place, 'lifecycle'), { mode: 0o700 });
  await symlink('/nowhere', socket());
  await expect(take()).rejects.toMatchObject({ code: 'FILE_IS_LINK' });
});

test('the directory may have a name longer than a socket address', async () => {
  const deep = join(place, 'd'.repeat(150), 'lifecycle');
  const first = await take(deep);
  await expect(take(deep)).rejects.toMatchObject({ code: 'DAEMON_RUNNING' });
  await first.release();
  held.length = 0;
  await take(deep);
});

/** A socket file that nobody listens on: closed without the file being taken away, as a killed process leaves it. */
async function deadSocket(): Promise<void> {
  const server = createServer().listen(socket());
  await new Promise((resolve) => server.once('listening', resolve));
  await link(socket(), `${socket()}.kept`);
  await new Promise((resolve) => server.close(resolve));
  await rename(`${socket()}.kept`, socket());
}
