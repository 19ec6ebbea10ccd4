import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { recordCompletions, recordHelp } from './recorded/record.ts';
import { fakeWorld } from './testing/fake-world.ts';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const recorder = new URL('testing/node-record-modules.ts', import.meta.url).href;
let scratch = '';

beforeAll(async () => (scratch = await mkdtemp(join(tmpdir(), 'terok-bundle-'))));
afterAll(() => rm(scratch, { recursive: true }));

type Ran = { readonly stdout: string; readonly stderr: string; readonly exitCode: number };

function runNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const places = { TEROK_ROOT: join(scratch, 'state'), TEROK_CONFIG_DIR: join(scratch, 'config'), NODE_DISABLE_COMPILE_CACHE: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { PATH: process.env['PATH'], HOME: scratch, ...places, ...env } }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, exitCode: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1 });
    });
  });
}

test('works through a link, as package managers install it', async () => {
  const link = join(scratch, 'terok');
  await symlink(join(dist, 'bin.js'), link);
  expect(await runNode([link, '--version'])).toMatchObject({
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/) as string,
    stderr: '',
    exitCode: 0,
  });
});

test.each([
  ['--version', ['dist/bin.js', 'dist/chunks/main.js', 'node:path']],
  ['--help', ['dist/bin.js', 'dist/chunks/main.js', 'node:path']],
  ['task run --help', ['dist/bin.js', 'dist/chunks/main.js', 'node:path']],
  ['__complete task st', ['dist/bin.js', 'dist/chunks/main.js', 'node:path']],
  ['__complete project show demo', ['dist/bin.js', 'dist/chunks/main.js', 'node:path']],
])('`terok %s` loads what it needs', async (words, expected) => {
  const list = join(await mkdtemp(join(scratch, 'modules-')), 'list');
  const { exitCode } = await runNode(['--import', recorder, join(dist, 'bin.js'), ...words.split(' ')], { RECORD_MODULES_IN: list });
  const modules = (await readFile(list, 'utf8')).split('\n').map((url) => url.replace(pathToFileURL(dist).href, 'dist/'));
  expect(exitCode).toBe(0);
  expect(modules.filter((url) => url !== recorder).toSorted()).toEqual(expected);
});

test('what was recorded is what the table says now', async () => {
  const [help, completions] = [await recordHelp(), await recordCompletions(fakeWorld())];
  const shown = await Promise.all(
    ['', 'task', 'task run', 'ls', 'daemon steps reset'].map(async (name) => {
      const words = name.split(' ').filter((word) => word !== '');
      const [printed, proposed] = [
        await runNode([join(dist, 'bin.js'), ...words, '--help'], { FORCE_COLOR: '1' }),
        await runNode([join(dist, 'bin.js'), '__complete', ...words, '-']),
      ];
      return { name, help: printed.stdout, flags: proposed.stdout.split('\n').slice(0, -1) };
    }),
  );
  expect(shown).toEqual(shown.map(({ name }) => ({ name, help: help[name], flags: completions.targets[name]?.flags })));
});

test.each([
  [{}, false],
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('help in a pipe with %j is coloured: %s', async (environment, coloured) => {
  const { stdout } = await runNode([join(dist, 'bin.js'), '--help'], environment);
  expect(stdout.includes('\u001B[')).toBe(coloured);
});

test('help at a terminal is coloured', async () => {
  const command = `'${process.execPath}' '${join(dist, 'bin.js')}' --help`;
  const shown = await new Promise<string>((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: scratch, TERM: 'xterm' };
    execFile('script', ['--quiet', '--return', '--command', command, '/dev/null'], { env }, (_, stdout) => resolve(stdout));
  });
  expect(shown).toContain('\u001B[4mUSAGE\u001B[24m');
});

test.each([
  ['--version', 'ENOSPC', 1],
  ['--help', 'ENOSPC', 1],
  // Whoever is in the middle of a line is not told.
  ['__complete task st', '', 0],
])('`terok %s` to a full disk says %j', async (words, reason, exitCode) => {
  const ran = await new Promise<Ran>((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: scratch };
    execFile(
      'sh',
      ['-c', `"$0" "$@" > /dev/full`, process.execPath, join(dist, 'bin.js'), ...words.split(' ')],
      { env },
      (error, stdout, stderr) => resolve({ stdout, stderr, exitCode: typeof error?.code === 'number' ? error.code : 0 }),
    );
  });
  expect({ exitCode: ran.exitCode, reason: /ENOSPC/.exec(ran.stderr)?.[0] ?? ran.stderr }).toEqual({ exitCode, reason });
});

test('names are proposed wherever the state was moved to', async () => {
  const root = await mkdtemp(join(scratch, 'moved-'));
  const config = join(root, 'config');
  await mkdir(join(config, 'projects/demo'), { recursive: true });
  await mkdir(join(root, 'state/core/projects/demo/tasks'), { recursive: true });
  await writeFile(join(config, 'config.yml'), `paths:\n  root: ${root}/state\n`);
  await writeFile(join(root, 'state/core/projects/demo/tasks/k3v8h_dossier.json'), '{"name": "first"}');
  const ask = (...words: readonly string[]) =>
    runNode([join(dist, 'bin.js'), '__complete', ...words], { TEROK_CONFIG_DIR: config, TEROK_ROOT: '' });
  expect((await ask('project', 'show', 'd')).stdout).toMatch(/^demo\t.*\n$/);
  expect((await ask('task', 'logs', 'demo', '')).stdout).toBe('k3v8h\tfirst\n');
});

test('the words of the schema library are in it', async () => {
  await mkdir(join(scratch, 'config'), { recursive: true });
  await writeFile(join(scratch, 'config', 'config.yml'), 'run:\n  time_limit: soon\n');
  const { stderr } = await runNode([join(dist, 'bin.js'), 'config', 'paths']);
  expect(stderr).toContain('config.yml:2:3: run.time_limit: ');
  expect(stderr).toContain('expected');
  await rm(join(scratch, 'config'), { recursive: true });
});

test('a working directory that was removed is only missed where it is needed, and said to be', async () => {
  await demoProject();
  const places = { TEROK_ROOT: join(scratch, 'state'), TEROK_CONFIG_DIR: join(scratch, 'config') };
  const runNowhere = (words: string) =>
    new Promise<Ran>((resolve) => {
      const script = `mkdir -p '${scratch}/gone' && cd '${scratch}/gone' && rmdir ../gone && exec "$0" "$1" ${words}`;
      const env = { PATH: process.env['PATH'], HOME: scratch, ...places };
      execFile('sh', ['-c', script, process.execPath, join(dist, 'bin.js')], { env }, (error, stdout, stderr) =>
        resolve({ stdout, stderr, exitCode: typeof error?.code === 'number' ? error.code : 0 }),
      );
    });
  expect(await runNowhere('project list')).toMatchObject({ stdout: expect.stringContaining('/repositories/demo') as string, exitCode: 0 });
  expect(await runNowhere('project add other .')).toMatchObject({
    stderr: expect.stringMatching(/^error: The directory that this was started in has been removed\.\nhint: .*\n$/) as string,
    exitCode: 1,
  });
});

test('knows the versions it was made from', async () => {
  const { stdout } = await runNode([join(dist, 'bin.js'), 'version', '--json']);
  const { packages } = JSON.parse(stdout) as { packages: Readonly<Record<string, string>> };
  expect(Object.keys(packages).toSorted()).toEqual([
    '@terok/executor',
    '@terok/lifecycle-daemon',
    '@terok/orchestration',
    '@terok/sandbox',
    'terok',
  ]);
});

test('a reader that goes early is no error', async () => {
  const shell = `"$0" "$1" --help | head -n 1`;
  const { stdout, stderr } = await new Promise<Ran>((resolve) => {
    execFile('sh', ['-c', shell, process.execPath, join(dist, 'bin.js')], (error, out, err) =>
      resolve({ stdout: out, stderr: err, exitCode: error === null ? 0 : 1 }),
    );
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'USAGE\n', stderr: '' });
});

test('a question asked at a terminal does not keep the command from ending', async () => {
  await demoProject();
  expect(await atTerminal(['project', 'remove', 'demo'], [{ shown: '[y/N] ', typed: 'y\n' }])).toEqual({
    exitCode: 0,
    shown: expect.stringContaining('Removed project demo.') as string,
  });
});

test('what was left out is chosen from a list at a terminal', async () => {
  await demoProject();
  expect(await atTerminal(['project', 'show'], [{ shown: 'demo', typed: '\r' }])).toEqual({
    exitCode: 0,
    shown: expect.stringMatching(/Which project\?[\s\S]*\/repositories\/demo[\s\S]*network +none/) as string,
  });
});

test('Ctrl-C at a list does nothing, and leaves the terminal as it was', async () => {
  await demoProject();
  expect(await atTerminal(['project', 'remove'], [{ shown: 'demo', typed: '\u0003' }])).toEqual({
    exitCode: 130,
    shown: expect.stringContaining('Nothing was done.') as string,
  });
});

test('a configuration that is no YAML, behind a link, is edited again until it is', async () => {
  const [config, kept, editor] = [join(scratch, 'config', 'config.yml'), join(scratch, 'dotfile.yml'), join(scratch, 'editor')];
  await mkdir(join(scratch, 'config'), { recursive: true });
  await writeFile(kept, 'run: [\n');
  await symlink(kept, config);
  onTestFinished(() => rm(config));
  const visits = `test -e '${editor}.seen' && text='run: {}' || text='run: ['; touch '${editor}.seen'; echo "# mine\n$text" > "$1"`;
  await writeFile(editor, `#!/bin/sh\n${visits}\n`, { mode: 0o700 });
  expect(await atTerminal(['config', 'edit'], [{ shown: 'What now?', typed: '\r' }], { EDITOR: editor })).toEqual({
    exitCode: 0,
    shown: expect.stringContaining(`Changed ${kept}`) as string,
  });
  expect(await readFile(config, 'utf8')).toBe('# mine\nrun: {}\n');
  expect((await readdir(scratch)).filter((name) => name.startsWith('.terok-edit'))).toEqual([]);
});

async function demoProject(): Promise<void> {
  const project = join(scratch, 'config', 'projects', 'demo');
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'project.yml'), 'repository: /repositories/demo\n');
}

type Turn = { readonly shown: string; readonly typed: string };

/** `script` gives a command a terminal of its own, and that terminal what comes through the pipe. Each turn waits for its text, then types. */
async function atTerminal(
  words: readonly string[],
  turns: readonly Turn[],
  more: NodeJS.ProcessEnv = {},
): Promise<{ readonly exitCode: unknown; readonly shown: string }> {
  const command = [process.execPath, join(dist, 'bin.js'), ...words].map((word) => `'${word}'`).join(' ');
  const sized = `stty cols 80 rows 24; ${command}`;
  const env = {
    PATH: process.env['PATH'],
    HOME: scratch,
    TERM: 'xterm',
    NO_COLOR: '1',
    TEROK_ROOT: join(scratch, 'state'),
    TEROK_CONFIG_DIR: join(scratch, 'config'),
    ...more,
  };
  const terminal = spawn('script', ['--quiet', '--return', '--command', sized, '/dev/null'], { env });
  onTestFinished(() => void terminal.kill());
  const waiting = [...turns];
  let shown = '';
  terminal.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString();
    if (waiting[0] !== undefined && shown.includes(waiting[0].shown)) terminal.stdin.write(waiting.shift()?.typed ?? '');
  });
  const exitCode = await new Promise((resolve, reject) => terminal.once('close', resolve).once('error', reject));
  return { exitCode, shown };
}
