import { expect, test } from 'vitest';
import { invocationIn } from '../invocation.ts';
import { fakeWorld } from '../testing/fake-world.ts';
import { fakeDaemon } from '../testing/node-fake-daemon.ts';
import { askDaemonIfThere } from './ask-daemon.ts';

const ask = (daemon: Parameters<Parameters<typeof askDaemonIfThere>[1]>[0]) => daemon.request('shutdown', {});

test('a daemon that asks for it is replaced; where that fails, the answer is there all the same, and the person is told', async () => {
  await using daemon = await fakeDaemon({ replace: true });
  const world = fakeWorld({ host: () => Promise.resolve(daemon.host) });
  expect(await askDaemonIfThere(invocationIn({ ...world, ownCommand: ['/nonexistent/node', '/bin/terok'] }), ask)).toEqual({ of: {} });
  expect(world.said.stderr()).toMatch(
    /^warning: The lifecycle daemon of an older release ends, .*\/nonexistent\/node.*\nhint: .*terok daemon start/,
  );
});

test('one that somebody else starts again is left to them', async () => {
  await using daemon = await fakeDaemon();
  const world = fakeWorld({ host: () => Promise.resolve(daemon.host) });
  expect(await askDaemonIfThere(invocationIn(world), ask)).toEqual({ of: {} });
  expect(await daemon.host.files.stat(daemon.host.paths.lifecycle)).toBeNull();
});
