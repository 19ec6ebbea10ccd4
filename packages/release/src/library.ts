/** A package alone in an empty project, as somebody who wants only that one would have it: Node imports it, TypeScript reads its types to the end. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { StepFailed, type Steps } from '@terok/quickstart/steps';
import type { Registry } from './registry.ts';

type Library = { readonly name: string; readonly registry: Registry; readonly place: string; readonly checkout: string };

export async function checkLibrary(steps: Steps, { name, registry, place, checkout }: Library): Promise<void> {
  const project = join(place, name.replace('/', '-'));
  await emptyProject(project);
  const tools = await Promise.all(['typescript', '@types/node'].map(async (tool) => `${tool}@${await versionOf(checkout, tool)}`));
  await steps.run({
    title: `Installing ${name} alone`,
    command: 'npm',
    args: ['install', '--no-audit', '--no-fund', name, ...tools],
    cwd: project,
    env: registry.env,
  });
  await writeFile(join(project, 'main.ts'), `import * as library from '${name}';\nconsole.log(Object.keys(library).length);\n`);
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
  await steps.run({
    title: `Reading the types of ${name}`,
    command: process.execPath,
    args: [join(project, 'node_modules/typescript/bin/tsc'), '-p', project],
    cwd: project,
  });
  await expectNames(steps, { name, project });

  const withPnpm = join(place, `${name.replace('/', '-')}-pnpm`);
  await emptyProject(withPnpm);
  await writeFile(join(withPnpm, '.npmrc'), registry.npmrc);
  await steps.run({ title: `Installing ${name} with pnpm`, command: 'pnpm', args: ['add', '--ignore-workspace', name], cwd: withPnpm });
  await writeFile(join(withPnpm, 'main.ts'), `import * as library from '${name}';\nconsole.log(Object.keys(library).length);\n`);
  await expectNames(steps, { name, project: withPnpm });
}

const compilerOptions = {
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  types: ['node'],
  noEmit: true,
};

async function expectNames(steps: Steps, { name, project }: { readonly name: string; readonly project: string }): Promise<void> {
  const printed = await steps.read({ title: `Importing ${name}`, command: process.execPath, args: ['main.ts'], cwd: project });
  if (!(Number(printed) > 0)) throw new StepFailed(`${name}, installed alone, exports nothing.`);
}

async function emptyProject(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
}

async function versionOf(checkout: string, name: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(checkout, 'node_modules', name, 'package.json'), 'utf8')) as { readonly version: string };
  return manifest.version;
}
