/** One tarball for each package, fit to be published: what is in it, what it asks for, and how its types resolve. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StepFailed, type Steps } from '@terok/quickstart/steps';
import type { Release } from './next-release.ts';
import { packedProblems, type Manifest } from './packed-manifest.ts';

type Packing = {
  readonly packages: Release;
  /** The directory that they are packed into. */
  readonly to: string;
  /** Where `publint` and `attw` are. */
  readonly programs: string;
};

export async function checkTarballs(steps: Steps, { packages, to, programs }: Packing): Promise<void> {
  for (const [name, { directory }] of packages) {
    await steps.run({ title: `Packing ${name}`, command: 'pnpm', args: ['--dir', directory, 'pack', '--pack-destination', to] });
  }
  const released = new Map([...packages].map(([name, { version }]) => [name, version]));
  for (const file of await readdir(to)) {
    const tarball = join(to, file);
    const list = await steps.read({ title: `Listing ${file}`, command: 'tar', args: ['-tzf', tarball] });
    const manifest = await steps.read({ title: `Reading ${file}`, command: 'tar', args: ['-xzOf', tarball, 'package/package.json'] });
    const files = list.split('\n').filter((path) => path !== '');
    const problems = packedProblems({ manifest: JSON.parse(manifest) as Manifest, files, released });
    if (problems.length > 0)
      throw new StepFailed(`${file} is not fit to be published:\n\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    await steps.run({ title: `publint ${file}`, command: join(programs, 'publint'), args: ['run', '--strict', tarball] });
    await steps.run({
      title: `attw ${file}`,
      command: join(programs, 'attw'),
      args: ['--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', tarball],
    });
    steps.say(`  ${file}: ${Math.ceil((await stat(tarball)).size / 1024)} KiB packed, ${files.length} files`);
  }
}
