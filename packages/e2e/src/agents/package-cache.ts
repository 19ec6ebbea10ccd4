/** The packages of agents, kept between runs of the tests: hundreds of megabytes that never change. Only archives that were checked get in. */
import { copyFile, link, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Installation } from '../installation.ts';

const kept = process.env['TEROK_E2E_CACHE'] ?? join(homedir(), '.cache/terok-e2e');
const storeOf = ({ stateRoot }: Installation) => join(stateRoot, 'images/packages');

export async function restorePackages(installation: Installation): Promise<void> {
  await bring(kept, storeOf(installation));
}

export async function keepPackages(installation: Installation): Promise<void> {
  await bring(storeOf(installation), kept);
}

/** As links where both are on one file system. */
async function bring(from: string, to: string): Promise<void> {
  await mkdir(from, { recursive: true, mode: 0o700 });
  await mkdir(to, { recursive: true, mode: 0o700 });
  const there = new Set(await readdir(to));
  for (const name of (await readdir(from)).filter((each) => each.endsWith('.tgz') && !there.has(each)))
    await link(join(from, name), join(to, name)).catch(() => copyFile(join(from, name), join(to, name)));
}
