import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { nodeProcesses } from './node-processes.ts';
import { describeEnd, type Command, type OutputChunk, type ProcessEnd } from './processes.ts';

// Programs are started here, and the machine may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

const shell = (script: string, others: Partial<Command> = {}): Command => ({
  binary: '/bin/sh',
  args: ['-c', script],
  env: { PATH: process.env['PATH'] },
  ...others,
});
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** Field 5 of stat(5) is the process group, field 6 the session; both follow the name in parentheses. */
const groupOf = (pid: number | 'self') => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[2];
const isRunning = (pid: number) => {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
async function gone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && isRunning(pid); attempt++) await sleep(50);
  return !isRunning(pid);
}

test.each<{ what: string; command: Command; end: ProcessEnd }>([
  { what: 'a program that succeeds', command: shell('exit 0'), end: { kind: 'exited', exitCode: 0 } },
  { what: 'a program that fails', command: shell('exit 7'), end: { kind: 'exited', exitCode: 7 } },
  { what: 'a program that a signal ends', command: shell('kill -KILL $$'), end: { kind: 'killed', signal: 'SIGKILL' } },
  { what: 'a program that is not there', command: { ...shell(''), binary: 'no-such-program' }, end: { kind: 'missing' } },
  { what: 'a program in a folder that is not there', command: shell('exit 0', { cwd: '/no/such/folder' }), end: { kind: 'missing' } },
  { what: 'a program that takes too long', command: shell('exec sleep 600', { timeoutMs: 200 }), end: { kind: 'timed_out' } },
  { what: 'a program that is given up', command: shell('exec sleep 600', { signal: AbortSignal.timeout(200) }), end: { kind: 'aborted' } },
  {
    what: 'a program that is given up before',
    command: shell('exec sleep 600', { signal: AbortSignal.abort() }),
    end: { kind: 'aborted' },
  },
])('$what is told apart', async ({ command, end }) => {
  expect((await nodeProcesses.run(command)).end).toEqual(end);
  const opened = nodeProcesses.open(command);
  for await (const _ of opened.output) void _;
  expect(await opened.ended).toEqual(end);
});

test('a program that takes too long is ended with all that it started', async () => {
  const started = 'sleep 600 & echo $!; wait';
  const { end, stdout } = await nodeProcesses.run(shell(started, { timeoutMs: 500 }));
  expect(end).toEqual({ kind: 'timed_out' });
  expect(await gone(Number(text(stdout)))).toBe(true);
});

test('a program that heeds no request is ended all the same', async () => {
  const { end } = await nodeProcesses.run(shell('trap "" TERM; while :; do sleep 0.1; done', { timeoutMs: 300 }));
  expect(end).toEqual({ kind: 'timed_out' });
});

test('output is kept as bytes, each stream on its own', async () => {
  const { stdout, stderr } = await nodeProcesses.run(shell(`printf '\\000\\377a\\n'; printf 'b' >&2`));
  expect([...stdout]).toEqual([0, 255, 97, 10]);
  expect(text(stderr)).toBe('b');
});

test('without input the program reads none', async () => {
  expect(text((await nodeProcesses.run(shell('cat; echo end'))).stdout)).toBe('end\n');
});

test('input may be a text, bytes, or come in pieces', async () => {
  async function* pieces() {
    for (const word of ['one ', 'two']) yield new TextEncoder().encode(word);
  }
  for (const input of ['one two', new TextEncoder().encode('one two'), pieces()])
    expect(text((await nodeProcesses.run(shell('cat', { input }))).stdout)).toBe('one two');
});

test('the environment is the one that was given', async () => {
  const { stdout } = await nodeProcesses.run({ binary: '/usr/bin/env', args: [], env: { A: '1', B: undefined, C: '' } });
  expect(text(stdout).trimEnd().split('\n').toSorted()).toEqual(['A=1', 'C=']);
});

test('a slow reader gets everything, and in the order of each stream', async () => {
  const script = 'i=0; while [ $i -lt 500 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
  const { output, ended } = nodeProcesses.open(shell(script));
  const lines = { stdout: '', stderr: '' };
  for await (const { stream, bytes } of output) {
    await sleep(1);
    lines[stream] += text(bytes);
  }
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  expect(lines).toEqual({ stdout: numbers.map((n) => `out ${n}\n`).join(''), stderr: numbers.map((n) => `err ${n}\n`).join('') });
  expect(await ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test('a reader that never comes holds the program back instead of filling memory', async () => {
  const { output, ended } = nodeProcesses.open(shell('yes | head -c 30000000; echo done >&2'));
  const iterator = output[Symbol.asyncIterator]();
  const first = (await iterator.next()).value as OutputChunk;
  await sleep(300);
  let bytes = first.bytes.length;
  let stderr = '';
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
    if (step.value.stream === 'stdout') bytes += step.value.bytes.length;
    else stderr += text(step.value.bytes);
  }
  expect({ bytes, stderr }).toEqual({ bytes: 30_000_000, stderr: 'done\n' });
  expect(await ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test('who leaves the output early ends the program', async () => {
  const { output, ended } = nodeProcesses.open(shell('echo $$; exec sleep 600'));
  let pid = 0;
  for await (const { bytes } of output) {
    pid = Number(text(bytes));
    break;
  }
  expect(await ended).toEqual({ kind: 'killed', signal: 'SIGTERM' });
  expect(isRunning(pid)).toBe(false);
});

test('a program has a process group of its own: a Ctrl-C at the terminal is ours alone', async () => {
  const { output, ended } = nodeProcesses.open(
    shell('echo $$; read line', {
      input: (async function* () {
        await sleep(300);
        yield new Uint8Array([10]);
      })(),
    }),
  );
  let pid = 0;
  let group = '';
  for await (const { bytes } of output) {
    pid = Number(text(bytes));
    group = groupOf(pid) ?? '';
  }
  expect(group).toBe(String(pid));
  expect(group).not.toBe(groupOf('self'));
  await ended;
});

test.each<{ end: ProcessEnd; words: string }>([
  { end: { kind: 'exited', exitCode: 125 }, words: 'ended with 125' },
  { end: { kind: 'killed', signal: 'SIGTERM' }, words: 'was ended by SIGTERM' },
  { end: { kind: 'missing' }, words: 'could not be started: there is no such program' },
  { end: { kind: 'timed_out' }, words: 'took too long and was ended' },
  { end: { kind: 'aborted' }, words: 'was cancelled' },
  { end: { kind: 'output_too_large' }, words: 'printed more than it may and was ended' },
])('an end of the kind $end.kind is said as “$words”', ({ end, words }) => {
  expect(describeEnd(end)).toBe(words);
});

test.each<{ what: string; command: Command; end: ProcessEnd }>([
  { what: 'that succeeds', command: shell('exit 0'), end: { kind: 'exited', exitCode: 0 } },
  { what: 'that fails', command: shell('exit 7'), end: { kind: 'exited', exitCode: 7 } },
  { what: 'that a signal ends', command: shell('kill -KILL $$'), end: { kind: 'killed', signal: 'SIGKILL' } },
  { what: 'that is not there', command: { ...shell(''), binary: 'no-such-program' }, end: { kind: 'missing' } },
])('a program $what on the caller`s own terminal says so', async ({ command, end }) => {
  expect(await nodeProcesses.runOnTerminal(command)).toEqual(end);
});

test('a program on the terminal has the very streams of its caller, and belongs to the same group, so that keys reach both', async () => {
  const script = `[ "$(readlink /proc/$$/fd/0)" = "$(readlink /proc/${process.pid}/fd/0)" ] || exit 3
    [ "$(readlink /proc/$$/fd/1)" = "$(readlink /proc/${process.pid}/fd/1)" ] || exit 4
    [ "$(cut -d' ' -f5 /proc/$$/stat)" = "${groupOf('self')}" ] || exit 5`;
  expect(await nodeProcesses.runOnTerminal(shell(script))).toEqual({ kind: 'exited', exitCode: 0 });
});
