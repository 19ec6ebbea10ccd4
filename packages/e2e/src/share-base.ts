/** The archives that base images are made of, given from one installation to another. */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from './installation.ts';

/** Making a base from packages takes a minute, and the other installation would make the same one. */
export async function shareBase(from: Installation, to: Installation): Promise<void> {
  const images = (installation: Installation) => join(installation.stateRoot, 'images');
  await mkdir(images(to), { recursive: true });
  const archives = (await readdir(images(from))).filter((name) => name.endsWith('.tar'));
  for (const name of archives) await copyFile(join(images(from), name), join(images(to), name));
}
