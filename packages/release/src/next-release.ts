/** New versions from the changesets that wait, a build under them, and the way into a registry. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StepFailed, type Steps } from '@terok/quickstart/steps';
import type { Manifest } from './packed-manifest.ts';
import type { Registry } from './registry.ts';

/** The public packages of a release: their versions, and where each lies. */
export type Release = ReadonlyMap<string, { readonly version: string; readonly directory: string }>;

export async function nextRelease(steps: Steps, copy: string): Promise<Release> {
  const waiting = (await readdir(join(copy, '.changeset'))).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const before = await publicPackages(copy);
  await steps.run({ title: 'New versions', command: join(copy, 'node_modules/.bin/changeset'), args: ['version'] });
  const release = await publicPackages(copy);

  // Where none waits, what is packed is the release that was.
  const moved = [...release].filter(([name, { version }]) => before.get(name)?.version !== version);
  if (waiting.length > 0 && moved.length === 0)
    throw new StepFailed(`No version moved, though ${waiting.join(', ')} wait${waiting.length === 1 ? 's' : ''}.`);
  for (const [name, { version }] of moved) steps.say(`  ${name} would be ${version}`);

  await steps.run({ title: 'Building under them', command: 'pnpm', args: ['run', 'build', '--force'] });
  return release;
}

/** A change to the lowest package that reaches all who stand on it, as the next developer would write it down. */
export async function changeLowestPackage(copy: string): Promise<void> {
  await writeFile(join(copy, '.changeset/rehearsed.md'), "---\n'@terok/sandbox': minor\n---\n\nA rehearsed change.\n");
}

export async function publish(steps: Steps, { copy, registry }: { readonly copy: string; readonly registry: Registry }): Promise<void> {
  await writeFile(join(copy, '.npmrc'), registry.npmrc);
  await steps.run({
    title: 'Publishing',
    command: join(copy, 'node_modules/.bin/changeset'),
    args: ['publish', '--no-git-tag'],
    env: registry.env,
  });
}

async function publicPackages(root: string): Promise<Release> {
  const found = new Map<string, { version: string; directory: string }>();
  for (const name of await readdir(join(root, 'packages'))) {
    const directory = join(root, 'packages', name);
    const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest;
    if (manifest.private !== true) found.set(manifest.name, { version: manifest.version, directory });
  }
  return found;
}
