/** Every page that people write or terok prints, read from the repository. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownPage } from './markdown-page.ts';
import type { Pages } from './page-problems.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const docsFolders = ['guides', 'concepts', 'reference', 'libraries'];

export const isThere = (path: string): boolean => existsSync(join(repository, path));

/** By path from the top of the repository. */
export async function readPages(): Promise<Pages> {
  const packages = (await readdir(join(repository, 'packages'))).map((name) => `packages/${name}/README.md`);
  const folders = await Promise.all(docsFolders.map((folder) => markdownFilesIn(`packages/docs/${folder}`)));
  const paths = ['README.md', 'CONTRIBUTING.md', 'packages/docs/index.md', ...packages, ...folders.flat()].filter(isThere);
  return new Map(await Promise.all(paths.map(async (path) => [path, markdownPage(await withIncludes(path))] as const)));
}

/** The titles of the pages of the site, by their paths in its contents. */
export function siteTitles(pages: Pages): ReadonlyMap<string, string | null> {
  return new Map(
    [...pages].flatMap(([path, { title }]) => {
      const [, name] = /^packages\/docs\/([a-z]+\/.+)\.md$/.exec(path) ?? [];
      return name === undefined ? [] : [[name, title] as const];
    }),
  );
}

async function markdownFilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(repository, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`);
}

/** As the generator of the site puts one file into another. */
async function withIncludes(path: string): Promise<string> {
  const text = await readFile(join(repository, path), 'utf8');
  const [, included] = /^<!--@include: (\S+)-->\n$/.exec(text) ?? [];
  return included === undefined ? text : readFile(join(repository, dirname(path), included), 'utf8');
}
