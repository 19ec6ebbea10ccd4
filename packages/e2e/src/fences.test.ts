/** The fences hold: what may not be written anywhere is planted in a garden of its own, and the lint rules find it. Each rule also lets its nearest neighbour pass. */
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));
/** The whole of what is allowed; the first package stands on all that follow. */
const edges: Readonly<Record<string, readonly string[]>> = {
  cli: ['executor', 'lifecycle-daemon', 'orchestration', 'sandbox'],
  orchestration: ['executor', 'sandbox'],
  executor: ['sandbox'],
  'lifecycle-daemon': ['sandbox'],
  sandbox: [],
};
const packages = Object.keys(edges);
const npmName = (name: string) => (name === 'cli' ? 'terok' : `@terok/${name}`);

type Planted = { readonly path: string; readonly code: string };
const planted: Planted[] = [];
const findings = new Map<string, string[]>();

/** Puts a file into a directory of its own in the package's sources; answers, once all is linted, which rules it breaks. */
function plant(name: string, file: string, code: string): () => readonly string[] {
  const path = `packages/${name}/src/planted-${planted.length}/${file}`;
  planted.push({ path, code });
  return () => findings.get(path) ?? [];
}

beforeAll(async () => {
  const garden = await mkdtemp(join(tmpdir(), 'terok-fences-'));
  try {
    await copyFile(join(checkout, '.oxlintrc.json'), join(garden, '.oxlintrc.json'));
    await copyFile(join(checkout, 'tsconfig.base.json'), join(garden, 'tsconfig.base.json'));
    await symlink(join(checkout, 'node_modules'), join(garden, 'node_modules'));
    for (const name of packages)
      await write(join(garden, 'packages', name, 'tsconfig.json'), '{ "extends": "../../tsconfig.base.json", "include": ["src"] }');
    for (const { path, code } of planted) await write(join(garden, path), code);

    const { stdout } = await execa('node_modules/.bin/oxlint', ['--format=json', 'packages'], { cwd: garden, reject: false });
    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: readonly { readonly filename: string; readonly code?: string; readonly message: string }[];
    };
    for (const { filename, code, message } of diagnostics) findings.set(filename, [...(findings.get(filename) ?? []), code ?? message]);
  } finally {
    await rm(garden, { recursive: true });
  }
}, 60_000);

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const everyEdge = packages.flatMap((from) =>
  packages
    .filter((to) => to !== from)
    .map((to) => {
      const ways = [
        `export { x } from '${npmName(to)}';`,
        `import type { x } from '${npmName(to)}';\nexport type Y = x;`,
        `export const x = import('${npmName(to)}');`,
      ];
      const files = ['planted.ts', 'node-planted.ts', 'planted.test.ts'];
      const broken = files.flatMap((file) => ways.map((code) => plant(from, file, code)));
      return { from, to, verdict: edges[from]?.includes(to) === true ? 'open' : 'closed', broken };
    }),
);

test.each(everyEdge)('the edge from $from to $to is $verdict, in whatever way it is imported', ({ verdict, broken }) => {
  expect(broken.map((rules) => (rules().includes('eslint(no-restricted-imports)') ? 'closed' : 'open'))).toEqual(broken.map(() => verdict));
});

test.each(packages)('%s declares the edges that are open and no others', async (name) => {
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(checkout, 'packages', name, file), 'utf8'));
  const manifest = (await read('package.json')) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const { references } = (await read('tsconfig.json')) as { readonly references: readonly { readonly path: string }[] };
  const declared = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );
  const open = edges[name] ?? [];
  expect(declared.filter((dependency) => packages.map(npmName).includes(dependency)).toSorted()).toEqual(open.map(npmName).toSorted());
  expect(references.map(({ path }) => path).toSorted()).toEqual(open.map((to) => `../${to}`).toSorted());
});

const testOf = (line: string) =>
  `import { expect, test, vi } from 'vitest';\n${line}\ntest('is true', () => { vi.useRealTimers(); expect(1).toBe(1); });\n`;
const outside = [
  'node:fs',
  'node:fs/promises',
  'fs',
  'node:child_process',
  'node:net',
  'node:os',
  'node:process',
  'node:http',
  'node:worker_threads',
  'node:module',
];

const forbidden = [
  { what: 'another package by a path', code: "export { x } from '../../../sandbox/src/index.ts';", rule: 'eslint(no-restricted-imports)' },
  {
    what: 'a built file of another package',
    code: "export { x } from '@terok/sandbox/dist/paths.js';",
    rule: 'eslint(no-restricted-imports)',
  },
  { what: 'a source of another package', code: "export { x } from '@terok/sandbox/src/paths.ts';", rule: 'eslint(no-restricted-imports)' },
  { what: 'fakes in what ships', code: "export { x } from '@terok/sandbox/testing';", rule: 'eslint(no-restricted-imports)' },
  { what: 'execa in the core', code: "export { execa } from 'execa';", rule: 'eslint(no-restricted-imports)' },
  {
    what: 'execa in another edge module',
    file: 'podman/planted.ts',
    code: "export { execa } from 'execa';",
    rule: 'eslint(no-restricted-imports)',
  },
  ...outside.map((name) => ({ what: `${name} in the core`, code: `export * as x from '${name}';`, rule: 'import(no-nodejs-modules)' })),
  { what: 'node:fs brought in later', code: "export const x = import('node:fs');", rule: 'import(no-nodejs-modules)' },
  { what: 'process in the core', code: 'export const x = process.pid;', rule: 'eslint(no-restricted-globals)' },
  { what: 'process by another way', code: 'export const x = globalThis.process;', rule: 'eslint(no-restricted-properties)' },
  { what: 'process taken apart', code: 'export const { process } = globalThis;', rule: 'eslint(no-restricted-properties)' },
  { what: 'console in the core', code: "console.log('x');", rule: 'eslint(no-console)' },
  { what: 'fetch in the core', code: "export const x = fetch('http://localhost');", rule: 'eslint(no-restricted-globals)' },
  { what: 'the wall clock in the core', code: 'export const x = Date.now();', rule: 'eslint(no-restricted-properties)' },
  { what: 'chance in the core', code: 'export const x = Math.random();', rule: 'eslint(no-restricted-properties)' },
  {
    what: 'a lenient reader of dates',
    file: 'node-planted.ts',
    code: "export const x = Date.parse('2026');",
    rule: 'eslint(no-restricted-properties)',
  },
  { what: 'a default export', code: 'export default 1;', rule: 'import(no-default-export)' },
  { what: 'any', code: 'export const x: any = 1;', rule: 'typescript(no-explicit-any)' },
  { what: 'a silenced compiler', code: '// @ts-ignore\nexport const x = 1;', rule: 'typescript(ban-ts-comment)' },
  {
    what: 'a promise that nobody awaits',
    code: 'export function x(): void {\n  Promise.resolve(1);\n}',
    rule: 'typescript(no-floating-promises)',
  },
  { what: 'vi.mock', file: 'planted.test.ts', code: testOf("vi.mock('./x.ts');"), rule: 'vitest(no-restricted-vi-methods)' },
  {
    what: 'a skipped test',
    file: 'planted.test.ts',
    code: testOf("test.skip('x', () => { expect(1).toBe(1); });"),
    rule: 'vitest(no-disabled-tests)',
  },
  {
    what: 'a test that is skipped sometimes',
    file: 'planted.test.ts',
    code: testOf("test.skipIf(true)('x', () => { expect(1).toBe(1); });"),
    rule: 'eslint(no-restricted-properties)',
  },
  {
    what: 'a test that runs alone',
    file: 'planted.test.ts',
    code: testOf("test.only('x', () => { expect(1).toBe(1); });"),
    rule: 'vitest(no-focused-tests)',
  },
  { what: 'a test that is still to be written', file: 'planted.test.ts', code: testOf("test.todo('x');"), rule: 'vitest(warn-todo)' },
  { what: 'a test that asserts nothing', file: 'planted.test.ts', code: testOf("test('x', () => {});"), rule: 'vitest(expect-expect)' },
].map(({ what, file = 'planted.ts', code, rule }) => ({ what, rule, broken: plant('executor', file, code) }));

test.each(forbidden)('the fence against $what holds', ({ broken, rule }) => {
  expect(broken()).toContain(rule);
});

const everythingOutside = `import { readFileSync } from 'node:fs';
import process from 'node:process';

export const x = () => [readFileSync(process.argv[1] ?? '.'), Date.now()];
console.log(process.pid);
`;
const onlyComputing = `import { createHash } from 'node:crypto';
import { join } from 'node:path';

export const x = (text: string): string => join('a', createHash('sha256').update(text).digest('hex'));
`;
const startsPrograms = "export { execa } from 'execa';\n";

const allowed = [
  ...['node-planted.ts', 'podman/planted.ts', 'socket/planted.ts', 'main.ts', 'bin.ts'].map((file) => ({
    what: `${file} touch the outside`,
    broken: plant('cli', file, everythingOutside),
  })),
  { what: 'the core compute', broken: plant('executor', 'planted.ts', onlyComputing) },
  {
    what: 'a test take the fakes of the packages below',
    broken: plant('executor', 'planted.test.ts', "export { x } from '@terok/sandbox/testing';\n"),
  },
  { what: 'a test start programs', broken: plant('executor', 'planted.test.ts', startsPrograms) },
];

test.each(allowed)('the fences let $what', ({ broken }) => {
  expect(broken()).toEqual([]);
});

const needlessSilence = plant('executor', 'planted.ts', '// oxlint-disable-next-line no-console -- it prints\nexport const x = 1;\n');

test('a rule that is silenced for nothing is found', () => {
  expect(needlessSilence()).toEqual([expect.stringContaining('Unused oxlint-disable directive')]);
});

test('whoever silences a rule says why', async () => {
  const marks = ['oxlint-disable', 'eslint-disable', '@ts-expect-error'];
  const { stdout, exitCode } = await execa(
    'git',
    [
      'grep',
      '--line-number',
      '--fixed-strings',
      ...marks.flatMap((mark) => ['-e', mark]),
      '--',
      'packages',
      ':!packages/e2e/src/fences.test.ts',
    ],
    { cwd: checkout, reject: false },
  );
  expect([0, 1]).toContain(exitCode);
  const silences = stdout.split('\n').filter((line) => line !== '');
  expect(silences.filter((line) => !/ -- \S+ \S+/.test(line))).toEqual([]);
});
