/** How images are built on real podman: a project's own layer, what fails, what is killed, and what needs no network. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { randomUUID } from 'node:crypto';
import { ensureAgentImage, listImages, readImageCleanup, type ExecutorContext } from '@terok/executor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepPackages, restorePackages } from '../agents/package-cache.ts';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { shareBase } from '../share-base.ts';
import { otherInstallation, sharedInstallation } from '../world.ts';
import { contextOf } from './engine.ts';

let installation: Installation;
let project: DemoProject;
let ctx: ExecutorContext;
beforeAll(async () => {
  installation = await otherInstallation('images-build');
  await shareBase(await sharedInstallation(), installation);
  await installation.answer(['setup']);
  project = await demoProject(installation, 'layers');
  ctx = await contextOf(installation);
});
afterAll(() => project.remove());

const snippet = (...lines: readonly string[]) =>
  writeFile(
    join(installation.configRoot, 'projects', project.id, 'project.yml'),
    `repository: ${project.repository}\nimage:\n  snippet: |\n${lines.map((line) => `    ${line}\n`).join('')}`,
  );
const build = (...flags: readonly string[]) => installation.terok(['image', 'build', project.id, ...flags]);

type Listed = {
  readonly layer: string;
  readonly image_id: string;
  readonly names: readonly string[];
  readonly freshness: string;
  readonly needed_by: readonly string[];
};
const listed = async () =>
  (JSON.parse(await installation.answer(['image', 'list', '--json'])) as { readonly images: readonly Listed[] }).images;
const ofLayer = async (layer: string) => (await listed()).filter((image) => image.layer === layer && image.names.length > 0);

/** What builds of this installation have left in podman and on the disk. */
async function left(): Promise<readonly string[]> {
  const short = ctx.installationId.slice(0, 8);
  const containers = await installation.podman(['ps', '--all', '--external', `--filter=name=^from-${short}-`, '--format={{.Names}}']);
  const names = await installation.podman([
    'images',
    '--format={{.Repository}}',
    `--filter=reference=localhost/terok/${short}/from-${short}`,
  ]);
  const folders = await readdir(join(installation.stateRoot, 'images/building'));
  return [...containers.split('\n'), ...names.split('\n'), ...folders].filter((line) => line !== '');
}

test('a project’s own lines are built as root with the host’s authorities, and its tasks run in them as dev', async () => {
  await snippet(
    '# what this project needs',
    `RUN test "$(id -un)" = root && test -s "$SSL_CERT_FILE" && ls /etc/apt/apt.conf.d | grep -q terok && \\`,
    '    echo made >/opt/mark',
    'ENV MARK=set',
    'USER root',
  );
  const { exitCode, stdout, stderr } = await project.run(
    'id -un; cat /opt/mark; echo "$MARK ${SSL_CERT_FILE:-untold}"; ls /etc/apt/apt.conf.d | grep -c terok',
  );
  expect(exitCode, stderr).toBe(1);
  expect(stdout).toContain('dev\nmade\nset untold\n0');
  expect(stderr).toMatch(/building localhost\/terok\/[0-9a-f]{8}\/l2:/);
  expect((await ofLayer('L2')).map(({ freshness, needed_by }) => [freshness, needed_by])).toEqual([['fresh', [project.id]]]);
  expect((await build()).stderr).toMatch(/is there and fresh\.$/);
});

test('a rebuild makes the same layers anew, and nothing that a project needs is ever planned to go', async () => {
  const [before] = await ofLayer('L2');
  expect((await build('--rebuild')).exitCode).toBe(0);
  const [after] = await ofLayer('L2');
  expect(after?.names).toEqual(before?.names);
  expect(after?.image_id).not.toBe(before?.image_id);

  await snippet('RUN echo other');
  expect((await build()).exitCode).toBe(0);
  expect((await ofLayer('L2')).map(({ freshness }) => freshness).toSorted()).toEqual(['fresh', 'stale']);
  const late = { ...ctx, clock: { ...ctx.clock, now: () => new Date(Date.now() + 2 * 60 * 60_000) } };
  const freshReferences = (await listed()).filter(({ freshness }) => freshness === 'fresh').flatMap(({ names }) => names);
  const plan = await readImageCleanup(late, { freshReferences, unclear: false });
  const removed = plan.images.filter(({ action }) => action === 'remove').map(({ image }) => image);
  expect(removed.map(({ id }) => id)).toContain(after?.image_id);
  expect(removed.flatMap(({ references }) => references).filter((name) => freshReferences.includes(name))).toEqual([]);

  const dry = await installation.terok(['image', 'cleanup', '--dry-run']);
  expect(dry.stdout).toMatch(/keep +image .*the last hour|a project needs it/);
});

test('a build that fails names the line of the snippet, shows what was said, and leaves nothing', async () => {
  await snippet('ENV A=b', '', 'RUN echo about to fail; \\', '    exit 3');
  const before = await listImages(ctx);
  const { exitCode, stderr } = await build();
  expect(exitCode).toBe(1);
  expect(stderr).toContain('Building the image layer L2 ended with');
  expect(stderr).toContain('at line 3 of image.snippet (RUN echo about to fail; exit 3)');
  expect(stderr).toContain('about to fail\n');
  expect(await left()).toEqual([]);
  expect(await listImages(ctx)).toEqual(before);
});

test('a snippet that cannot be one is refused before anything is built', async () => {
  await snippet('RUN true', 'FROM debian:13', 'COPY x /x');
  const { exitCode, stderr } = await build();
  expect(exitCode).toBe(2);
  expect(stderr).toContain('image.snippet, line 2: `FROM` is not taken');
  expect(stderr).toContain('image.snippet, line 3: `COPY` is not taken');
});

/** Builds until the sleep has begun; a fraction of a second tells it from every other. */
async function sleepingBuild() {
  const seconds = `600.${String(Math.floor(Math.random() * 1e9)).padStart(9, '0')}1`;
  await snippet(`RUN sleep ${seconds}`);
  const child = installation.start(['image', 'build', project.id]);
  const sleeper = await eventually(async () => (await pidsOf((words) => words[0] === 'sleep' && words[1] === seconds))[0]);
  return { child, sleeper };
}

/** Without those that only a build has given. */
const namesOf = (images: Awaited<ReturnType<typeof listImages>>): readonly string[] =>
  images.flatMap(({ references }) => references).filter((name) => !name.includes('/from-'));

async function pidsOf(matches: (words: readonly string[]) => boolean): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (matches(line.split('\0'))) found.push(Number(pid));
  }
  return found;
}

/** One that has ended and that nobody has asked how is there no more. */
const isThere = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

test('Ctrl-C ends the build: no tag, and nothing left of it', async () => {
  const before = await listImages(ctx);
  const { child } = await sleepingBuild();
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  expect(exitCode, stderr).toBe(130);
  expect(stderr).toContain('The build was interrupted; nothing of it was left behind');
  expect(await left()).toEqual([]);
  expect(await listImages(ctx)).toEqual(before);
});

test('what a killed build leaves, a program that goes on included, has no tag, is named by cleanup, and is gone after the next build', async () => {
  const before = await listImages(ctx);
  const { child, sleeper } = await sleepingBuild();
  const builders = await pidsOf(
    (words) => words.includes('build') && words.some((word) => word.includes(`/from-${ctx.installationId.slice(0, 8)}:`)),
  );
  child.kill('SIGKILL');
  for (const pid of builders) process.kill(pid, 'SIGKILL');
  await child;
  expect(isThere(sleeper)).toBe(true);
  expect(namesOf(await listImages(ctx))).toEqual(namesOf(before));
  expect(await left()).not.toEqual([]);

  const { stdout } = await installation.terok(['image', 'cleanup', '--dry-run', '--json']);
  const { decisions } = JSON.parse(stdout) as {
    readonly decisions: readonly { readonly kind: string; readonly action: string; readonly what: string }[];
  };
  const removed = decisions.filter(({ kind, action }) => kind === 'killed build' && action === 'remove').map(({ what }) => what);
  expect(removed).toEqual(
    expect.arrayContaining([expect.stringMatching(/^sleep 600\.\d+ \(process \d+\)$/), expect.stringContaining('/building/')]),
  );
  expect(isThere(sleeper)).toBe(true);
  await snippet('RUN true');
  expect((await build()).exitCode).toBe(0);
  expect(isThere(sleeper)).toBe(false);
  expect(await left()).toEqual([]);
});

test('without a network what was built is built again, with the packages of a real agent', async () => {
  await restorePackages(installation);
  const options = { agents: ['shell', 'opencode'], base: 'bootstrap', onProgress: () => {} };
  const first = await ensureAgentImage(ctx, options);
  await keepPackages(installation);

  const cut =
    process.getuid?.() === 0 ? ['unshare', '--net', '--'] : ['env', 'https_proxy=http://127.0.0.1:9', 'http_proxy=http://127.0.0.1:9'];
  const offline = await contextOf(installation, { as: { words: cut, env: definedOf(process.env) } });
  const again = await ensureAgentImage(offline, { ...options, rebuild: 'layers' });
  expect(again).toMatchObject({ reference: first.reference, built: true });
  expect(again.id).not.toBe(first.id);
  const [l1] = (await listImages(ctx)).filter(({ references }) => references.includes(first.reference));
  expect(l1).toMatchObject({ layer: 'L1', agents: ['opencode', 'shell'] });
});

const definedOf = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

test('the same archive imported again is the same base, and the same layers are expected upon it', async () => {
  const image = async () => (await ensureAgentImage(ctx, { agents: ['shell'], base: 'bootstrap', onProgress: () => {} })).reference;
  const before = await image();
  const [base] = (await listImages(ctx)).filter(({ layer }) => layer === 'bootstrap');
  await installation.podman(['untag', base?.id ?? '', base?.references[0] ?? '']);
  expect(await image()).toBe(before);
});

test('a base says itself which family it is of, and no other is taken', async () => {
  const name = `localhost/e2e-base:${randomUUID()}`;
  await ctx.podman.run(['import', '--quiet', '--', '-', name], { input: archiveWith('usr/lib/os-release', 'ID=alpine\n') });
  try {
    await expect(ensureAgentImage(ctx, { agents: ['shell'], base: name, onProgress: () => {} })).rejects.toMatchObject({
      code: 'BASE_IMAGE_UNSUPPORTED',
      message: `The base image \`${name}\` is \`alpine\`: only the families of Debian and of Fedora can be used.`,
    });
    expect(await installation.podman(['ps', '--all', '--filter=name=^terok-look-', '--format={{.Names}}'])).toBe('');
  } finally {
    await ctx.podman.run(['image', 'rm', '--', name]);
  }
});

/** A tar archive with one small file. */
function archiveWith(path: string, text: string): Uint8Array {
  const archive = Buffer.alloc(2048);
  archive.write(path, 0);
  archive.write('0000644\0', 100);
  archive.write('0000000\0', 108);
  archive.write('0000000\0', 116);
  archive.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
  archive.write('00000000000\0', 136);
  archive.write('        ', 148);
  archive.write('0ustar\u000000', 156);
  archive.write(
    `${[...archive.subarray(0, 512)]
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  archive.write(text, 512);
  return archive;
}
