/** What a person sees who installs this package. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const source = import.meta.dirname;

/** Every module that importing this file loads, ours by path and others by name. Imports of types load nothing. */
async function importGraph(file: string, seen = new Set<string>()): Promise<ReadonlySet<string>> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = await readFile(file, 'utf8');
  for (const [, from = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gms)) {
    if (from.startsWith('.')) await importGraph(join(dirname(file), from), seen);
    else seen.add(from);
  }
  return seen;
}

test('the stamp alone loads no library, and of Node only what has long been loaded', async () => {
  const loaded = [...(await importGraph(join(source, 'setup-stamp.ts')))].filter((each) => !each.startsWith('/'));
  expect(loaded.toSorted()).toEqual(['node:path', 'node:url']);
});

test('the whole package loads what it says it depends on, and nothing else', async () => {
  const loaded = [...(await importGraph(join(source, 'index.ts'))), ...(await importGraph(join(source, 'testing/index.ts')))];
  const packages = new Set(loaded.filter((each) => !each.startsWith('/') && !each.startsWith('node:')).map((each) => each.split('/')[0]));
  const manifest = JSON.parse(await readFile(join(source, '../package.json'), 'utf8')) as { dependencies: Record<string, string> };
  expect(packages).toEqual(new Set(Object.keys(manifest.dependencies)));
});

test('every public name says what it is', async () => {
  const undocumented: string[] = [];
  for (const [, names = '', from = ''] of (await readFile(join(source, 'index.ts'), 'utf8')).matchAll(
    /^export (?:type )?\{([^}]*)\} from '\.\/([^']+)';/gms,
  )) {
    const text = await readFile(join(source, from), 'utf8');
    for (const name of names
      .split(',')
      .map((each) => each.replace('type ', '').trim())
      .filter((each) => each !== '')) {
      const declared = new RegExp(`(?:^|\\n)(.*)\\nexport (?:declare )?(?:async )?(?:const|function|class|type|interface) ${name}\\b`).exec(
        text,
      );
      if (declared !== null && !declared[1]?.endsWith('*/')) undocumented.push(`${from}: ${name}`);
    }
  }
  expect(undocumented).toEqual([]);
});

test('the example in the README runs, and prints what it says', async () => {
  const readme = await readFile(join(source, '../README.md'), 'utf8');
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const printed = [...example.matchAll(/\/\/ → (.*)/g)].map(([, text]) => text);
  expect(printed.length).toBeGreaterThan(0);
  const root = await mkdtemp(join(tmpdir(), 'terok-readme-'));
  try {
    const file = join(root, 'example.ts');
    await writeFile(
      file,
      example.replaceAll(
        /'@terok\/sandbox(\/testing)?'/g,
        (_, testing?: string) => `'${join(source, testing === undefined ? '' : 'testing', 'index.ts')}'`,
      ),
    );
    const env = { PATH: process.env['PATH'], HOME: root, TEROK_ROOT: join(root, 'state'), TEROK_CONFIG_DIR: join(root, 'config') };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    expect(stdout.trim().split('\n')).toEqual(printed);
  } finally {
    await rm(root, { recursive: true });
  }
});
