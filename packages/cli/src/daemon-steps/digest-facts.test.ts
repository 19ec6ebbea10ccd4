import { Digest } from '@terok/lifecycle-daemon';
import { agentConfigDir, getTasks, taskNew, taskStatuses, updateTask, type TaskMeta } from '@terok/orchestration';
import { expect, test } from 'vitest';
import { hours, launchedTask, tidyHouse } from '../testing/tidy-house.ts';
import { digestFacts, outcomeOf } from './digest-facts.ts';

const until = new Date('2026-01-01T18:00:00.000Z');
const period = { since: new Date('2026-01-01T06:00:00.000Z'), until };

test('how a task stands is what a person is told of it, for every status there is', async () => {
  const house = await tidyHouse();
  await taskNew(house.ctx, 'demo', {});
  const [task] = await getTasks(house.ctx, 'demo');
  if (task === undefined) throw new Error('the task was made');
  const told = (fields: Partial<TaskMeta>) => outcomeOf({ ...task, finishedAt: new Date('2026-01-01T12:00:00.000Z'), ...fields }, period);
  expect(Object.fromEntries(taskStatuses.map((status) => [status, told({ status })]))).toEqual({
    created: null,
    starting: 'running',
    init: 'running',
    running: 'running',
    paused: 'waiting',
    completed: 'finished',
    failed: 'failed',
    stopped: 'finished',
    interrupted: 'finished',
    timed_out: 'failed',
    'not found': null,
    deleting: null,
    damaged: null,
    unknown: null,
  });
  expect(told({ status: 'running', workStatus: 'blocked' })).toBe('waiting');
  expect(told({ status: 'completed', finishedAt: period.since })).toBeNull();
  expect(told({ status: 'completed', finishedAt: until })).toBe('finished');
  expect(told({ status: 'failed', finishedAt: new Date(until.getTime() + 1) })).toBeNull();
  expect(told({ status: 'failed', finishedAt: null })).toBeNull();
});

test('tasks are told by what podman says of them, with durations, and nothing of theirs commands a terminal', async () => {
  const house = await tidyHouse();
  const running = await launchedTask(house, 'running');
  const failed = await launchedTask(house, 'failed');
  await taskNew(house.ctx, 'demo', { name: 'never-run' });
  const said = 'status: blocked\nmessage: "\\e[2Jwhich database?"\n';
  await house.files.replace(`${await agentConfigDir(house.ctx, 'demo', running)}/work-status.yml`, said);
  house.clock.advance(hours(2));
  house.runtime.finish(`demo-run-${failed}`, 7);

  const { tasks, unmerged } = await digestFacts(house.ctx, period);
  expect(new Map(tasks.map(({ task, ...facts }) => [task, facts]))).toMatchObject(
    new Map([
      [running, { outcome: 'waiting', exit_code: null, duration_sec: null, message: 'which database?' }],
      [failed, { outcome: 'failed', status: 'failed', exit_code: 7, duration_sec: 7200 }],
    ]),
  );
  expect(tasks).toHaveLength(2);
  expect(unmerged).toEqual([{ project: 'demo', task: failed, name: 'failed', branch: null, fix: `terok task fetch demo/${failed}` }]);
  expect(Digest.shape.tasks.shape.items.safeParse(tasks).success).toBe(true);
});

test.each([
  ['is told with the branch that it is in', 1, 1],
  ['is not told once that is merged', 0, 0],
])('work that was fetched %s', async (_, isAncestorExitCode, told) => {
  const house = await tidyHouse();
  const task = await launchedTask(house, 'fetched');
  house.runtime.finish(`demo-run-${task}`, 0);
  await updateTask(house.ctx, 'demo', task, { fetched_branch: `terok/${task}`, fetched_tip: 'a'.repeat(40) });
  const { processes } = house.ctx;
  const run: typeof processes.run = async (command) => {
    const outcome = await processes.run(command);
    return command.args.includes('--is-ancestor') ? { ...outcome, end: { kind: 'exited', exitCode: isAncestorExitCode } } : outcome;
  };
  const { unmerged } = await digestFacts({ ...house.ctx, processes: { ...processes, run } }, period);
  expect(unmerged.map(({ branch, fix }) => [branch, fix])).toEqual(
    Array.from({ length: told }, () => [`terok/${task}`, `git merge terok/${task}`]),
  );
});

test('work of which nobody can say whether it is merged is told', async () => {
  const house = await tidyHouse();
  const task = await launchedTask(house, 'fetched');
  house.runtime.finish(`demo-run-${task}`, 0);
  await updateTask(house.ctx, 'demo', task, { fetched_branch: `terok/${task}`, fetched_tip: 'a'.repeat(40) });
  await house.files.replace('/config/projects/demo/project.yml', 'repository: [');
  expect((await digestFacts(house.ctx, period)).unmerged).toMatchObject([{ task, branch: `terok/${task}` }]);
});

test('nothing is told while podman does not answer', async () => {
  const house = await tidyHouse();
  await launchedTask(house, 'running');
  house.runtime.failing = true;
  await expect(digestFacts(house.ctx, period)).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
});
