import type { ProbeChange } from '@terok/lifecycle-daemon';
import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { diskProbe } from './disk-probe.ts';

test('a task that nobody follows is stopped when the disk is almost full, and the daemon is told', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const ctx = await host.engine();
  const id = await startedTask(host, 'first');
  let free = 1024 ** 4;
  const changes: ProbeChange[] = [];
  const stop = new AbortController();
  const clock = {
    ...ctx.clock,
    sleep: () => {
      if (free < 1024) stop.abort();
      free = 5;
      return Promise.resolve();
    },
  };
  await diskProbe({ clock }, () => Promise.resolve({ ...ctx, freeBytes: () => Promise.resolve(free) })).watch?.(
    (change) => changes.push(change),
    stop.signal,
  );
  expect(changes).toEqual([{ kind: 'ended', subject: `task demo/${id}, for want of room on the disk` }]);
  expect(await ctx.runtime.containers({})).toMatchObject([{ state: 'exited' }]);
});
