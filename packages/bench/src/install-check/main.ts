/** Packs `@terok/sandbox` as it would be published, and installs it into empty projects the way three kinds of people would. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const workspace = join(import.meta.dirname, '../../../..');
const { packageManager } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as { packageManager: string };
const pnpm = ['npx', '-y', packageManager];

const program = `
import { hostContext, checkSetup, installedVersions, z } from '@terok/sandbox';
import { needsSetup } from '@terok/sandbox/setup-stamp';
import { memoryFiles } from '@terok/sandbox/testing';
const ctx = await hostContext({ env: { HOME: '/nonexistent', TEROK_ROOT: '/nonexistent/state', TEROK_CONFIG_DIR: '/nonexistent/config' } });
const installed: Record<string, string> = installedVersions({ from: import.meta.url });
const message: string | undefined = z.string().safeParse(5).error?.issues[0]?.message;
console.log(JSON.stringify([checkSetup(ctx, installed).verdict, needsSetup(ctx, installed), Object.keys(installed), memoryFiles({ '/a': 'x' }).text('/a'), message]));
`;
const expected = JSON.stringify(['first_run', 'first_run', ['@terok/sandbox'], 'x', 'Invalid input: expected string, received number']);

/** The same without its types, for projects that know none. */
const plainProgram = program.replace(/: Record<string, string>|: string \| undefined/g, '');

const root = mkdtempSync(join(tmpdir(), 'terok-install-'));
try {
  run(join(workspace, 'packages/sandbox'), [...pnpm, 'pack', '--pack-destination', root]);
  const [name] = readdirSync(root).filter((file) => file.endsWith('.tgz'));
  const tarball = `file:${join(root, name ?? '')}`;

  check('npm', ['npm', 'install', '--no-audit', '--no-fund', tarball]);
  check('pnpm', [...pnpm, 'add', '--ignore-workspace', tarball]);
  checkTypes([
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    tarball,
    `typescript@${versionOf('typescript')}`,
    `@types/node@${versionOf('@types/node')}`,
  ]);

  function check(kind: string, install: readonly string[]): void {
    const project = join(root, kind);
    emptyProject(project);
    run(project, install);
    writeFileSync(join(project, 'main.mjs'), plainProgram);
    report(kind, run(project, [process.execPath, 'main.mjs']));
  }

  function checkTypes(install: readonly string[]): void {
    const project = join(root, 'typescript');
    emptyProject(project);
    run(project, install);
    writeFileSync(join(project, 'main.ts'), program);
    const options = {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      types: ['node'],
      outDir: 'out',
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['main.ts'] }));
    run(project, [process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.']);
    report('TypeScript', run(project, [process.execPath, 'out/main.js']));
  }
} finally {
  rmSync(root, { recursive: true });
}

function emptyProject(directory: string): void {
  run(root, ['mkdir', directory]);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
}

function versionOf(name: string): string {
  const manifest = JSON.parse(readFileSync(join(workspace, 'node_modules', name, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

function run(cwd: string, [command = '', ...args]: readonly string[]): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function report(kind: string, printed: string): void {
  if (printed.trim() !== expected) throw new Error(`${kind}: expected ${expected}, got ${printed.trim()}`);
  process.stdout.write(`${kind}: installs, runs\n`);
}
