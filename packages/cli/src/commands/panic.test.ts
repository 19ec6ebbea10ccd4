import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

test('a panic stops what runs, keeps anything from starting, and is ended by a person', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const taskId = await startedTask(host, 'first');
  expect((await session('panic now', host)).replaceAll(taskId, 'TASKID')).toMatchInlineSnapshot(`
    "$ terok panic now
    --- stderr
    Stopped: demo-run-TASKID
    No task starts until the panic is over. Nothing was removed.
    hint: End it with \`terok panic clear\`.
    => 0
    "
  `);
  expect(await session('panic now', host)).toContain('No container of terok was running.');
  expect(await session('panic clear', host)).toContain('The panic is over');
  expect(await session('panic clear', host)).toContain('There was no panic.');
});

test('a panic that cannot see what runs says so', async () => {
  const host = await memoryHost({ disk: projectDisk });
  host.runtime.failing = true;
  expect(await session('panic now', host)).toMatch(/podman did not say to the end what runs[\s\S]*=> 1\n$/);
});
