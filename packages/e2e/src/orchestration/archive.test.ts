/** Archives, the emergency brake and storage, on real podman: by the library, over tasks that the command has run. */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveFetch, panicClear, panicNow, storageUsage, taskFindings, taskRestore, type TaskContext } from '@terok/orchestration';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { libraryContext } from './library.ts';
import { archiveOf } from './remains.ts';

let installation: Installation;
let project: DemoProject;
let ctx: TaskContext;
beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'archive');
  ctx = (await libraryContext(installation)).ctx;
});
afterAll(() => project.remove());

/** Runs a script in a task of its own, and answers the task and what it printed. */
async function ran(script: string): Promise<{ readonly id: string; readonly stdout: string }> {
  const before = new Set((await project.tasks()).map(({ task_id }) => task_id));
  const { stdout, stderr, exitCode } = await project.run(`set -e\n${script}`);
  expect(exitCode, stdout + stderr).toBe(0);
  const id = (await project.tasks()).find(({ task_id }) => !before.has(task_id))?.task_id ?? '';
  return { id, stdout };
}

const workspaceOf = (id: string): string => join(installation.stateRoot, 'tasks', project.id, id, 'workspace');
const listing = `find . -name .git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum; find . -name .git -prune -o -type l -printf '%p -> %l\\n' | sort; git for-each-ref refs/heads; git log --format=%H; git status --porcelain | sort`;

test('an archived task is a task again: its files, commits, branches and index, even those it had git ignore, and its home', async () => {
  const { id, stdout } = await ran(`
    printf 'a\\r\\nb' > crlf; git add .; git commit -qm one; git checkout -qb idea; echo two > two; git add two; git commit -qm two
    echo staged > staged; git add staged; echo changed > file; rm crlf; ln -s file link; printf '#!/bin/sh\\n' > run; chmod +x run
    head -c 100000 /dev/urandom > binary; mkdir -p deep/er; echo kept > $'deep/er/new\\nline'; echo '*' > .gitignore
    mkdir -p ~/.agent/sessions; echo kept-session > ~/.agent/sessions/one.jsonl
    ${listing}`);
  await installation.answer(['task', 'delete', project.id, id]);
  const archive = await archiveOf(installation, project.id, id);
  expect(await readFile(join(archive, 'home.tar'), 'latin1')).toContain('kept-session');

  const { taskId, filled, archiveDir } = await taskRestore(ctx, project.id, id);
  expect({ filled, archiveDir }).toEqual({ filled: true, archiveDir: archive });
  const found = await execa('bash', ['-c', listing], { cwd: workspaceOf(taskId), env: safeDirectory });
  expect(found.stdout.split('\n')).toEqual(stdout.trimEnd().split('\n'));

  // It can be gone on with, and what it was restored from stays.
  const again = await project.run(
    'test -x run && cat two ~/.agent/sessions/one.jsonl && echo more | tee more ~/.agent/more',
    '--task',
    taskId,
  );
  expect(again, again.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('two\nkept-session\nmore') as string });
  expect((await readdir(archive)).toSorted()).toEqual(['home.tar', 'logs', 'task.json', 'work']);
  await installation.answer(['task', 'delete', project.id, taskId]);
});

/** The workspace belongs to the container's user. */
const safeDirectory = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };

test('an archived task becomes a branch, and leaves no task behind', async () => {
  const { id } = await ran('echo one > one; git add one; git commit -qm one; echo two > two');
  await installation.answer(['task', 'delete', project.id, id]);
  const before = await project.tasks();
  const fetched = await archiveFetch(ctx, project.id, id);
  expect(fetched).toMatchObject({ branch: `terok/${id}`, commits: 2, uncommittedIncluded: true });
  expect(await project.git('show', `terok/${id}:one`)).toBe('one');
  expect(await project.git('show', `terok/${id}:two`)).toBe('two');
  expect(await project.tasks()).toEqual(before);
});

test('an archived task comes back where the project has rewritten its history since', async () => {
  const { id } = await ran('echo one > one; git add one; git commit -qm one; echo two > two');
  await installation.answer(['task', 'delete', project.id, id]);
  await project.git('commit', '--quiet', '--amend', '--message=rewritten');
  const { id: later } = await ran('true'); // the mirror follows
  const { taskId } = await taskRestore(ctx, project.id, id);
  const restored = await Promise.all(['one', 'two'].map((name) => readFile(join(workspaceOf(taskId), name), 'utf8')));
  expect(restored).toEqual(['one\n', 'two\n']);
  for (const task of [taskId, later]) await installation.answer(['task', 'delete', project.id, task]);
});

test('what was kept whole comes back whole', async () => {
  const { id } = await ran('echo kept > new; mv .git .real; ln -s .real .git');
  await installation.answer(['task', 'delete', project.id, id]);
  const { taskId } = await taskRestore(ctx, project.id, id);
  expect(await readFile(join(workspaceOf(taskId), 'new'), 'utf8')).toBe('kept\n');
  expect((await readdir(workspaceOf(taskId))).toSorted()).toEqual(['.git', '.real', 'file', 'new']);
  await installation.answer(['task', 'delete', project.id, taskId]);
});

test('an archive is its owner`s alone to read', async () => {
  const { id } = await ran('echo one > one; git add one; git commit -qm one; echo two > two; echo x > ~/note');
  await installation.answer(['task', 'delete', project.id, id]);
  const archive = await archiveOf(installation, project.id, id);
  const { stdout } = await execa('find', [archive, '-printf', '%y%m %P\\n']);
  const modes = stdout.split('\n');
  expect(modes.length).toBeGreaterThan(5);
  expect(modes.filter((line) => !/^(?:d700|f600) /.test(line))).toEqual([]);
});

test('a panic ends what runs and lets nothing start; nothing is lost, and then all is as before', async () => {
  const { id } = await ran('echo before > file');
  const running = project.run('echo work > file; sleep 600');
  const started = await project.running();
  const result = await panicNow(ctx);
  expect(result).toMatchObject({ stopped: [expect.stringContaining(started.task_id) as string], failed: [], unknown: false });
  await running;

  const refused = await project.run('true');
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/emergency brake[^]*terok panic clear/);
  expect(new Map((await project.tasks()).map(({ task_id, status }) => [task_id, status]))).toEqual(
    new Map([
      [id, 'completed'],
      [started.task_id, 'stopped'],
    ]),
  );
  expect(await readFile(join(workspaceOf(started.task_id), 'file'), 'utf8')).toBe('work\n');
  expect(await panicClear(ctx)).toBe(true);
  await ran('true');
});

test('what each task takes is measured, and records, containers and folders agree', async () => {
  const { id } = await ran(
    'head -c 3000000 /dev/urandom > large; head -c 2000000 /dev/urandom > ~/large; head -c 1000000 /dev/urandom > /tmp/layer',
  );
  const { projects, images, incomplete } = await storageUsage(ctx);
  expect(incomplete).toEqual([]);
  const own = projects.find(({ projectId }) => projectId === project.id);
  const task = own?.tasks.find(({ taskId }) => taskId === id);
  expect(task?.workspaceBytes).toBeGreaterThanOrEqual(3_000_000);
  expect(task?.homeBytes).toBeGreaterThanOrEqual(2_000_000);
  expect(task?.containerBytes).not.toBeNull();
  expect(own?.mirrorBytes).toBeGreaterThan(0);
  expect(own?.archiveBytes).toBeGreaterThan(0);
  expect(images?.totalBytes).toBeGreaterThan(0);
  expect((await stat(join(installation.stateRoot, 'archive', project.id))).mode & 0o777).toBe(0o700);
  expect((await taskFindings(ctx)).filter(({ finding }) => finding.includes(project.id))).toEqual([]);
});
