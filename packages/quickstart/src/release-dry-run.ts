/**
 * A release up to the moment before it is published, in a copy of the checkout: new versions, a build under them, the tarballs, what is in them, and the
 * command line as a person would install it.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { checkout } from './prepare.mjs';
import { packedProblems, type Manifest } from './packed-manifest.ts';
import { StepFailed, Steps } from './steps.mjs';

const place = await mkdtemp(join(tmpdir(), 'terok-release-'));
const copy = join(place, 'checkout');
const tarballs = join(place, 'tarballs');
const program = (name: string): string => join(checkout, 'node_modules/.bin', name);
const steps = new Steps({ cwd: copy, env: process.env });
steps.listen();
try {
  await copyCheckout();
  await releaseTo(tarballs);
  await checkTarballs();
  await installAndStart();
  steps.say('  A release would work.');
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\nerror: ${error.message}\n`);
  process.exitCode = error.exitCode;
} finally {
  await rm(place, { recursive: true, force: true });
}

/** Every file of ours, committed or not, and the dependencies by link: the links between packages then lead to the copies. */
async function copyCheckout(): Promise<void> {
  await mkdir(copy);
  const listed = await steps.read({
    title: 'Listing the checkout',
    command: 'git',
    args: ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    cwd: checkout,
  });
  for (const path of listed.split('\0').filter((each) => each !== '')) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(checkout, path), join(copy, path), { verbatimSymlinks: true }).catch(unlessAbsent);
  }
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'));
  for (const name of await readdir(join(checkout, 'packages'))) {
    await cp(join(checkout, 'packages', name, 'node_modules'), join(copy, 'packages', name, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    }).catch(unlessAbsent);
  }
}

/** A file that was removed and not yet committed is in git's list and not on the disk. */
function unlessAbsent(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

async function releaseTo(destination: string): Promise<void> {
  const before = await versions();
  const git = (...args: readonly string[]) =>
    steps.run({ title: `git ${args[0]}`, command: 'git', args: ['-c', 'user.name=terok', '-c', 'user.email=terok@localhost', ...args] });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message=What would be released');

  await steps.run({ title: 'New versions', command: program('changeset'), args: ['version'] });
  await refuseUnchanged(before, await versions());
  await steps.run({ title: 'Building under them', command: 'pnpm', args: ['run', 'build', '--force'] });
  for (const [name, { directory }] of await versions()) {
    await steps.run({ title: `Packing ${name}`, command: 'pnpm', args: ['--dir', directory, 'pack', '--pack-destination', destination] });
  }
}

type Released = ReadonlyMap<string, { readonly version: string; readonly directory: string }>;

async function versions(): Promise<Released> {
  const found = new Map<string, { version: string; directory: string }>();
  for (const name of await readdir(join(copy, 'packages'))) {
    const directory = join(copy, 'packages', name);
    const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest;
    if (manifest.private !== true) found.set(manifest.name, { version: manifest.version, directory });
  }
  return found;
}

/** Where changesets wait, each of them must have moved a version; where none waits, what is packed is the release that was. */
async function refuseUnchanged(before: Released, after: Released): Promise<void> {
  const waiting = (await readdir(join(checkout, '.changeset'))).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const moved = [...after].filter(([name, { version }]) => before.get(name)?.version !== version);
  if (waiting.length > 0 && moved.length === 0)
    throw new StepFailed(`No version moved, though ${waiting.join(', ')} wait${waiting.length === 1 ? 's' : ''}.`);
  for (const [name, { version }] of moved) steps.say(`  ${name} would be ${version}`);
}

async function checkTarballs(): Promise<void> {
  const released = await versions();
  for (const file of await readdir(tarballs)) {
    const tarball = join(tarballs, file);
    const list = await steps.read({ title: `Listing ${file}`, command: 'tar', args: ['-tzf', tarball] });
    const manifest = await steps.read({ title: `Reading ${file}`, command: 'tar', args: ['-xzOf', tarball, 'package/package.json'] });
    const problems = packedProblems({
      manifest: JSON.parse(manifest) as Manifest,
      files: list.split('\n').filter((path) => path !== ''),
      released: new Map([...released].map(([name, { version }]) => [name, version])),
    });
    if (problems.length > 0)
      throw new StepFailed(`${file} is not fit to be published:\n\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    await steps.run({ title: `publint ${file}`, command: program('publint'), args: ['run', '--strict', tarball] });
    await steps.run({
      title: `attw ${file}`,
      command: program('attw'),
      args: ['--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', tarball],
    });
  }
}

/** Through the link that npm makes, as everybody's first command runs. */
async function installAndStart(): Promise<void> {
  const home = join(place, 'installed');
  await mkdir(home);
  await writeFile(join(home, 'package.json'), '{ "private": true }\n');
  const files = (await readdir(tarballs)).map((file) => join(tarballs, file));
  await steps.run({
    title: 'Installing the tarballs',
    command: 'npm',
    args: ['install', '--no-audit', '--no-fund', '--prefer-offline', ...files],
    cwd: home,
  });
  const env = { TEROK_ROOT: join(home, 'state'), TEROK_CONFIG_DIR: join(home, 'config') };
  const printed = await steps.read({
    title: 'Starting terok',
    command: join(home, 'node_modules/.bin/terok'),
    args: ['version', '--json'],
    env,
  });
  const { version } = JSON.parse(printed) as { readonly version: string };
  const expected = (await versions()).get('terok')?.version;
  if (version !== expected) throw new StepFailed(`The installed terok says it is ${version}; it is ${expected}.`);
}
