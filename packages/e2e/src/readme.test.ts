import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { newRepository } from './executor/repository.ts';
import { sharedInstallation } from './world.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
/** Names of packages resolve here as they do for whoever installed them. */
const scratch = join(repository, 'packages/e2e/dist');

const compilerOptions = {
  ...{ target: 'es2024', module: 'nodenext', lib: ['es2024'], types: ['node'] },
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, erasableSyntaxOnly: true, noEmit: true },
};

test.each([
  ['sandbox', 'its own'],
  ['lifecycle-daemon', 'its own'],
  ['executor', 'shared'],
  ['orchestration', 'shared'],
] as const)('the example of the README of %s is well typed, runs, and prints what it says', async (name, state) => {
  const readme = await readFile(join(repository, 'packages', name, 'README.md'), 'utf8');
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const printed = [...example.matchAll(/\/\/ → (.*)/g)].map(([, text]) => text);
  expect(printed.length).toBeGreaterThan(0);

  const { directory, stateRoot, configRoot } = await sharedInstallation();
  await mkdir(scratch, { recursive: true });
  const place = await mkdtemp(join(directory, 'readme-'));
  const root = await mkdtemp(join(scratch, 'readme-'));
  try {
    await writeFile(join(root, 'example.ts'), example);
    await writeFile(join(root, 'package.json'), '{ "type": "module" }');
    await writeFile(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.ts'] }));
    const typed = await execa(join(repository, 'node_modules/.bin/tsc'), ['--project', root], { reject: false });
    expect(typed.stdout).toBe('');

    const shared = { TEROK_ROOT: stateRoot, TEROK_CONFIG_DIR: configRoot, TEROK_CONFIG_FILE: join(configRoot, 'config.yml') };
    const own = { TEROK_ROOT: join(place, 'state'), TEROK_CONFIG_DIR: join(place, 'config') };
    const env = { ...(state === 'shared' ? shared : own), TEROK_RUNTIME_DIR: join(place, 'run') };
    const { path } = await newRepository(place);
    const { stdout } = await execa(process.execPath, [join(root, 'example.ts'), path], { env });
    expect(stdout.split('\n')).toEqual(printed);
  } finally {
    await rm(root, { recursive: true });
    await rm(place, { recursive: true });
  }
});
