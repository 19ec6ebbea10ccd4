import process from 'node:process';
import { expect, test } from 'vitest';
import { commandLine, seconds, StepFailed, Steps } from './steps.mjs';

function recorded({ isTTY = false, env = {} }: { readonly isTTY?: boolean; readonly env?: Record<string, string> } = {}) {
  let text = '';
  const screen = { isTTY, columns: 40, write: (more: string) => (text += more) };
  return {
    steps: new Steps({ cwd: process.cwd(), env: { PATH: process.env['PATH'] ?? '', ...env }, screen }),
    text: () => text.replaceAll(/\d+\.\d s/g, 'N s'),
  };
}

const shell = (script: string) => ({ title: 'Trying', command: 'sh', args: ['-c', script] });

test('a step that works says its name and that it is done', async () => {
  const { steps, text } = recorded();
  await steps.run(shell('echo one; echo two >&2'));
  expect(text()).toBe('  Trying …\n  Trying: done (N s)\n');
});

test('on a terminal one line shows the newest output, and no more than fits', async () => {
  const { steps, text } = recorded({ isTTY: true });
  await steps.run(shell('echo 0123456789012345678901234567890123456789'));
  expect(text()).toBe('  Trying …\r\u001B[2K  Trying … 0123456789012345678901234567\r\u001B[2K  Trying: done (N s)\n');
});

test('a step that fails shows its command and its last lines', async () => {
  const { steps, text } = recorded();
  await expect(steps.run(shell('seq 100; echo broken >&2; exit 3'))).rejects.toThrow(StepFailed);
  await expect(steps.run(shell('printf "a\\rb\\n\\033[31mred\\033[0m"; exit 3'))).rejects.toThrow(
    /^Trying failed with exit code 3:[^]*\$ sh -c [^]*a\n {2}b\n {2}red$/,
  );
  expect(text()).toContain('  Trying: failed (exit 3) (N s)\n');
});

test('no more than the last lines are kept', async () => {
  const { steps } = recorded();
  const { output } = await steps.attempt(shell('seq 500'));
  expect(output.split('\n')).toEqual(Array.from({ length: 400 }, (_, index) => String(index + 101)));
});

test('secrets of the environment do not reach the screen', async () => {
  const { steps } = recorded({ env: { MY_TOKEN: 'hunter22' } });
  await expect(steps.run(shell('echo "$MY_TOKEN"; exit 1'))).rejects.toThrow(/\n {2}\[redacted\]$/);
});

test('a program that is not there is a failure with its name', async () => {
  const { steps } = recorded();
  await expect(steps.run({ title: 'Trying', command: 'no-such-program-here', args: [] })).rejects.toThrow(
    '`no-such-program-here` could not be started',
  );
});

test('what a program prints is read whole, and its talk only when it fails', async () => {
  const { steps } = recorded();
  expect(await steps.read(shell('echo out; echo talk >&2'))).toBe('out\n');
  await expect(steps.read(shell('echo out; echo talk >&2; exit 1'))).rejects.toThrow(/\n {2}talk$/);
});

test('a command is shown so that a shell takes it', () => {
  expect(commandLine({ command: 'terok', args: ['task', 'run', '--prompt', "don't stop", 'a/b@c:1.0'] })).toBe(
    "terok task run --prompt 'don'\\''t stop' a/b@c:1.0",
  );
});

test('durations are short', () => {
  expect([seconds(0), seconds(1_234), seconds(61_000), seconds(600_000)]).toEqual(['0.0 s', '1.2 s', '1 min 1 s', '10 min 0 s']);
});
