import { chmod, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from './demo-project.ts';
import type { Installation } from './installation.ts';
import { otherInstallation, sharedInstallation } from './world.ts';

let installation: Installation;
let project: DemoProject;
beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'bad-input');
});
afterAll(() => project.remove());

/** A PATH with just these programs, and `podman` as the script says where one is given. */
async function pathWith(programs: readonly string[], podman?: string): Promise<string> {
  const directory = await mkdtemp(join(installation.directory, 'path-'));
  for (const program of programs) await symlink((await execa('which', [program])).stdout, join(directory, program));
  if (podman !== undefined) {
    await writeFile(join(directory, 'podman'), podman);
    await chmod(join(directory, 'podman'), 0o755);
  }
  return directory;
}

type Case = { readonly typed: readonly string[]; readonly exitCode: number; readonly says: RegExp; readonly hint: RegExp };

async function expectRefusal(
  { typed, exitCode, says, hint }: Case,
  options: { readonly path?: string; readonly where?: Installation } = {},
): Promise<void> {
  const before = await project.tasks();
  const session = await (options.where ?? installation).terok(typed, options.path === undefined ? {} : { path: options.path });
  expect(session.stderr).toMatch(says);
  expect(session.stderr).toMatch(hint);
  expect(session.exitCode).toBe(exitCode);
  expect(session.stdout).toBe('');
  expect(await project.tasks()).toEqual(before);
}

const refusals: readonly Case[] = [
  { typed: ['task', 'run', 'bad-inptu', '--prompt', 'x'], exitCode: 1, says: /no project `bad-inptu`/, hint: /hint: .*`bad-input`/ },
  { typed: ['task', 'status', 'bad-input', 'g9'], exitCode: 1, says: /No tasks? (matching|found)/, hint: /hint: / },
  { typed: ['task', 'status', 'bad-input', '!!'], exitCode: 2, says: /Invalid task ID/, hint: /k3v8h/ },
  { typed: ['task', 'run', 'bad-input', '--prompt-file', '/nowhere/prompt'], exitCode: 2, says: /no prompt file/, hint: /hint: / },
  { typed: ['task', 'run', 'bad-input'], exitCode: 2, says: /What should the agent do/, hint: /--prompt-file/ },
  { typed: ['task', 'run', 'bad-input', '--prompt', '   '], exitCode: 2, says: /prompt is empty/, hint: /hint: / },
  { typed: ['task', 'run', 'bad-input', '--agent', 'shel', '--prompt', 'x'], exitCode: 2, says: /no agent `shel`/, hint: /shell/ },
  { typed: ['task', 'run', 'bad-input', '--branch', 'nope', '--prompt', 'x'], exitCode: 1, says: /no branch `nope`/, hint: /main/ },
  { typed: ['task', 'run', 'bad-input', '--agnet', 'shell'], exitCode: 2, says: /no flag `--agnet`/, hint: /--agent/ },
  { typed: ['taks', 'list'], exitCode: 2, says: /no command `taks`/, hint: /task/ },
  { typed: ['project', 'add', 'other', '/nowhere/repository'], exitCode: 1, says: /cannot be read/, hint: /git ls-remote/ },
  { typed: ['project', 'add', 'other', 'https://localhost:1/x.git'], exitCode: 1, says: /cannot be read/, hint: /git ls-remote/ },
  { typed: ['project', 'add', 'Not A Name', '.'], exitCode: 2, says: /no project name/, hint: /lowercase/ },
  { typed: ['project', 'add', 'bad-input', '.'], exitCode: 1, says: /is there already/, hint: /project show/ },
];
test.each(refusals.map((wrong) => ({ ...wrong, line: wrong.typed.join(' ') })))(
  '`terok $line` is refused with $exitCode and what to do',
  async (wrong) => {
    await expectRefusal(wrong);
  },
);

test('without podman every verb that needs it says so and how to get it, with 5', async () => {
  const path = await pathWith(['git', 'sh']);
  await expectRefusal({ typed: ['setup'], exitCode: 5, says: /podman is not installed/, hint: /apt-get install podman/ }, { path });
  await expectRefusal(
    { typed: ['task', 'run', project.id, '--prompt', 'x'], exitCode: 5, says: /podman is not installed/, hint: /apt-get install podman/ },
    { path },
  );
});

test('a podman that is too old is named with its version', async () => {
  const path = await pathWith(['git', 'sh'], '#!/bin/sh\necho 4.2.0\n');
  await expectRefusal({ typed: ['setup'], exitCode: 5, says: /4\.2\.0/, hint: /podman/ }, { path });
});

test('without git a project cannot be added, and it says how to get it', async () => {
  const path = await pathWith(['sh', 'podman']);
  await expectRefusal(
    { typed: ['project', 'add', 'other', '.'], exitCode: 5, says: /git is not installed/, hint: /apt-get install git/ },
    { path },
  );
});

test('a machine that was never set up starts nothing and names the one command, with 3', async () => {
  const where = await otherInstallation('never-set-up');
  await expectRefusal({ typed: ['task', 'run', 'any', '--prompt', 'x'], exitCode: 3, says: /not set up/, hint: /terok setup/ }, { where });
});

test('a stamp of a newer terok is a refusal with 4, unless it is allowed', async () => {
  const where = await otherInstallation('downgraded');
  await mkdir(where.stateRoot, { recursive: true });
  await writeFile(
    join(where.stateRoot, 'setup.stamp'),
    JSON.stringify({ completed_at: '2026-01-01T00:00:00+00:00', packages: { terok: '99.0.0' }, version: 1 }),
  );
  await expectRefusal(
    { typed: ['task', 'run', 'any', '--prompt', 'x'], exitCode: 4, says: /99\.0\.0/, hint: /--allow-downgrade|terok setup/ },
    { where },
  );
  const allowed = await where.terok(['task', 'run', 'any', '--prompt', 'x', '--allow-downgrade']);
  expect(allowed.exitCode).toBe(1);
  expect(allowed.stderr).toContain('no project `any`');
});

test('a repository that went away is said, and its last known state is used', async () => {
  const gone = await demoProject(installation, 'gone-away');
  try {
    expect((await gone.run('exit 0')).exitCode).toBe(0);
    await execa('mv', [gone.repository, `${gone.repository}.away`]);
    const { exitCode, stderr } = await gone.run('cat file');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('cannot be reached, its last known state is used');
  } finally {
    await execa('mv', [`${gone.repository}.away`, gone.repository]);
    await gone.remove();
  }
});

test('a disk with less room than asked for starts no task', async () => {
  const cramped = await otherInstallation('cramped');
  await writeFile(join(cramped.configRoot, 'config.yml'), 'limits:\n  disk_free_min: 900t\n');
  await mkdir(cramped.stateRoot, { recursive: true });
  await execa('cp', [
    ...['setup.stamp', 'engine-profile.json', 'seccomp.json'].map((name) => join(installation.stateRoot, name)),
    cramped.stateRoot,
  ]);
  await cramped.answer(['project', 'add', 'small', project.repository]);
  await expectRefusal(
    { typed: ['task', 'run', 'small', '--prompt', 'x'], exitCode: 1, says: /bytes free/, hint: /Free some space/ },
    { where: cramped },
  );
});
