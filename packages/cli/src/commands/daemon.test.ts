import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

test.each(['sleep', 'pause --for 1h', 'resume', 'keep-awake --for 1h --reason demo', 'release x', 'steps reset', 'stop', 'logs --follow'])(
  'without a daemon `daemon %s` says how to start one',
  async (words) => {
    expect(await session(`daemon ${words}`, await memoryHost())).toMatch(
      /The lifecycle daemon does not run\.\nhint: .*terok daemon start.*\n=> 1\n$/s,
    );
  },
);

test('the status of a daemon that never ran', async () => {
  expect(await session('daemon status', await memoryHost())).toMatchInlineSnapshot(`
    "$ terok daemon status
    --- stdout
    daemon  not running
    --- stderr
    hint: Start it with \`terok daemon start\`, or let systemd do so with \`terok daemon install\`.
    => 1
    "
  `);
});

test('the log of a daemon that never ran is said to be empty, but for programs', async () => {
  expect(await session('daemon logs', await memoryHost())).toMatchInlineSnapshot(`
    "$ terok daemon logs
    --- stderr
    The daemon has said nothing for 1d.
    => 0
    "
  `);
  expect(await session('daemon logs --json', await memoryHost())).toMatchInlineSnapshot(`
    "$ terok daemon logs --json
    => 0
    "
  `);
});

test('to wake nobody leaves a mark for the next daemon', async () => {
  const host = await memoryHost();
  expect(await session('daemon wake', host)).toContain('No daemon runs; a mark waits for the next one.');
  const { files, paths } = await host.host();
  expect(await files.stat(paths.wakeSignal)).not.toBeNull();
});

test('the steps are known without a daemon', async () => {
  expect(await session('daemon steps list', await memoryHost())).toMatchInlineSnapshot(`
    "$ terok daemon steps list
    --- stdout
    #  STEP             DOES                                                                   FAILURES  NOT BEFORE
    1  reconcile-tasks  bring the records of tasks in line with podman
    2  orphans          find containers and folders that no task knows
    3  logs             keep and compress the logs of ended tasks
    4  archive          verify and compress the archives of deleted tasks
    5  images           remove images that no project needs
    6  state-hygiene    sweep temporary files, damaged copies and locks that were left behind
    7  health           look at what terok needs of this host
    => 0
    "
  `);
});

test('a step that does not exist is answered with the nearest', async () => {
  expect(await session('daemon steps run image', await memoryHost())).toMatchInlineSnapshot(`
    "$ terok daemon steps run image
    --- stderr
    error: There is no sleep step \`image\`.
    hint: Did you mean \`images\`?
    => 2
    "
  `);
});

test('a step runs here where no daemon does, and a dry run changes nothing', async () => {
  const host = await memoryHost({ disk: projectDisk });
  expect(await session('daemon steps run state-hygiene --dry-run', host)).toContain('A dry run, nothing was changed: state-hygiene');
});

test('without a daemon the digest is made here and now', async () => {
  const host = await memoryHost({ disk: projectDisk });
  expect(await session('digest', host)).toContain('There is nothing to tell yet.');
  const id = await startedTask(host, 'first');
  await host.runtime.stop(`demo-run-${id}`, { graceSeconds: 0 });
  expect((await session('digest', host)).replaceAll(id, 'TASKID')).toMatchInlineSnapshot(`
    "$ terok digest
    --- stdout
    Since 2025-12-31T12:00:00.000+00:00 (1d): 1 failed
      failed    demo/TASKID  first  (failed, exit 143, 0s)
    Not fetched yet:
      demo/TASKID  first  terok task fetch demo/TASKID
    Nothing was tidied up: nobody was away for long enough.
    => 0
    "
  `);
});
