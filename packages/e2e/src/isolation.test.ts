import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from './demo-project.ts';
import type { Installation } from './installation.ts';
import { shareBase } from './share-base.ts';
import { otherInstallation, sharedInstallation } from './world.ts';

type Side = { readonly installation: Installation; readonly project: DemoProject };
let ours: Side;
let theirs: Side;

beforeAll(async () => {
  const [mine, other] = [await sharedInstallation(), await otherInstallation('other')];
  await shareBase(mine, other);
  await other.answer(['setup']);
  ours = { installation: mine, project: await demoProject(mine, 'same') };
  theirs = { installation: other, project: await demoProject(other, 'same') };
});
afterAll(async () => {
  await ours.project.remove();
  await theirs.project.remove();
});

const running = ({ installation, project }: Side, id: string) =>
  installation.podman(['ps', '--quiet', `--filter=name=^${project.id}-run-${id}$`]);

test('a task of one is neither listed, stopped nor deleted by the other', async () => {
  const id = (await ours.project.run('sleep 600', '--detach')).stdout.trim();
  await ours.project.running();

  expect(await theirs.project.tasks()).toEqual([]);
  for (const verb of [['status'], ['stop'], ['logs'], ['diff'], ['delete', '--force']]) {
    const { exitCode, stderr } = await theirs.installation.terok(['task', ...verb, theirs.project.id, id]);
    expect(exitCode, `${verb.join(' ')}: ${stderr}`).toBe(1);
  }
  expect(await running(ours, id)).not.toBe('');
});

type Image = { readonly Names?: readonly string[]; readonly Labels?: Readonly<Record<string, string>> | null };

test('everything of one carries its own id, and neither has an image of the other', async () => {
  const images = JSON.parse(await ours.installation.podman(['images', '--format=json'])) as readonly Image[];
  const namesOf = async ({ installation }: Side) => {
    const id = (await readFile(join(installation.stateRoot, 'installation-id'), 'utf8')).trim();
    return images.filter(({ Labels }) => Labels?.['ai.terok.root'] === id).flatMap(({ Names }) => Names ?? []);
  };
  const [mine, other] = [await namesOf(ours), await namesOf(theirs)];

  expect(mine.length).toBeGreaterThanOrEqual(3);
  expect(other.length).toBeGreaterThanOrEqual(3);
  expect(mine.filter((name) => other.includes(name))).toEqual([]);
  const nobodys = images.filter(({ Labels }) => Labels?.['ai.terok.root'] === undefined).flatMap(({ Names }) => Names ?? []);
  expect(nobodys.filter((name) => name.startsWith('localhost/terok/'))).toEqual([]);
});

test('a container of somebody else with a name that is wanted is left alone, and the task gets another', async () => {
  const id = (await ours.installation.answer(['task', 'new', ours.project.id])).trim();
  const name = `${ours.project.id}-run-${id}`;
  const [image] = (await ours.installation.podman(['images', '--quiet'])).split('\n');
  await ours.installation.podman(['create', `--name=${name}`, '--network=none', image ?? '', '/bin/true']);
  try {
    const { exitCode, stdout } = await ours.project.run('echo mine; exit 3', '--task', id);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('mine');
    await ours.installation.answer(['task', 'delete', ours.project.id, id]);
    expect(await ours.installation.podman(['ps', '--all', `--filter=name=^${name}`, '--format={{.Names}} {{.Status}}'])).toBe(
      `${name} Created`,
    );
  } finally {
    await ours.installation.podman(['rm', '--force', '--time=0', name]);
  }
});
