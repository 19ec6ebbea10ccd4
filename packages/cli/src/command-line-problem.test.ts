import { expect, test } from 'vitest';
import { commandLineProblem } from './command-line-problem.ts';

test.each([
  'setup --no-images',
  'task run demo --prompt-file - --time-limit 30m',
  'run demo --prompt x',
  'task status demo/k3v8h --json',
  'task status demo k3v8h',
  'project add demo /src/demo --network open',
  'task --help',
  '--version',
])('`terok %s` would be taken', async (line) => {
  expect(await commandLineProblem(line.split(' '))).toBeNull();
});

test.each([
  ['setpu', 'no command'],
  ['task strat demo', 'no command'],
  ['task', 'names no command'],
  ['task run demo --promt x', '--prompt'],
  ['task run demo --time-limit soon', 'time'],
  ['task diff demo k3 --against main', 'base, HEAD, PREV'],
  ['task run demo --prompt', 'value'],
  ['project add demo', 'REPOSITORY'],
  ['task status demo', 'PROJECT/TASK'],
  ['task run --prompt x', 'PROJECT'],
  ['task stop demo k3 now', 'too many'],
  ['setup --constructor', '--constructor'],
])('`terok %s` would not', async (line, reason) => {
  expect(await commandLineProblem(line.split(' '))).toContain(reason);
});
