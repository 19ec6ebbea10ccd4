/** `generate` writes the reference; `check` fails where what is checked in differs from what would be written, and where a page says what is not so. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { commandLineProblem } from 'terok';
import { contents, contentsProblems } from './contents.ts';
import { isThere, readPages, siteTitles } from './node-pages.ts';
import { commandProblems, fileProblems, linkProblems } from './page-problems.ts';
import { referenceFiles } from './reference.ts';
import type { JsonSchema } from './schema-reference.ts';
import { writtenFileProblems } from './written-file.ts';

const directory = fileURLToPath(new URL('../reference', import.meta.url));
const configSchemaFile = new URL('../../sandbox/schema/config.schema.json', import.meta.url);

const [verb] = process.argv.slice(2);
if (verb === 'generate') await generate();
else if (verb === 'check') {
  await checkPages();
  await checkReference();
} else throw new Error('say `generate` or `check`');

async function printed(): Promise<ReadonlyMap<string, string>> {
  return referenceFiles(JSON.parse(await readFile(configSchemaFile, 'utf8')) as JsonSchema);
}

async function generate(): Promise<void> {
  const files = await printed();
  await rm(directory, { recursive: true, force: true });
  for (const [name, text] of files) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
}

async function checkReference(): Promise<void> {
  const files = await printed();
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const present = entries.filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  const stale: string[] = present.filter((name) => !files.has(name)).map((name) => `${name}: nothing prints it`);
  for (const [name, text] of files) {
    if (!present.includes(name)) stale.push(`${name}: missing`);
    else if ((await readFile(join(directory, name), 'utf8')) !== text) stale.push(`${name}: differs`);
  }
  if (stale.length === 0) return;
  process.stderr.write(`The reference is not current; run \`pnpm docs\`.\n${stale.map((line) => `  ${line}\n`).join('')}`);
  process.exitCode = 1;
}

async function checkPages(): Promise<void> {
  const pages = await readPages();
  const problems = [
    ...(await commandProblems(pages, commandLineProblem)),
    ...linkProblems(pages, isThere),
    ...(await fileProblems(pages, writtenFileProblems)),
  ].map(({ file, line, problem }) => `${file}:${line} ${problem}`);
  const all = [...problems, ...contentsProblems(contents, siteTitles(pages))];
  if (all.length === 0) return;
  process.stderr.write(all.map((line) => `${line}\n`).join(''));
  process.exitCode = 1;
}
