import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runCli } from '@terok/orchestration';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../demo-project.ts';
import { libraryProject, removeProject, scratch, type LibraryProject } from './library.ts';

let project: LibraryProject;
let program: string;
beforeAll(async () => {
  project = await libraryProject('login');
  program = join(await scratch(project), 'login.ts');
  const from = (name: string) => JSON.stringify(fileURLToPath(new URL(`../../../${name}/dist/index.js`, import.meta.url)));
  await writeFile(
    program,
    `import { executorContext } from ${from('executor')};
import { taskLogin } from ${from('orchestration')};
import { hostContext } from ${from('sandbox')};
const ctx = await executorContext(await hostContext());
process.exitCode = await taskLogin(ctx, 'login', process.argv[2] ?? '');
`,
  );
});
afterAll(() => removeProject(project));

/** A person at a terminal of this size. */
function person(taskId: string, size: { readonly rows: number; readonly columns: number }) {
  const words = `stty rows ${size.rows} cols ${size.columns}; exec ${process.execPath} ${program} ${taskId}`;
  return execa('script', ['--quiet', '--flush', '--return', '--command', words, '/dev/null'], {
    env: { ...project.environment, TERM: 'xterm', SHELL: '/bin/sh' },
    stdin: 'pipe',
    reject: false,
  });
}

const inside = async (container: string, script: string): Promise<string> => {
  const { stdout } = await project.ctx.runtime.exec(container, ['/bin/bash', '-c', script]);
  return new TextDecoder().decode(stdout).trim();
};
const clients = (container: string) => inside(container, "tmux list-clients -F '#{client_width}x#{client_height}' 2>/dev/null || true");
const detach = '\u0002d';

test('a person comes, leaves, and comes back to the shell as it was left; the container lives on', async () => {
  const { ctx, installation } = project;
  const { taskId, containerName } = await runCli(ctx, 'login');
  const attached = (size: string) => eventually(async () => ((await clients(containerName)).split('\n').includes(size) ? true : undefined));
  const written = (name: string) =>
    eventually(() =>
      readFile(join(installation.stateRoot, 'tasks', 'login', taskId, 'workspace', name), 'utf8').then(
        (text) => (text === '' ? undefined : text),
        () => undefined,
      ),
    );

  const first = person(taskId, { rows: 41, columns: 133 });
  await attached('133x41');
  first.stdin.write('X=kept; (sleep 1; echo later > later) & pwd > where\n');
  expect(await written('where')).toBe('/workspace\n');
  first.stdin.write(detach);
  expect((await first).exitCode).toBe(0);
  expect(await clients(containerName)).toBe('');
  // What runs in a shell that nobody looks at goes on.
  expect(await written('later')).toBe('later\n');

  const second = person(taskId, { rows: 30, columns: 90 });
  await attached('90x30');
  second.stdin.write('echo "$X" > kept\n');
  expect(await written('kept')).toBe('kept\n');
  // A lost terminal leaves the shell as it is. podman keeps the other end of it open, which takes nothing from who comes next.
  second.kill('SIGKILL');
  await second;

  const third = person(taskId, { rows: 24, columns: 80 });
  await attached('80x24');
  expect(await inside(containerName, "tmux display-message -p '#{window_width}'")).toBe('80');
  third.stdin.write('echo "$X again" > again\n');
  expect(await written('again')).toBe('kept again\n');
  third.stdin.write('exit\n');
  expect((await third).exitCode).toBe(0);
  expect(await inside(containerName, 'echo here')).toBe('here');
});
