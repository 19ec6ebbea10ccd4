import { executorErrors, readyLine } from '@terok/executor';
import { memoryRuntime, type Program } from '@terok/executor/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTaskRecord } from '../tasks/meta.ts';
import { taskNew } from '../tasks/new-task.ts';
import { reconcileTask } from '../tasks/reconcile.ts';
import { memoryWorld } from '../testing/memory-world.ts';
import { followTask, waitForContainerExit } from './follow-task.ts';
import { taskRun } from './run-task.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const chunk = (stream: 'stdout' | 'stderr', text: string) => ({ stream, bytes: bytes(text) });

async function launched(program: Program) {
  const world = await memoryWorld({ containers: { program: () => program } });
  const { taskId, containerName } = await taskRun(world.ctx, 'demo', { prompt: 'echo', agent: 'shell' });
  await world.files.remove(`/state/tasks/demo/${taskId}/workspace/.new-task-marker`);
  const record = async () => {
    const read = await readTaskRecord(world.ctx, 'demo', taskId);
    return read.kind === 'read' ? read.record : {};
  };
  return { ...world, taskId, containerName, record };
}

const ignore = () => {};

describe('following', () => {
  test('hands on every byte of both streams in order, and records the end', async () => {
    const { ctx, taskId, record } = await launched({
      output: [chunk('stdout', 'a\n'), chunk('stderr', 'b\n'), chunk('stdout', 'c')],
      exitCode: 7,
    });
    const seen: string[] = [];
    const end = await followTask(ctx, 'demo', taskId, {
      write: ({ stream, bytes: part }) => void seen.push(`${stream} ${new TextDecoder().decode(part)}`),
    });
    expect(seen).toEqual(['stdout a\n', 'stderr b\n', 'stdout c']);
    expect(end).toEqual({ ended: 'agent', exitCode: 7, error: null });
    expect(await record()).toMatchObject({ exit_code: 7, ended: 'agent' });
  });

  test('goes on where the log broke, and records the end all the same', async () => {
    const { ctx, taskId, record } = await launched({
      output: [chunk('stdout', 'a\n'), chunk('stderr', 'b\n'), chunk('stdout', 'a\n'), chunk('stdout', 'c\n')],
      exitCode: 7,
    });
    let readings = 0;
    async function* logs(...words: Parameters<typeof ctx.runtime.logs>): ReturnType<typeof ctx.runtime.logs> {
      readings += 1;
      let left = readings;
      for await (const part of ctx.runtime.logs(...words)) {
        if (left-- === 0) throw executorErrors.PODMAN_FAILED({ verb: 'logs', how: 'was killed', stderr: '' });
        yield part;
      }
    }
    const seen: string[] = [];
    const write = ({ bytes: part }: { readonly bytes: Uint8Array }) => void seen.push(new TextDecoder().decode(part));
    const end = await followTask({ ...ctx, runtime: { ...ctx.runtime, logs } }, 'demo', taskId, { write });
    expect(seen).toEqual(['a\n', 'b\n', 'a\n', 'c\n']);
    expect(readings).toBe(4);
    expect(end).toMatchObject({ ended: 'agent', exitCode: 7 });
    expect(await record()).toMatchObject({ exit_code: 7, ended: 'agent' });
  });

  test('sees the line that the workspace is ready, wherever it is cut, and only on standard error and as a line', async () => {
    const text = `>> on main\n${readyLine}\nmore\n`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 6 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const output = at.slice(1).map((end, index) => chunk('stderr', text.slice(at[index], end)));
        const { ctx, taskId, record, clock } = await launched({ output });
        clock.advance(1000);
        const controller = new AbortController();
        const followed = followTask(ctx, 'demo', taskId, { write: ignore, signal: controller.signal });
        setImmediate(() => controller.abort(new Error('enough')));
        await expect(followed).rejects.toThrow('enough');
        expect(await record()).toMatchObject({ ready_at: '2026-08-20T12:00:01.000+00:00' });
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['on standard output', [chunk('stdout', `${readyLine}\n`)]],
    ['without its end', [chunk('stderr', readyLine)]],
    ['as a part of a line', [chunk('stderr', `x${readyLine}\n`)]],
    ['after a line longer than it', [chunk('stderr', 'x'.repeat(1000)), chunk('stderr', `${readyLine}\n`)]],
  ])('does not take it for that %s', async (_, output) => {
    const { ctx, taskId, record } = await launched({ output });
    const controller = new AbortController();
    const followed = followTask(ctx, 'demo', taskId, { write: ignore, signal: controller.signal });
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(followed).rejects.toThrow('enough');
    expect(await record()).not.toHaveProperty('ready_at');
  });

  test('that is called off leaves the task running and records nothing', async () => {
    const { ctx, taskId, record, runtime, containerName } = await launched({});
    const controller = new AbortController();
    const before = await record();
    const followed = followTask(ctx, 'demo', taskId, { write: ignore, signal: controller.signal });
    setImmediate(() => controller.abort(new Error('terminal lost')));
    await expect(followed).rejects.toThrow('terminal lost');
    expect(await record()).toEqual(before);
    expect((await runtime.containers({}))?.map(({ name, state }) => [name, state])).toEqual([[containerName, 'running']]);
  });

  test('knows the exit code while podman does not list the container, and leaves the rest to a later look', async () => {
    const { ctx, taskId, runtime, record } = await launched({ exitCode: 3 });
    runtime.failing = true;
    expect(await followTask(ctx, 'demo', taskId, { write: ignore })).toEqual({ ended: 'agent', exitCode: 3, error: null });
    expect(await record()).toMatchObject({ exit_code: 3, ended: null });
    runtime.failing = false;
    expect(await reconcileTask(ctx, 'demo', taskId)).toBe(true);
    expect(await record()).toMatchObject({ exit_code: 3, ended: 'agent', finished_at: '2026-08-20T12:00:00.000+00:00' });
  });

  test('does not invent an end that cannot be learned', async () => {
    const { ctx, taskId, record } = await launched({ exitCode: 3 });
    const runtime = { ...ctx.runtime, wait: async () => ({ kind: 'failed' as const, reason: 'podman wait printed "x"' }) };
    expect(await followTask({ ...ctx, runtime }, 'demo', taskId, { write: ignore })).toMatchObject({
      ended: 'terok_error',
      exitCode: null,
    });
    expect(await record()).toMatchObject({ exit_code: null, ended: null });
  });

  test('a task that was never run is refused', async () => {
    const { ctx } = await memoryWorld();
    await expect(followTask(ctx, 'demo', await taskNew(ctx, 'demo'), { write: ignore })).rejects.toMatchObject({ code: 'TASK_NEVER_RUN' });
  });
});

describe('waiting for a container', () => {
  test.each([0, 1, 124, 255])('answers with its exit code %i and records it', async (exitCode) => {
    const { ctx, taskId, containerName, record } = await launched({ exitCode });
    expect(await waitForContainerExit(ctx, containerName, 'demo', taskId)).toEqual({ exitCode, error: null });
    expect(await record()).toMatchObject({ exit_code: exitCode, ended: 'agent' });
  });

  test('whose record is asked for while podman does not list it records the code all the same', async () => {
    const { ctx, taskId, containerName, record, runtime } = await launched({ exitCode: 9 });
    runtime.failing = true;
    expect(await waitForContainerExit(ctx, containerName, 'demo', taskId)).toEqual({ exitCode: 9, error: null });
    expect(await record()).toMatchObject({ exit_code: 9 });
  });

  test.each([
    ['timed_out', 'Watcher timed out'],
    ['aborted', 'The wait was cancelled'],
    ['never_started', 'The container was never started'],
    ['gone', 'The container is gone'],
  ] as const)('that ends as %s says so and records nothing', async (kind, error) => {
    const { ctx, taskId, containerName, record } = await launched({});
    const before = await record();
    const runtime = { ...memoryRuntime({ now: () => new Date(0) }), wait: async () => ({ kind }) };
    expect(await waitForContainerExit({ ...ctx, runtime }, containerName, 'demo', taskId)).toEqual({ exitCode: null, error });
    expect(await record()).toEqual(before);
  });

  test('hands on why it could not be had', async () => {
    const { ctx, taskId, containerName } = await launched({});
    const runtime = { ...ctx.runtime, wait: async () => ({ kind: 'failed' as const, reason: 'podman wait printed "x"' }) };
    expect(await waitForContainerExit({ ...ctx, runtime }, containerName, 'demo', taskId)).toEqual({
      exitCode: null,
      error: 'podman wait printed "x"',
    });
  });

  test('has its limit in seconds', async () => {
    const { ctx, taskId, containerName } = await launched({});
    const limits: unknown[] = [];
    const runtime = {
      ...ctx.runtime,
      wait: async (_: string, options: unknown) => {
        limits.push(options);
        return { kind: 'timed_out' as const };
      },
    };
    await waitForContainerExit({ ...ctx, runtime }, containerName, 'demo', taskId);
    await waitForContainerExit({ ...ctx, runtime }, containerName, 'demo', taskId, { timeoutSeconds: 3 });
    expect(limits).toEqual([{ timeoutMs: 7_200_000 }, { timeoutMs: 3000 }]);
  });
});
