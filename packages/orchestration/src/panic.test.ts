import { installationLabels } from '@terok/executor';
import { sandboxErrors } from '@terok/sandbox';
import { memoryFiles, PowerCut, reboot } from '@terok/sandbox/testing';
import { describe, expect, test } from 'vitest';
import { projectErrors } from './errors.ts';
import { panicClear, panicNow, panicState, refuseDuringPanic } from './panic.ts';
import { taskRun } from './runners/run-task.ts';
import type { TaskContext } from './task-context.ts';
import { getTasks } from './tasks/query.ts';
import { memoryWorld, projectFile } from './testing/memory-world.ts';

const lock = '/state/core/panic.lock';
const start = (ctx: TaskContext) => taskRun(ctx, 'demo', { prompt: 'x', agent: 'shell' });

describe('a panic', () => {
  test('stops everything of this installation at once, and removes nothing', async () => {
    const { ctx, files, runtime } = await memoryWorld();
    const running = await start(ctx);
    const paused = await start(ctx);
    const ended = await start(ctx);
    runtime.pause(paused.containerName);
    runtime.finish(ended.containerName, 0);
    const spec = runtime.specs.get(running.containerName)!;
    await runtime.create({ ...spec, name: 'theirs', labels: { ...spec.labels, ...installationLabels('f'.repeat(32)) } });
    await runtime.start('theirs');
    const before = files.paths();

    const graces: number[] = [];
    const stop: typeof runtime.stop = async (name, options) => {
      graces.push(options.graceSeconds);
      expect(files.text(lock)).toBe('2026-08-20T12:00:00.000+00:00\n');
      await runtime.stop(name, options);
    };
    expect(await panicNow({ ...ctx, runtime: { ...runtime, stop } })).toEqual({
      stopped: [running.containerName, paused.containerName],
      failed: [],
      unknown: false,
    });
    expect(graces).toEqual([0, 0]);
    expect((await runtime.containers({})) ?? []).toMatchObject([
      { state: 'exited' },
      { state: 'exited' },
      { state: 'exited' },
      { name: 'theirs', state: 'running' },
    ]);
    expect(files.paths()).toEqual([...before, lock].toSorted());
    expect(new Map((await getTasks(ctx, 'demo', { live: true })).map(({ taskId, status }) => [taskId as string, status]))).toEqual(
      new Map([
        [running.taskId as string, 'stopped'],
        [paused.taskId as string, 'stopped'],
        [ended.taskId as string, 'completed'],
      ]),
    );
  });

  test('case 202: needs no record and no project that can be read', async () => {
    const { ctx, files, runtime } = await memoryWorld();
    const { taskId, containerName } = await start(ctx);
    await files.replace(`/state/core/projects/demo/tasks/${taskId}_meta.yml`, '[');
    await files.replace(projectFile, '[');
    expect(await panicNow(ctx)).toMatchObject({ stopped: [containerName], failed: [] });
    expect((await runtime.containers({})) ?? []).toMatchObject([{ state: 'exited' }]);
  });

  test('blocks every launch until it is over, before anything of one is made', async () => {
    const { ctx, files, runtime } = await memoryWorld();
    await panicNow(ctx);
    const before = files.paths();
    await expect(start(ctx)).rejects.toMatchObject({ code: 'PANIC', message: expect.stringContaining('2026-08-20T12:00:00') as string });
    expect(files.paths()).toEqual(before);
    expect(runtime.calls.filter(({ verb }) => verb === 'create')).toEqual([]);

    expect(await panicClear(ctx)).toBe(true);
    expect(await panicClear(ctx)).toBe(false);
    await start(ctx);
  });

  test('catches the launch that had asked just before', async () => {
    const { ctx, runtime, clock } = await memoryWorld();
    const { containerName } = await start(ctx);
    const spec = runtime.specs.get(containerName)!;
    await runtime.remove([containerName]);
    await runtime.create(spec);
    const sleep: typeof clock.sleep = async (ms) => {
      clock.advance(ms);
      if ((await runtime.containers({}))?.[0]?.state === 'created') await runtime.start(containerName);
    };
    expect(await panicNow({ ...ctx, clock: { ...clock, sleep } })).toMatchObject({ stopped: [containerName] });
    expect(await runtime.containers({})).toMatchObject([{ state: 'exited' }]);
  });

  test('stops everything on a full disk too, and says that launches are not blocked', async () => {
    const { ctx, runtime, files } = await memoryWorld();
    await start(ctx);
    const full = (path: string) => Promise.reject(sandboxErrors.FILE_FAILED({ path, attempt: 'write', reason: 'no space left on device' }));
    await expect(panicNow({ ...ctx, files: { ...files, replace: full } })).rejects.toMatchObject({ code: 'FILE_FAILED' });
    expect(await runtime.containers({})).toMatchObject([{ state: 'exited' }]);
  });

  test('does not count as failed what is gone before it could be stopped', async () => {
    const { ctx, runtime } = await memoryWorld();
    const { containerName } = await start(ctx);
    const stop = async () => {
      await runtime.remove([containerName]);
      throw projectErrors.CONTAINERS_UNKNOWN({});
    };
    expect(await panicNow({ ...ctx, runtime: { ...runtime, stop } })).toEqual({ stopped: [], failed: [], unknown: false });
  });

  test('says what it could not stop, and what it could not learn', async () => {
    const { ctx, runtime } = await memoryWorld();
    const { containerName } = await start(ctx);
    const stop = () => Promise.reject(projectErrors.CONTAINERS_UNKNOWN({}));
    expect(await panicNow({ ...ctx, runtime: { ...runtime, stop } })).toMatchObject({
      stopped: [],
      failed: [{ name: containerName, error: expect.stringContaining('podman does not say') as string }],
      unknown: false,
    });
    runtime.failing = true;
    expect(await panicNow(ctx)).toEqual({ stopped: [], failed: [], unknown: true });
    runtime.failing = false;
    expect(await panicNow(ctx)).toMatchObject({ stopped: [containerName], failed: [] });
  });

  test('keeps the moment it began when it is declared again', async () => {
    const { ctx, clock } = await memoryWorld();
    await panicNow(ctx);
    clock.advance(60_000);
    await panicNow(ctx);
    expect(await panicState(ctx)).toEqual({ kind: 'panic', since: new Date('2026-08-20T12:00:00.000Z') });
  });

  test.each(['', 'yesterday', '\u0000', 'x'.repeat(5000)])(
    'is on when its file says %j: what cannot be read does not let tasks start',
    async (text) => {
      const { ctx, files } = await memoryWorld();
      await files.replace(lock, text);
      expect(await panicState(ctx)).toEqual({ kind: 'panic', since: null });
      await expect(refuseDuringPanic(ctx)).rejects.toMatchObject({ code: 'PANIC' });
    },
  );

  test('is on or not begun, wherever the power is cut, and can be declared again', async () => {
    const uncut = await memoryWorld();
    await start(uncut.ctx);
    const before = uncut.files.steps();
    await panicNow(uncut.ctx);
    const steps = uncut.files.steps() - before;
    expect(steps).toBeGreaterThan(5);

    for (let cutAt = 0; cutAt < steps; cutAt++) {
      const { ctx, files, runtime } = await memoryWorld();
      await start(ctx);
      const disk = memoryFiles(files, { cutAt });
      await expect(panicNow({ ...ctx, files: disk })).rejects.toThrow(PowerCut);
      const again = { ...ctx, files: reboot(disk) };
      expect(await panicNow(again)).toMatchObject({ failed: [], unknown: false });
      expect((await panicState(again)).kind).toBe('panic');
      expect(await runtime.containers({})).toMatchObject([{ state: 'exited' }]);
    }
  });
});
