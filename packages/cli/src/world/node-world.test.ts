import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { nodeWorld, outputTo } from './node-world.ts';

test.each(['EPIPE', 'EIO'])('a reader that is gone (%s) is told once, and writing goes on to nowhere', async (code) => {
  const stream = new PassThrough();
  const output = outputTo(stream);
  let told = 0;
  output.onLost(() => told++);
  stream.emit('error', Object.assign(new Error(code), { code }));
  stream.emit('error', Object.assign(new Error(code), { code }));
  await output.write('more');
  expect({ told, written: stream.read() as unknown }).toEqual({ told: 1, written: null });
});

test('a write that nobody was there to read is told as such before it is done', async () => {
  const output = outputTo(new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EIO' })) }));
  let told = 0;
  output.onLost(() => told++);
  await output.write('text');
  expect(told).toBe(1);
  await new Promise(setImmediate);
  expect(told).toBe(1);
});

test('who asks late learns at once that the reader is gone', () => {
  const stream = new PassThrough();
  const output = outputTo(stream);
  stream.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }));
  let told = false;
  output.onLost(() => (told = true));
  expect(told).toBe(true);
});

test('any other failure of an output is the failure of the write', async () => {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
  });
  await expect(outputTo(stream).write('text')).rejects.toMatchObject({
    code: 'OUTPUT_FAILED',
    message: expect.stringContaining('no space left') as string,
  });
});

test('what is no terminal has no width', () => expect(outputTo(new PassThrough())).toMatchObject({ isTerminal: false }));

test('a file is read in pieces, and its absence is what Node says', async () => {
  const { readFile } = nodeWorld();
  const text = Buffer.concat(await Array.fromAsync(readFile(import.meta.filename))).toString();
  expect(text).toContain('a file is read in pieces');
  await expect(Array.fromAsync(readFile(`${import.meta.filename}.missing`))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a path leads where its links do, and stays as it is where they lead nowhere', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'terok-world-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const [file, link, dangling] = ['file', 'link', 'dangling'].map((name) => join(directory, name)) as [string, string, string];
  await writeFile(file, '');
  await symlink('file', link);
  await symlink('nowhere', dangling);
  const { realPath } = nodeWorld();
  expect(await Promise.all([file, link, dangling].map(realPath))).toEqual([file, file, dangling]);
});

test('a program that runs at the terminal ends as it ends', async () => {
  const { runOnTerminal } = nodeWorld();
  expect(await runOnTerminal({ binary: 'sh', args: ['-c', 'exit 3'], env: { PATH: '/bin:/usr/bin' } })).toEqual({
    kind: 'exited',
    exitCode: 3,
  });
});
