import { taskLabels } from '@terok/executor';
import { runSpec } from '@terok/executor/testing';
import type { ProbeChange } from '@terok/lifecycle-daemon';
import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { containerProbe } from './container-probe.ts';

const never = new AbortController().signal;

test('a task that runs keeps the house awake, one that has ended does not', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const probe = containerProbe(await host.engine());
  expect(await probe.look(never)).toEqual([]);
  const id = await startedTask(host, 'first');
  expect(await probe.look(never)).toEqual([`task demo/${id} is running`]);
  await host.runtime.stop(`demo-run-${id}`, { graceSeconds: 0 });
  expect(await probe.look(never)).toEqual([]);
});

test('when podman does not say what runs, nobody knows', async () => {
  const host = await memoryHost({ disk: projectDisk });
  host.runtime.failing = true;
  await expect(containerProbe(await host.engine()).look(never)).rejects.toMatchObject({ code: 'CONTAINERS_UNKNOWN' });
});

test('the start and the end of a task are told, those of other containers are not', async () => {
  const host = await memoryHost({ disk: projectDisk });
  const ctx = await host.engine();
  const changes: ProbeChange[] = [];
  const stop = new AbortController();
  const watching = containerProbe(ctx).watch?.((change) => changes.push(change), stop.signal);
  const id = await startedTask(host, 'first');
  // What only looks into the workspace, as a sleep step does, is no task's own.
  const looking = { projectId: 'demo', taskId: id, mode: 'once', launchId: 'look' };
  await host.runtime.create(runSpec({ name: `demo-once-${id}`, labels: taskLabels(ctx.installationId, looking) }));
  await host.runtime.start(`demo-once-${id}`);
  expect(await containerProbe(ctx).look(never)).toEqual([`task demo/${id} is running`, `container demo-once-${id} is running`]);
  await host.runtime.stop(`demo-once-${id}`, { graceSeconds: 0 });
  await host.runtime.stop(`demo-run-${id}`, { graceSeconds: 0 });
  await expect.poll(() => changes.length).toBe(2);
  stop.abort();
  await watching;
  expect(changes).toEqual([
    { kind: 'started', subject: `task demo/${id}` },
    { kind: 'ended', subject: `task demo/${id}` },
  ]);
});
