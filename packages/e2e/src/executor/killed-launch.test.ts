/**
 * `terok task run` is killed at every program that it starts: before, beside and after it. Whatever is left then is found, named and
 * can be taken away by the next commands, and nothing of it remains.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { moments, watchedPrograms, type Moment, type WatchedPrograms } from './watched-programs.ts';

const secret = 'canary-of-a-secret-7d0f';

/** A launch starts as many programs, or more. */
const programsMin = 12;
/** As many counts of each moment are tried at the same time, and what is left of all of them is looked at together. */
const atOnce = 4;

/** For one of the launches that go on at the same time: none knows of another's mirror, and each has a count of its own. */
type Lane = { readonly moment: Moment; readonly project: DemoProject; readonly programs: WatchedPrograms };

let installation: Installation;
let lanes: readonly Lane[];
let owner: string;
/** Of the storage, when nothing is going on. */
let images: string;

beforeAll(async () => {
  const plain = await otherInstallation('killed');
  await shareBase(await sharedInstallation(), plain);
  const names = moments.flatMap((moment) => Array.from({ length: atOnce }, (_, index) => ({ moment, name: `${moment}-${index}` })));
  const doors = await watchedPrograms(
    join(plain.directory, 'watched'),
    names.map(({ name }) => name),
  );
  // The same podman in every command: another one would be probed first.
  installation = onPath(plain, doors[0]!.path);
  await installation.answer(['setup']);
  const secretFile = join(installation.directory, 'secret');
  await writeFile(secretFile, secret, { mode: 0o600 });
  lanes = await Promise.all(
    names.map(async ({ moment, name }, index) => {
      const project = await demoProject(installation, name);
      const projectFile = join(installation.configRoot, 'projects', name, 'project.yml');
      await writeFile(projectFile, `${await readFile(projectFile, 'utf8')}secrets:\n  CANARY: { file: ${secretFile} }\n`);
      return { moment, project, programs: doors[index]! };
    }),
  );
  owner = (await readFile(join(installation.stateRoot, 'installation-id'), 'utf8')).trim();
  images = await installation.podman(['images', '--all', '--quiet', '--no-trunc']);
});

const onPath = (plain: Installation, path: string): Installation => ({
  ...plain,
  terok: (args, options) => plain.terok(args, { path, ...options }),
  answer: (args, options) => plain.answer(args, { path, ...options }),
  start: (args, options) => plain.start(args, { path, ...options }),
});

const launch = ({ project, programs }: Lane) =>
  installation.start(['task', 'run', project.id, '--agent', 'shell', '--prompt', 'echo begun >begun; sleep 2'], { path: programs.path });

type ListedContainer = { readonly Names: readonly string[]; readonly Labels: Readonly<Record<string, string>> };

const containers = async () =>
  JSON.parse(
    await installation.podman(['ps', '--all', `--filter=label=ai.terok.root=${owner}`, '--format=json']),
  ) as readonly ListedContainer[];

/** Files and folders of the projects' tasks, and what of the secret lies about. */
async function remains() {
  const { stateRoot } = installation;
  const list = async (of: (project: string) => string) =>
    (await Promise.all(lanes.map(({ project }) => readdir(join(stateRoot, of(project.id))).catch(() => [])))).flat();
  const { stdout: secrets } = await execa('grep', ['--recursive', '--files-with-matches', '--text', '--', secret, stateRoot], {
    reject: false,
  });
  return {
    containers: (await containers()).map(({ Names }) => Names[0]),
    external: (await installation.podman(['ps', '--all', '--external', '--filter=status=unknown', '--quiet'])).trim(),
    images: await installation.podman(['images', '--all', '--quiet', '--no-trunc']),
    records: await list((project) => `core/projects/${project}/tasks`),
    folders: await list((project) => `tasks/${project}`),
    secrets,
  };
}

/** Waits for whatever the killed commands had started: it is not their own any more. */
async function settled(): Promise<void> {
  await eventually(async () => {
    const { stdout } = await execa('pgrep', ['--full', '--', installation.stateRoot], { reject: false });
    return stdout === '' ? true : undefined;
  });
}

/** What a person does who comes back: looks, asks the doctor, and takes everything away. */
async function cleanedUp(those: readonly Lane[]): Promise<void> {
  const found = await Promise.all(those.map(async ({ project }) => ({ project, tasks: await project.tasks() })));
  const tasks = found.flatMap((each) => each.tasks);
  const listed = new Set(tasks.map(({ task_id }) => task_id));
  const unnamed = (await containers()).filter(({ Labels }) => !listed.has(Labels['ai.terok.task'] ?? ''));
  expect(unnamed.map(({ Names }) => Names[0])).toEqual([]);
  expect(tasks.filter(({ status }) => ['damaged', 'unknown'].includes(status))).toEqual([]);
  const { exitCode, stdout } = await installation.terok(['doctor', '--json']);
  expect(exitCode, stdout).toBeLessThan(2);
  await Promise.all(
    found.flatMap(({ project, tasks: left }) =>
      left.map(({ task_id }) => installation.answer(['task', 'delete', project.id, task_id, '--yes'])),
    ),
  );
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
  const [lane] = lanes as readonly [Lane];
  await lane.programs.killAt(null);
  const { exitCode, stderr } = await launch(lane);
  expect(exitCode, stderr).toBe(0);
  const verbs = (await lane.programs.started()).map(([name = '', ...args]) =>
    `${name} ${args.find((word) => podmanVerbs.has(word)) ?? ''}`.trim(),
  );
  expect(verbs.filter((verb) => verb !== 'git')).toEqual([
    ...['podman image', 'podman create', 'podman start'],
    // It goes on, and is followed to its end.
    ...['podman logs', 'podman container', 'podman wait', 'podman ps'],
  ]);
  expect(verbs.length).toBeLessThanOrEqual(16);
  await cleanedUp([lane]);
});

test(
  'killed before, beside or after each program of a launch, it leaves nothing that is not found, named and taken away',
  { timeout: 900_000 },
  async () => {
    // Only a launch that has started all of its programs ends by itself.
    const whole: { readonly moment: Moment; readonly count: number }[] = [];
    let going: readonly Moment[] = moments;
    for (let first = 1; going.length > 0;) {
      const width = Math.max(1, Math.min(atOnce, programsMin - first + 1));
      const used = going.flatMap((moment) => lanes.filter((lane) => lane.moment === moment).slice(0, width));
      const counted = used.map((lane, index) => ({ ...lane, count: first + (index % width) }));
      const killed = await Promise.all(counted.map(launchKilled));
      await settled();
      await cleanedUp(used);
      first += width;
      whole.push(...counted.flatMap(({ moment, count }, index) => (killed[index] === true ? [] : [{ moment, count }])));
      going = going.filter((moment) => !whole.some((launched) => launched.moment === moment));
    }
    expect(whole.filter(({ count }) => count <= programsMin)).toEqual([]);
  },
);

/** Whether there was a program with this count, and the launch came to its end there. */
async function launchKilled({ count, ...lane }: Lane & { readonly count: number }): Promise<boolean> {
  await lane.programs.killAt({ count, moment: lane.moment });
  const { signal } = await launch(lane);
  const started = (await lane.programs.started()).length;
  await lane.programs.killAt(null);
  if (signal === undefined) return false;
  expect(signal).toBe('SIGKILL');
  expect(started).toBeGreaterThanOrEqual(count);
  return true;
}
