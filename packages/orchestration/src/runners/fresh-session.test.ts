import type { RunSpec } from '@terok/executor';
import type { Program } from '@terok/executor/testing';
import { expect, test } from 'vitest';
import { loadTaskMeta } from '../tasks/meta.ts';
import { getTasks } from '../tasks/query.ts';
import { memoryWorld, type MemoryWorld } from '../testing/memory-world.ts';
import { followTask } from './follow-task.ts';
import { sessionLostNotice } from './fresh-session.ts';
import { taskRun } from './run-task.ts';

const said = (stream: 'stdout' | 'stderr', line: string) => ({ stream, bytes: new TextEncoder().encode(`${line}\n`) });
const lost: Program = { output: [said('stderr', 'No conversation found with session ID: x')], exitCode: 1 };
const worked: Program = { output: [said('stdout', '{"type":"result","subtype":"success"}')], exitCode: 0 };

type Meddle = (files: MemoryWorld['files'], prompt: string) => unknown;

/** Runs claude once to its end, then again as told by `second` and `third`. */
async function secondRun(second: Program, third: Program = worked, meddle: Meddle = () => {}) {
  const launches: RunSpec[] = [];
  const programs = [worked, second, third];
  const world = await memoryWorld({
    containers: {
      program: (spec) => {
        launches.push(spec);
        return programs[launches.length - 1] ?? {};
      },
    },
  });
  const { taskId } = await taskRun(world.ctx, 'demo', { prompt: 'first', agent: 'claude', model: 'opus' });
  await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
  await followTask(world.ctx, 'demo', taskId, { write: () => {} });

  await taskRun(world.ctx, 'demo', { prompt: 'second', taskId, timeLimitSeconds: 60 });
  const prompt = `/state/tasks/demo/${taskId}/agent-config/prompt.txt`;
  await meddle(world.files, prompt);
  let log = '';
  const write = ({ bytes }: { readonly bytes: Uint8Array }) => void (log += new TextDecoder().decode(bytes));
  const end = await followTask(world.ctx, 'demo', taskId, { write });
  const { record } = await loadTaskMeta(world.ctx, 'demo', taskId);
  return { ...world, taskId, launches, log, end, record, prompt: world.files.text(prompt) };
}

test('a session that is there is gone on with, by the model that was asked for', async () => {
  const { launches, log, end } = await secondRun(worked);
  expect(end).toMatchObject({ ended: 'agent', exitCode: 0 });
  expect(launches.map(({ command }) => [command.includes('--resume'), command.includes('opus')])).toEqual([
    [false, true],
    [true, true],
  ]);
  expect(log).not.toContain(sessionLostNotice);
});

test('a session that is lost is begun anew with the same prompt, limit and model, once, and the log says so between the two', async () => {
  const { launches, log, end, prompt, record, ctx, files, taskId } = await secondRun(lost);
  expect(end).toMatchObject({ ended: 'agent', exitCode: 0 });
  expect(launches.map(({ command }) => [command.includes('--resume'), command.includes('opus'), command[1]])).toEqual([
    [false, true, '0'],
    [true, true, '60'],
    [false, true, '60'],
  ]);
  expect(prompt).toBe('second');
  expect(log).toBe(`No conversation found with session ID: x\n${sessionLostNotice}{"type":"result","subtype":"success"}\n`);
  expect(record).toMatchObject({ ended: 'agent', exit_code: 0, resumed_session: null, session_id: expect.any(String) as string });
  expect(await getTasks(ctx, 'demo', { live: true })).toMatchObject([{ status: 'completed' }]);
  const logs = files.paths().filter((path) => path.startsWith(`/state/tasks/demo/${taskId}/logs/`));
  expect(logs.map((path) => files.text(path)?.includes('No conversation found'))).toContain(true);
});

test.each<[what: string, second: Program, meddle: Meddle]>([
  ['fails for another reason', { exitCode: 1 }, () => {}],
  ['only talks of a lost session and succeeds', { ...lost, exitCode: 0 }, () => {}],
  ['has another prompt now than it was given', lost, (files, prompt) => files.replace(prompt, 'do something else')],
  ['has a link in the place of its prompt', lost, (files, prompt) => files.link('/config/projects/demo/project.yml', prompt)],
  ['has no prompt any more', lost, (files, prompt) => files.remove(prompt)],
])('a run that %s is not begun again', async (_, second, meddle) => {
  const { launches, log } = await secondRun(second, worked, meddle);
  expect(launches.length).toBe(2);
  expect(log).not.toContain(sessionLostNotice);
});

test('what says again that its session is lost is let be', async () => {
  const { launches, end } = await secondRun(lost, lost);
  expect(launches.length).toBe(3);
  expect(end).toMatchObject({ ended: 'agent', exitCode: 1 });
});
