/** What all tests on real podman share: one place on the disk, one storage, one installation that is set up. Leaving anything behind is a failure. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
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

/** Carries the process that it belongs to, so that what a killed run left is found by the next. */
const placeName = /^terok-e2e-world-(\d+)-/;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  clearForgotten();
  const place = await mkdtemp(join(tmpdir(), `terok-e2e-world-${process.pid}-`));
  project.provide('place', place);
  // Also when the run is interrupted, and then there is no time to wait.
  const clearPlace = () => clear(place);
  process.once('exit', clearPlace);
  const { answer } = await openInstallation(join(place, 'shared'), storageIn(place));
  await answer(['setup']);

  return async () => {
    const left = [...(await containers(place)), ...(await processes(place))];
    process.off('exit', clearPlace);
    clear(place);
    if (left.length > 0) throw new Error(`The tests left behind:\n${left.join('\n')}`);
  };
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

function clearForgotten(): void {
  const running = new Set(readdirSync('/proc'));
  for (const name of readdirSync(tmpdir())) {
    const pid = placeName.exec(name)?.[1];
    if (pid !== undefined && !running.has(pid)) clear(join(tmpdir(), name));
  }
}

/** Ends what still runs, unmounts what is mounted, removes the rest. */
function clear(place: string): void {
  const podman = (...args: readonly string[]) => spawnSync('podman', [...podmanArgs(storageIn(place)), ...args], { stdio: 'ignore' });
  podman('rm', '--all', '--force', '--time=0');
  podman('image', 'rm', '--all', '--force');
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? []);
  for (const point of mounted.filter((path) => path.startsWith(`${place}/`)).toReversed())
    spawnSync('umount', [point], { stdio: 'ignore' });
  removeTree(place);
}

/** Without root, files of containers belong to users that only exist inside of podman's user namespace. */
function removeTree(place: string): void {
  try {
    rmSync(place, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))) throw error;
    spawnSync('podman', ['unshare', 'rm', '-rf', '--', place], { stdio: 'ignore' });
  }
}
