/**
 * `terok task run` is killed at every program that it starts: before, beside and after it. Whatever is left then is found, named and
 * can be taken away by the next commands, and nothing of it remains.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { moments, watchedPrograms, type WatchedPrograms } from './watched-programs.ts';

const secret = 'canary-of-a-secret-7d0f';

let installation: Installation;
let programs: WatchedPrograms;
let project: DemoProject;
let owner: string;
/** Of the storage, when nothing is going on. */
let images: string;

beforeAll(async () => {
  const plain = await otherInstallation('killed');
  await shareBase(await sharedInstallation(), plain);
  programs = await watchedPrograms(join(plain.directory, 'watched'));
  // The same podman in every command: another one would be probed first.
  installation = onPath(plain, programs.path);
  await installation.answer(['setup']);
  project = await demoProject(installation, 'killed');
  const secretFile = join(installation.directory, 'secret');
  await writeFile(secretFile, secret, { mode: 0o600 });
  const projectFile = join(installation.configRoot, 'projects/killed/project.yml');
  await writeFile(projectFile, `${await readFile(projectFile, 'utf8')}secrets:\n  CANARY: { file: ${secretFile} }\n`);
  owner = (await readFile(join(installation.stateRoot, 'installation-id'), 'utf8')).trim();
  images = await installation.podman(['images', '--all', '--quiet', '--no-trunc']);
});
afterAll(async () => {
  await programs.killAt(null);
  await project.remove();
  await programs.remove();
});

const onPath = (plain: Installation, path: string): Installation => ({
  ...plain,
  terok: (args, options) => plain.terok(args, { path, ...options }),
  answer: (args, options) => plain.answer(args, { path, ...options }),
  start: (args, options) => plain.start(args, { path, ...options }),
});

const words = () => ['task', 'run', project.id, '--agent', 'shell', '--prompt', 'echo begun >begun; sleep 2'];

type ListedContainer = { readonly Names: readonly string[]; readonly Labels: Readonly<Record<string, string>> };

const containers = async () =>
  JSON.parse(
    await installation.podman(['ps', '--all', `--filter=label=ai.terok.root=${owner}`, '--format=json']),
  ) as readonly ListedContainer[];

/** Files and folders of the project's tasks, and what of the secret lies about. */
async function remains() {
  const { stateRoot } = installation;
  const list = (path: string) => readdir(join(stateRoot, path)).catch(() => []);
  const { stdout: secrets } = await execa('grep', ['--recursive', '--files-with-matches', '--text', '--', secret, stateRoot], {
    reject: false,
  });
  return {
    containers: (await containers()).map(({ Names }) => Names[0]),
    external: (await installation.podman(['ps', '--all', '--external', '--filter=status=unknown', '--quiet'])).trim(),
    images: await installation.podman(['images', '--all', '--quiet', '--no-trunc']),
    records: await list('core/projects/killed/tasks'),
    folders: await list('tasks/killed'),
    secrets,
  };
}

/** Waits for whatever the killed command had started: it is not the command's own any more. */
async function settled(): Promise<void> {
  await eventually(async () => {
    const { stdout } = await execa('pgrep', ['--full', '--', installation.stateRoot], { reject: false });
    return stdout === '' ? true : undefined;
  });
}

/** What a person does who comes back: looks, asks the doctor, and takes everything away. */
async function cleanedUp(): Promise<void> {
  const tasks = await project.tasks();
  const listed = new Set(tasks.map(({ task_id }) => task_id));
  const unnamed = (await containers()).filter(({ Labels }) => !listed.has(Labels['ai.terok.task'] ?? ''));
  expect(unnamed.map(({ Names }) => Names[0])).toEqual([]);
  expect(tasks.filter(({ status }) => ['damaged', 'unknown'].includes(status))).toEqual([]);
  const { exitCode, stdout } = await installation.terok(['doctor', '--json']);
  expect(exitCode, stdout).toBeLessThan(2);
  for (const { task_id } of tasks) await installation.answer(['task', 'delete', project.id, task_id, '--yes']);
  expect(await remains()).toEqual({ containers: [], external: '', images, records: [], folders: [], secrets: '' });
}

const podmanVerbs = new Set([
  'image',
  'images',
  'container',
  'create',
  'start',
  'run',
  'logs',
  'wait',
  'ps',
  'inspect',
  'info',
  'version',
  'exec',
  'rm',
]);

test('a launch starts no program that it need not', async () => {
  await programs.killAt(null);
  const { exitCode, stderr } = await installation.terok(words());
  expect(exitCode, stderr).toBe(0);
  const verbs = (await programs.started()).map(([name = '', ...args]) =>
    `${name} ${args.find((word) => podmanVerbs.has(word)) ?? ''}`.trim(),
  );
  expect(verbs.filter((verb) => verb !== 'git')).toEqual([
    ...['podman image', 'podman create', 'podman start'],
    // It goes on, and is followed to its end.
    ...['podman logs', 'podman container', 'podman wait', 'podman ps'],
  ]);
  expect(verbs.length).toBeLessThanOrEqual(16);
  await cleanedUp();
});

test.each(moments)(
  'killed %s each program of a launch, it leaves nothing that is not found, named and taken away',
  async (moment) => {
    let reached = 0;
    for (let count = 1; ; count++) {
      await programs.killAt({ count, moment });
      const command = await installation.start(words());
      const started = (await programs.started()).length;
      await programs.killAt(null);
      await settled();
      await cleanedUp();
      // The command that ended by itself has started fewer.
      if (command.signal === undefined) break;
      expect(command.signal).toBe('SIGKILL');
      expect(started).toBeGreaterThanOrEqual(count);
      reached = count;
    }
    expect(reached).toBeGreaterThanOrEqual(12);
  },
  900_000,
);
