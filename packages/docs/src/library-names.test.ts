import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const source = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Words in backticks of the second column of the table of what is in a package. */
function namesIn(readme: string): readonly string[] {
  const [, section = ''] = /## What is in it\n\n([\s\S]*?)\n\n/.exec(readme) ?? [];
  const names = section.split('\n').map((row) => row.split('|')[2] ?? '');
  return names.flatMap((cell) => [...cell.matchAll(/`([A-Za-z_]\w*)`/g)].map(([, name = '']) => name));
}

const exportedBy = (text: string): readonly string[] => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'[^']*'/g, '').match(/\w+/g) ?? [];

test.each([
  ['sandbox', []],
  ['lifecycle-daemon', []],
  ['executor', ['executor/src/testing/index.ts']],
  ['orchestration', []],
])('what the README of %s says is in it, is', (name, others) => {
  const exported = [`${name}/src/index.ts`, ...others].flatMap((path) => exportedBy(source(path)));
  const names = namesIn(source(`${name}/README.md`));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((each) => !exported.includes(each))).toEqual([]);
});
