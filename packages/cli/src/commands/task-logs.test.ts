import { updateTask } from '@terok/orchestration';
import { expect, test } from 'vitest';
import { memoryHost, projectDisk, startedTask } from '../testing/memory-host.ts';
import { session } from '../testing/session.ts';

/** A task in its third run; the logs of the two before were kept, the first of them in the words of another agent. */
async function thirdRun() {
  const bytes = new TextEncoder().encode('the third\n');
  const host = await memoryHost({ disk: projectDisk, program: { output: [{ stream: 'stdout', bytes }], exitCode: 0 } });
  const id = await startedTask(host, 'first');
  const ctx = await host.engine();
  const earlier = { mode: 'run', finished_at: '2026-01-01T11:00:00.000+00:00' };
  await updateTask(ctx, 'demo', id, {
    launch_id: 'launch',
    earlier_runs: [
      { ...earlier, run: 1, launch_id: 'aaaaaaaa-0000', agent: 'codex', ended: 'stopped', exit_code: 143 },
      { ...earlier, run: 2, launch_id: 'bbbbbbbb-0000', agent: 'shell', ended: 'agent', exit_code: 7 },
    ],
  });
  const logs = `/state/tasks/demo/${id}/logs`;
  await ctx.files.replace(`${logs}/container-aaaaaaaa.log`, '2026-01-01T10:00:00Z the first\n2026-01-01T10:00:01Z \u001b[31mred\n');
  await ctx.files.replace(`${logs}/container-bbbbbbbb.log`, '2026-01-01T11:00:00Z the second\n');
  return { id, run: async (words: string) => (await session(words.replace('TASK', id), host)).replaceAll(id, 'TASK') };
}

test('the log of any run is printed by its number, the last without one', async () => {
  const { run } = await thirdRun();
  expect(await run('task logs demo TASK')).toBe('$ terok task logs demo TASK\n--- stdout\nthe third\n=> 0\n');
  expect(await run('task logs demo TASK --run 3')).toContain('--- stdout\nthe third\n=> 0');
  expect(await run('task logs demo TASK --run 2')).toContain('--- stdout\nthe second\n=> 0');
  expect(await run('task logs demo TASK --run 1 --tail 1')).toContain('--- stdout\n\u001b[31mred\n=> 0');
  expect(await run('task logs demo TASK --run 4')).toMatchInlineSnapshot(`
    "$ terok task logs demo TASK --run 4
    --- stderr
    error: Task TASK of project demo has no run 4: its last is run 3.
    hint: \`terok task status demo TASK\` lists them.
    => 1
    "
  `);
});

test('the status tells the runs before, and how each ended', async () => {
  const { run } = await thirdRun();
  const status = await run('task status demo TASK');
  expect(status).toMatch(/^run 1 +stopped, exit code 143 \(1h ago\)$/m);
  expect(status).toMatch(/^run 2 +agent, exit code 7 \(1h ago\)$/m);
  expect(status).not.toMatch(/^run 3/m);
  const { runs } = JSON.parse((await run('task status demo TASK --json')).split('--- stdout\n')[1]?.split('=> 0')[0] ?? '') as {
    runs: readonly { run: number; agent: string; exit_code: number | null }[];
  };
  expect(runs.map((each) => [each.run, each.agent, each.exit_code])).toEqual([
    [1, 'codex', 143],
    [2, 'shell', 7],
    [3, 'shell', 0],
  ]);
});
