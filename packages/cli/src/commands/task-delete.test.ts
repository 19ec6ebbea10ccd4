import { taskExists } from '@terok/orchestration';
import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';

test('a task that could not be removed whole is not called deleted, and can be deleted again', async () => {
  const given = await memoryHost({ disk: projectDisk });
  const taskId = await startedTask(given, 'stays');
  const ctx = await given.engine();
  const remove = async (names: readonly string[]) => names.map((name) => ({ name, removed: false, error: 'locked' }));
  const locked = fakeWorld({ ...given, engine: async () => ({ ...ctx, runtime: { ...ctx.runtime, remove } }) });

  expect(await runCli(['task', 'delete', 'demo', taskId, '--yes'], locked)).toBe(1);
  expect(locked.said.stderr()).toContain('locked');
  expect(locked.said.stderr()).toContain(`could not be removed whole`);
  expect(locked.said.stderr()).not.toContain('Deleted');
  expect(await taskExists(ctx, 'demo', taskId)).toBe(true);

  const again = fakeWorld(given);
  expect(await runCli(['task', 'delete', 'demo', taskId, '--yes'], again)).toBe(0);
  expect(again.said.stderr()).toContain(`Deleted demo/${taskId}`);
  expect(await taskExists(ctx, 'demo', taskId)).toBe(false);
});
