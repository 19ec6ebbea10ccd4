/** The command line once more as a release to come, in a place of its own. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = fileURLToPath(new URL('../../../cli/', import.meta.url));

/** The path of its `bin.js`. The versions that the bundle holds are changed, and nothing else of it. */
export async function newerRelease(directory: string, version: string): Promise<string> {
  await cp(join(packageRoot, 'dist'), join(directory, 'dist'), { recursive: true });
  await changed(join(packageRoot, 'package.json'), join(directory, 'package.json'), /"version": "[^"]+"/, `"version": "${version}"`);
  const bundle = join(directory, 'dist/chunks/main.js');
  await changed(bundle, bundle, /"terok": "[^"]+"/, `"terok": "${version}"`);
  return join(directory, 'dist/bin.js');
}

async function changed(from: string, to: string, pattern: RegExp, text: string): Promise<void> {
  const before = await readFile(from, 'utf8');
  if (!pattern.test(before)) throw new Error(`there is no version in ${from}`);
  await writeFile(to, before.replace(pattern, text));
}
