/** The logs of all runs of a task: what podman has of the last one, and what was captured of those before. */
import { gzipSync } from 'node:zlib';
import { readyLine } from '@terok/executor';
import { describe, expect, test } from 'vitest';
import { taskRestart } from './runners/restart-task.ts';
import { runCli } from './runners/run-cli.ts';
import { taskRun } from './runners/run-task.ts';
import { captureTaskLogs, taskLogFormat, taskLogs, type TaskLogOptions } from './task-logs.ts';
import { archivedLog, taskArchiveLogs } from './tasks/archive.ts';
import { taskDelete } from './tasks/lifecycle.ts';
import { updateTask } from './tasks/meta.ts';
import { taskNew } from './tasks/new-task.ts';
import { reconcileProject } from './tasks/reconcile.ts';
import { taskStatus } from './tasks/status.ts';
import { memoryWorld, outcome, projectFile, type MemoryWorld } from './testing/memory-world.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const order = { prompt: 'echo', agent: 'shell' };

type Ran = MemoryWorld & { readonly id: string; readonly logs: string };

/** A task that ran so often, each time with a log of three lines and another exit code; its containers know a secret. */
async function taskWithRuns(count: number): Promise<Ran> {
  let runs = 0;
  const program = () => {
    runs += 1;
    return {
      output: [
        { stream: 'stdout' as const, bytes: bytes(`run ${runs} begins\nkey /home/user\n`) },
        { stream: 'stderr' as const, bytes: bytes(`run ${runs} ends\n`) },
      ],
      exitCode: runs,
    };
  };
  const world = await memoryWorld({ containers: { program } });
  await world.files.replace(projectFile, 'repository: /repositories/demo\nsecrets: { KEY: { env: HOME } }\n');
  const { taskId: id } = await taskRun(world.ctx, 'demo', order);
  await world.files.remove(`/state/tasks/demo/${id}/workspace/.new-task-marker`);
  for (let run = 2; run <= count; run++) {
    world.clock.advance(5000);
    await taskRun(world.ctx, 'demo', { ...order, taskId: id });
  }
  world.clock.advance(5000);
  await reconcileProject(world.ctx, 'demo');
  return { ...world, id, logs: `/state/tasks/demo/${id}/logs` };
}

async function read({ ctx, id }: Ran, options: TaskLogOptions = {}): Promise<string> {
  const chunks = await Array.fromAsync(taskLogs(ctx, 'demo', id, options));
  return Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString();
}

const logOfRun = (run: number) => `run ${run} begins\nkey <redacted>\nrun ${run} ends\n`;
const remove = ({ runtime }: Ran) => runtime.remove([...runtime.specs.keys()]);

describe('the log of a run', () => {
  test('is that of the last one, and of any other by its number, which the status tells', async () => {
    const task = await taskWithRuns(3);
    expect(await read(task)).toBe(logOfRun(3));
    for (const run of [1, 2, 3]) expect(await read(task, { run })).toBe(logOfRun(run));
    const { runs } = await taskStatus(task.ctx, 'demo', task.id);
    expect(runs.map(({ number, exitCode, ended, mode }) => [number, exitCode, ended, mode])).toEqual([
      [1, 1, 'agent', 'run'],
      [2, 2, 'agent', 'run'],
      [3, 3, 'agent', 'run'],
    ]);
    expect(runs.map(({ finishedAt }) => finishedAt?.toISOString())).toEqual([
      '2026-08-20T12:00:00.000Z',
      '2026-08-20T12:00:05.000Z',
      '2026-08-20T12:00:10.000Z',
    ]);
  });

  test('whose container is gone is the one that was captured of it', async () => {
    const task = await taskWithRuns(2);
    await captureTaskLogs(task.ctx, 'demo', task.id, 'run');
    await remove(task);
    expect([await read(task), await read(task, { run: 1 }), await read(task, { follow: true })]).toEqual([
      logOfRun(2),
      logOfRun(1),
      logOfRun(2),
    ]);
  });

  test('that was captured and then compressed is read all the same, and stays what it is when the task is gone on with', async () => {
    const task = await taskWithRuns(1);
    const path = await captureTaskLogs(task.ctx, 'demo', task.id, 'run');
    await task.files.replace(`${path}.gz`, gzipSync(task.files.text(path ?? '') ?? ''));
    await task.files.remove(path ?? '');
    await remove(task);
    expect(await read(task)).toBe(logOfRun(1));

    await taskRun(task.ctx, 'demo', { ...order, taskId: (await taskStatus(task.ctx, 'demo', task.id)).task.taskId });
    expect([await read(task, { run: 1 }), await read(task, { run: 2 })]).toEqual([logOfRun(1), logOfRun(2)]);
  });

  test('is captured anew where it was compressed and its container is there', async () => {
    const task = await taskWithRuns(1);
    await task.files.replace(`${task.logs}/container.log.gz`, gzipSync('older'));
    await taskRun(task.ctx, 'demo', { ...order, taskId: (await taskStatus(task.ctx, 'demo', task.id)).task.taskId });
    expect(await read(task, { run: 1 })).toBe(logOfRun(1));
    expect((await task.files.list(task.logs)).map(({ name }) => name)).toEqual([expect.stringMatching(/^container-[0-9a-f]{8}\.log$/)]);
  });

  test('is kept where a launch that was to follow came to nothing', async () => {
    const task = await taskWithRuns(1);
    const { taskId } = (await taskStatus(task.ctx, 'demo', task.id)).task;
    const create = () => Promise.reject(new Error('no container can be made'));
    const ctx = { ...task.ctx, runtime: { ...task.runtime, create } };
    await expect(taskRun(ctx, 'demo', { ...order, taskId })).rejects.toThrow('no container');
    expect(task.runtime.specs.size).toBe(0);
    expect(await read(task)).toBe(logOfRun(1));
    expect((await taskStatus(task.ctx, 'demo', task.id)).runs).toMatchObject([{ number: 1, exitCode: 1 }]);
  });

  test.each([
    [0, ''],
    [1, 'run 1 ends\n'],
    [2, 'key <redacted>\nrun 1 ends\n'],
    [9, logOfRun(1)],
  ])('can be cut to its last lines, %i of them', async (tail, expected) => {
    expect(await read(await taskWithRuns(2), { run: 1, tail })).toBe(expected);
  });

  test('that has no end to its last line is cut to lines as well', async () => {
    const task = await taskWithRuns(1);
    await task.files.replace(`${task.logs}/container.log`, '2026-08-20T12:00:00Z one\n2026-08-20T12:00:01Z two');
    await remove(task);
    expect([await read(task, { tail: 0 }), await read(task, { tail: 1 }), await read(task, { tail: 2 })]).toEqual(['', 'two', 'one\ntwo']);
  });

  test('is rid of secrets that were not known when it was captured', async () => {
    const task = await taskWithRuns(1);
    await task.files.replace(`${task.logs}/container.log`, '2026-08-20T12:00:00Z it is /home/user\n');
    await remove(task);
    expect(await read(task)).toBe('it is <redacted>\n');
  });

  test('is not taken for that of a run that is only being launched', async () => {
    const task = await taskWithRuns(1);
    await captureTaskLogs(task.ctx, 'demo', task.id, 'run');
    const { taskId } = (await taskStatus(task.ctx, 'demo', task.id)).task;
    const seen: unknown[] = [];
    const create: typeof task.runtime.create = async (spec) => {
      seen.push(await read(task, { run: 1 }), await read(task).catch((error: unknown) => error));
      await task.runtime.create(spec);
    };
    const processes: typeof task.ctx.processes = {
      ...task.ctx.processes,
      run: async (command) => {
        // The intent is on record, and the container of the run before is there still.
        if (command.binary === '/hook') seen.push(await read(task, { run: 1 }), await read(task).catch((error: unknown) => error));
        return command.binary === '/hook' ? outcome() : task.ctx.processes.run(command);
      },
    };
    await task.files.replace(
      projectFile,
      'repository: /repositories/demo\nhooks: { pre_start: { command: [/hook] } }\nsecrets: { KEY: { env: HOME } }\n',
    );
    await taskRun({ ...task.ctx, processes, runtime: { ...task.runtime, create } }, 'demo', { ...order, taskId });
    const gone = { code: 'LOG_GONE', hint: expect.stringContaining('--run 1') as string };
    expect(seen).toMatchObject([logOfRun(1), { ...gone, hint: expect.any(String) as string }, logOfRun(1), gone]);
    expect([await read(task), await read(task, { run: 1 })]).toEqual([logOfRun(2), logOfRun(1)]);
  });

  test('whose container could not be removed is read from it', async () => {
    const task = await taskWithRuns(1);
    const { taskId } = (await taskStatus(task.ctx, 'demo', task.id)).task;
    const removing: typeof task.runtime.remove = async (names) => names.map((name) => ({ name, removed: false, error: 'locked' }));
    await taskRun({ ...task.ctx, runtime: { ...task.runtime, remove: removing } }, 'demo', { ...order, taskId });
    await task.files.removeTree(task.logs);
    expect([await read(task), await read(task, { run: 1 })]).toEqual([logOfRun(2), logOfRun(1)]);
  });

  test('of a container that was dead is kept before another takes its place', async () => {
    const printed = { output: [{ stream: 'stderr' as const, bytes: bytes(`${readyLine}\n`) }] };
    const world = await memoryWorld({ containers: { program: () => printed } });
    const { taskId, containerName } = await runCli(world.ctx, 'demo');
    let dead = true;
    const runtime: typeof world.runtime = {
      ...world.runtime,
      containers: async (filter) =>
        (await world.runtime.containers(filter))?.map((row) => (dead ? { ...row, state: 'dead' } : row)) ?? null,
      remove: async (names) => {
        dead = false;
        return world.runtime.remove(names);
      },
    };
    const { how } = await taskRestart({ ...world.ctx, runtime }, 'demo', taskId);
    expect([how, world.runtime.specs.has(containerName)]).toEqual(['recreated', true]);
    expect(await read({ ...world, id: taskId, logs: '' }, { run: 1 })).toBe(`${readyLine}\n`);
  });
});

describe('a log that is not to be had', () => {
  test('says which others are', async () => {
    const task = await taskWithRuns(2);
    await remove(task);
    await expect(read(task)).rejects.toMatchObject({ code: 'LOG_GONE', hint: expect.stringContaining('--run 1') as string });
    await expect(read(task, { run: 3 })).rejects.toMatchObject({ code: 'TASK_RUN_UNKNOWN' });
    expect(await read(task, { run: 1 })).toBe(logOfRun(1));
  });

  test('is not guessed at while podman does not answer; an earlier one needs no podman', async () => {
    const task = await taskWithRuns(2);
    task.runtime.failing = true;
    await expect(read(task)).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
    expect(await read(task, { run: 1 })).toBe(logOfRun(1));
  });

  test('of a task that never ran', async () => {
    const world = await memoryWorld();
    const id = await taskNew(world.ctx, 'demo');
    await expect(read({ ...world, id, logs: '' })).rejects.toMatchObject({ code: 'TASK_NEVER_RUN' });
    expect(await taskLogFormat(world.ctx, 'demo', id)).toBe('plain');
  });

  test('because it is damaged, is told as far as it goes', async () => {
    const task = await taskWithRuns(1);
    await remove(task);
    const whole = Array.from({ length: 5000 }, (_, line) => `2026-08-20T12:00:00Z line ${line * 7919}\n`).join('');
    await task.files.replace(`${task.logs}/container.log.gz`, gzipSync(whole).subarray(0, -500));
    let told = '';
    const reading = async () => {
      for await (const chunk of taskLogs(task.ctx, 'demo', task.id)) told += Buffer.from(chunk.bytes).toString();
    };
    await expect(reading()).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect(told.startsWith('line 0\nline 7919\n')).toBe(true);
  });

  test('because something else stands in its place, or its name leads elsewhere', async () => {
    const task = await taskWithRuns(1);
    await remove(task);
    task.files.link('/etc/shadow', `${task.logs}/container.log`);
    await expect(read(task)).rejects.toMatchObject({ code: 'LOG_GONE' });
    await updateTask(task.ctx, 'demo', task.id, { launch_id: '/../../secrets' });
    await task.files.replace(`${task.logs}/container-before.log`, '2026-08-20T12:00:00Z of an old release\n');
    expect(await read(task)).toBe('of an old release\n');
  });
});

test('an archive has the logs of all runs, each under its number', async () => {
  const task = await taskWithRuns(2);
  const { archive } = await taskDelete(task.ctx, 'demo', task.id);
  expect((await task.files.list(`${archive}/logs`)).length).toBe(2);
  const archived = async (run?: number) => {
    const path = await taskArchiveLogs(task.ctx, 'demo', task.id, run === undefined ? {} : { run });
    return path === null ? null : Buffer.concat(await Array.fromAsync(archivedLog(task.ctx, path))).toString();
  };
  const timed = (run: number) => logOfRun(run).replace(/^(?=.)/gm, `2026-08-20T12:00:${String(5 * (run - 1)).padStart(2, '0')}.000Z `);
  expect([await archived(), await archived(1), await archived(2), await archived(3)]).toEqual([timed(2), timed(1), timed(2), null]);
});
