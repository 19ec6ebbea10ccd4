import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { newRepository } from '../executor/repository.ts';
import { sharedInstallation } from '../world.ts';

const packages = new URL('../../../', import.meta.url);

test('the example of the README of orchestration runs, and prints what it says', async () => {
  const readme = await readFile(new URL('orchestration/README.md', packages), 'utf8');
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const printed = [...example.matchAll(/\/\/ → (.*)/g)].map(([, text]) => text);
  expect(printed.length).toBeGreaterThan(0);

  const { directory, stateRoot, configRoot } = await sharedInstallation();
  const root = await mkdtemp(join(directory, 'readme-'));
  const { path: repository } = await newRepository(root);
  const file = join(root, 'example.ts');
  await writeFile(
    file,
    example.replaceAll(/'@terok\/([a-z]+)'/g, (_, name: string) => `'${new URL(`${name}/dist/index.js`, packages).href}'`),
  );
  const env = { TEROK_ROOT: stateRoot, TEROK_CONFIG_DIR: configRoot, TEROK_CONFIG_FILE: join(configRoot, 'config.yml') };
  const { stdout } = await execa(process.execPath, [file, repository], { env });
  expect(stdout.split('\n')).toEqual(printed);
  await rm(root, { recursive: true });
});
