import { expect, test } from 'vitest';
import { memoryHost, projectDisk } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

const archive = '/state/archive/demo/tasks/20260101T120000000_k3v8h_first';
const disk = {
  ...projectDisk,
  [`${archive}/task.json`]: JSON.stringify({ task_id: 'k3v8h', name: 'first', mode: 'run', exit_code: 3 }),
  [`${archive}/work/ignored.txt`]: 'x'.repeat(2048),
  [`${archive}/logs/container.log.gz`]: 'compressed',
};

test('an archive is shown with what it holds', async () => {
  expect(await session('task archive show demo k3v8h', await memoryHost({ disk }))).toMatchInlineSnapshot(`
    "$ terok task archive show demo k3v8h
    --- stdout
    task       demo/k3v8h
    name       first
    archived   20260101T120000000
    exit code  3
    archive    /state/archive/demo/tasks/20260101T120000000_k3v8h_first
    file       logs/container.log.gz (10 B)
    record     task.json (61 B)
    file       work/ignored.txt (2 KiB)
    => 0
    "
  `);
  expect(await session('task archive show demo nothing', await memoryHost({ disk }))).toContain('has no archive `nothing`');
});

test('an interactive task takes no prompt', async () => {
  expect(await session('task run demo --interactive --prompt x', await memoryHost({ disk }))).toMatch(/takes no prompt[\s\S]*=> 2\n$/);
  expect(await session('task run demo --interactive', await memoryHost({ disk }))).toContain('terok is not set up');
});
