import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { executorErrors, type OutputChunk } from '@terok/executor';
import {
  captureTaskLogs,
  followTask,
  getTasks,
  loadTaskMeta,
  reconcileProject,
  taskFetch,
  taskLogs,
  taskRun,
  taskStatus,
} from '@terok/orchestration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../demo-project.ts';
import { libraryProject, removeProject, scratch, type LibraryProject } from './library.ts';

let project: LibraryProject;
beforeAll(async () => {
  project = await libraryProject('runners');
});
afterAll(() => removeProject(project));

/** podman's own word, asked without any code of ours: nothing on the way could have recorded anything. */
const podmanState = async (container: string): Promise<string> =>
  project.installation.podman(['inspect', '--format={{.State.Status}}', '--', container]);
const ended = (container: string) => eventually(async () => ((await podmanState(container)) === 'exited' ? true : undefined));

test('the time limit ends a task of which nobody of ours is left, and how it ended is recorded by the next look', async () => {
  const { ctx, installation } = project;
  const started = installation.start(['task', 'run', 'runners', '--agent', 'shell', '--time-limit', '3', '--prompt', 'sleep 600']);
  const { task_id: taskId } = await project.demo.running();
  if (started.pid === undefined) throw new Error('terok was not started');
  process.kill(started.pid, 'SIGKILL');
  await started;

  await ended(`runners-run-${taskId}`);
  expect((await loadTaskMeta(ctx, 'runners', taskId)).record).toMatchObject({ ended: null, exit_code: null });
  expect(await reconcileProject(ctx, 'runners')).toContain(taskId);
  expect((await loadTaskMeta(ctx, 'runners', taskId)).record).toMatchObject({
    ended: 'time_limit',
    exit_code: 124,
    finished_at: expect.any(String) as string,
  });
  expect(await getTasks(ctx, 'runners', { live: true })).toContainEqual(expect.objectContaining({ taskId, status: 'timed_out' }));
});

test('a program that does not listen is ended all the same', async () => {
  const { ctx } = project;
  const { taskId, containerName } = await taskRun(ctx, 'runners', {
    agent: 'shell',
    prompt: "trap '' TERM INT HUP; while true; do sleep 1; done",
    timeLimitSeconds: 2,
  });
  await ended(containerName);
  expect((await taskStatus(ctx, 'runners', taskId)).ended).toBe('time_limit');
});

test.each([0, 7])('an exit code of %i that nobody waited for is recorded by the next look', async (exitCode) => {
  const { ctx, installation } = project;
  const started = installation.start(['task', 'run', 'runners', '--agent', 'shell', '--prompt', `sleep 3; exit ${exitCode}`]);
  const { task_id: taskId } = await project.demo.running();
  if (started.pid === undefined) throw new Error('terok was not started');
  process.kill(started.pid, 'SIGKILL');
  await started;
  await ended(`runners-run-${taskId}`);
  const { ended: how, task } = await taskStatus(ctx, 'runners', taskId);
  expect([how, task.exitCode, task.status]).toEqual(['agent', exitCode, exitCode === 0 ? 'completed' : 'failed']);
});

test('a task whose disk is almost full is stopped, and it is said why', async () => {
  const { ctx } = project;
  const { taskId } = await taskRun(ctx, 'runners', { agent: 'shell', prompt: 'echo begun; sleep 600' });
  const full = { ...ctx, freeBytes: async () => 1000 };
  const end = await followTask(full, 'runners', taskId, { write: () => {}, diskCheckMs: 200 });
  expect(end).toMatchObject({ ended: 'stopped', error: 'terok stopped the task: its disk was almost full.' });
  expect(await getTasks(ctx, 'runners', { live: true })).toContainEqual(expect.objectContaining({ taskId, status: 'stopped' }));
});

async function text(chunks: AsyncIterable<OutputChunk>): Promise<Record<OutputChunk['stream'], string>> {
  const all = { stdout: '', stderr: '' };
  for await (const { stream, bytes } of chunks) all[stream] += Buffer.from(bytes).toString('latin1');
  return all;
}

test('the log of an earlier run is told as it was printed, whatever its lines are made of, when its container is gone', async () => {
  const { ctx, installation } = project;
  const { taskId } = await taskRun(ctx, 'runners', {
    agent: 'shell',
    prompt: `for round in 1 2 3; do
      head -c 70000 /dev/zero | tr '\\0' $round; echo " out $round"; head -c 30000 /dev/zero | tr '\\0' e >&2; echo " err $round" >&2
      printf 'part '; sleep 0.3; echo "whole $round"
    done; exit 3`,
  });
  await followTask(ctx, 'runners', taskId, { write: () => {} });
  const live = await text(taskLogs(ctx, 'runners', taskId));
  expect(live.stdout).toMatch(/^1{70000} out 1\npart whole 1$/m);

  await taskRun(ctx, 'runners', { agent: 'shell', prompt: 'echo again', taskId });
  expect(await followTask(ctx, 'runners', taskId, { write: () => {} })).toMatchObject({ exitCode: 0 });
  const kept = await text(taskLogs(ctx, 'runners', taskId, { run: 1 }));
  expect(kept.stderr).toBe('');
  const linesOf = (log: string) => log.split('\n').toSorted().join('\n');
  expect(linesOf(kept.stdout) === linesOf(`${live.stdout}${live.stderr}`)).toBe(true);
  const printed = await installation.answer(['task', 'logs', 'runners', taskId, '--run', '1']);
  expect(`${printed}\n` === kept.stdout).toBe(true);
  expect((await taskStatus(ctx, 'runners', taskId)).runs.map(({ number, exitCode }) => [number, exitCode])).toEqual([
    [1, 3],
    [2, 0],
  ]);

  await installation.podman(['rm', `runners-run-${taskId}`]);
  await expect(text(taskLogs(ctx, 'runners', taskId))).rejects.toMatchObject({ code: 'LOG_GONE' });
});

test('a log that breaks while it is followed is told whole and once', async () => {
  const { ctx } = project;
  const { taskId } = await taskRun(ctx, 'runners', {
    agent: 'shell',
    prompt: `for round in 1 2 3 4 5 6; do
      seq 1 200; printf 'part '; sleep 0.2; printf 'whole\\n'; date +'at %Y-%m-%dT%H:%M:%S.%N+00:00 sharp'; echo "err $round" >&2; sleep 0.3
    done; printf 'no end'`,
  });
  let readings = 0;
  async function* logs(...words: Parameters<typeof ctx.runtime.logs>): ReturnType<typeof ctx.runtime.logs> {
    let left = readings++ < 4 ? 4 : Infinity;
    for await (const chunk of ctx.runtime.logs(...words)) {
      if (left-- === 0) throw executorErrors.PODMAN_FAILED({ verb: 'logs', how: 'was killed', stderr: '' });
      yield chunk;
    }
  }
  const followed = await text(taskLogs({ ...ctx, runtime: { ...ctx.runtime, logs } }, 'runners', taskId, { follow: true }));
  expect(readings).toBe(5);
  expect(followed).toEqual(await text(taskLogs(ctx, 'runners', taskId)));
  expect(followed.stdout).toMatch(/^part whole\nat \d{4}-.*sharp$/m);
  expect(followed.stdout).toMatch(/no end$/);
});

test('a secret for another agent does not reach the container, and no log shows one that does', async () => {
  const { ctx, configure } = project;
  const file = join(await scratch(project), 'secret');
  await writeFile(file, 'hunter2-and-more\n');
  await configure(`secrets:\n  MINE: { file: ${file}, agents: [shell] }\n  OTHERS: { file: ${file}, agents: [claude] }\n`);
  const { taskId } = await taskRun(ctx, 'runners', {
    agent: 'shell',
    prompt:
      'echo "mine $MINE others ${OTHERS-unset}"; printf "%s" "${MINE:0:7}"; sleep 1; printf "%s\\n" "${MINE:7}"; echo "err $MINE" >&2',
  });
  let followed = '';
  await followTask(ctx, 'runners', taskId, { write: ({ bytes }) => void (followed += new TextDecoder().decode(bytes)) });
  let read = '';
  for await (const { bytes } of taskLogs(ctx, 'runners', taskId)) read += new TextDecoder().decode(bytes);
  const captured = await readFile((await captureTaskLogs(ctx, 'runners', taskId, 'run')) ?? '', 'utf8');
  for (const log of [followed, read, captured]) {
    expect(log).toContain('mine <redacted> others unset');
    expect(log).toContain('err <redacted>');
    expect(log).not.toMatch(/hunter2/);
  }
  expect((await taskStatus(ctx, 'runners', taskId)).relaxations).toContain('secrets: MINE');
  await configure('');
});

test.each([
  ['agent-human', 'agent', 'Ann <ann@example.org>'],
  ['human-agent', 'Ann <ann@example.org>', 'agent'],
  ['human', 'Ann <ann@example.org>', 'Ann <ann@example.org>'],
  ['agent', 'agent', 'agent'],
])('with %s commits are by %s, committed by %s', async (authorship, author, committer) => {
  const { ctx, configure, demo } = project;
  await configure(`git: { author_name: Ann, author_email: ann@example.org, authorship: ${authorship} }\n`);
  const { taskId } = await taskRun(ctx, 'runners', { agent: 'shell', prompt: 'echo x > new; git add new; git commit -qm new' });
  expect(await followTask(ctx, 'runners', taskId, { write: () => {} })).toMatchObject({ exitCode: 0 });
  const { branch } = await taskFetch(ctx, 'runners', taskId);
  const [wrote, committed] = (await demo.git('log', '-1', '--format=%an <%ae>%n%cn <%ce>', branch)).split('\n');
  const isAnn = (who: string | undefined) => (who === 'Ann <ann@example.org>' ? who : 'agent');
  expect([isAnn(wrote), isAnn(committed)]).toEqual([author, committer]);
  await configure('');
});
