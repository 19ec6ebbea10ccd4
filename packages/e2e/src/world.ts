/** What all tests on real podman share: one place on the disk, one storage, one installation that is set up. Leaving anything behind is a failure. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { openInstallation, podmanArgs, storageIn, type Installation } from './installation.ts';

declare module 'vitest' {
  interface ProvidedContext {
    place: string;
  }
}

/** The installation that is set up already. */
export async function sharedInstallation(): Promise<Installation> {
  return openInstallation(join(inject('place'), 'shared'), storageIn(inject('place')));
}

/** Another installation on the same storage; `name` makes it a test's own. Nothing is set up in it. */
export async function otherInstallation(name: string): Promise<Installation> {
  return openInstallation(join(inject('place'), name), storageIn(inject('place')));
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const place = await mkdtemp(join(tmpdir(), 'terok-e2e-'));
  project.provide('place', place);
  const { answer } = await openInstallation(join(place, 'shared'), storageIn(place));
  try {
    await answer(['setup']);
  } catch (error) {
    await cleared(place);
    throw error;
  }
  return () => tearDown(place);
}

async function tearDown(place: string): Promise<void> {
  const left = [...(await containers(place)), ...(await processes(place))];
  await cleared(place);
  if (left.length > 0) throw new Error(`The tests left behind:\n${left.join('\n')}`);
}

async function containers(place: string): Promise<readonly string[]> {
  const { stdout } = await execa('podman', [...podmanArgs(storageIn(place)), 'ps', '--all', '--format={{.Names}} ({{.Status}})']);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [`container ${line}`]));
}

/** Processes that name the place on their command line: monitors of containers, commands of ours. */
async function processes(place: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(goneAsEmpty)).split('\0');
    if (words.some((word) => word.includes(place))) found.push(`process ${pid}: ${words.join(' ').trim()}`);
  }
  return found;
}

function goneAsEmpty(error: unknown): string {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
  throw error;
}

/** Ends what still runs, unmounts what is mounted, removes the rest. */
async function cleared(place: string): Promise<void> {
  const podman = (...args: readonly string[]) => execa('podman', [...podmanArgs(storageIn(place)), ...args], { reject: false });
  await podman('rm', '--all', '--force', '--time=0');
  await podman('image', 'rm', '--all', '--force');
  const mounted = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  for (const point of mounted.filter((path) => path.startsWith(`${place}/`)).toReversed())
    await execa('umount', [point], { reject: false });
  await removeTree(place);
}

/** Without root, files of containers belong to users that only exist inside of podman's user namespace. */
async function removeTree(place: string): Promise<void> {
  try {
    await rm(place, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))) throw error;
    await execa('podman', ['unshare', 'rm', '-rf', '--', place]);
  }
}
