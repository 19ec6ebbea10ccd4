/** People in a task's container, at a real terminal that they resize, press Ctrl-C at, and walk away from. */
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { personsEnvironment } from './terminal.ts';

const cli = fileURLToPath(new URL('../../../cli/dist/bin.js', import.meta.url));

let installation: Installation;
let project: DemoProject;

beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'people');
});
afterAll(async () => {
  await tmux('kill-server');
  await project.remove();
});

test('the shell has the size of the terminal, Ctrl-C is its own, and who detaches leaves it running', async () => {
  const desk = await sitDown('desk', ['task', 'run', 'people', '--interactive', '--name', 'desk'], { columns: 120, rows: 40 });
  await desk.until('stty size\n', /^39 120$/m);
  const taskId = (await project.running()).task_id;
  await desk.resize({ columns: 90, rows: 30 });
  await desk.until('stty size\n', /^29 90$/m);

  await desk.type(`bash -c 'trap "echo caught; exit" INT; echo ready-$((1 + 1)); sleep 1000 & wait'\n`);
  await desk.shows(/^ready-2$/m);
  await desk.press('C-c');
  await desk.shows(/^(?:\^C)?caught$/m);
  await desk.type('X=kept; clear\n');
  await desk.press('C-b', 'd');
  expect(await desk.shows(/came back with \d+/)).toContain('came back with 0');
  expect(await desk.shows(/hint:/)).toContain(`terok login people ${taskId}`);
  expect(await project.tasks()).toMatchObject([{ task_id: taskId, status: 'running' }]);

  const again = await sitDown('again', ['login', 'people', taskId], { columns: 100, rows: 24 });
  await again.until('stty size; echo it-is-$X\n', /^23 100$[\s\S]*^it-is-kept$/m);
  await again.type('exit 7\n');
  expect(await again.shows(/came back with \d+/)).toContain('came back with 0');
  expect(await project.tasks()).toMatchObject([{ task_id: taskId, status: 'running' }]);

  const ended = await sitDown('ended', ['login', 'people', taskId], { columns: 100, rows: 24 });
  await ended.until('stty size\n', /^23 100$/m);
  await installation.answer(['stop', 'people', taskId, '--timeout', '1s']);
  expect(await ended.shows(/came back with \d+/)).not.toContain('came back with 0');
  expect(await project.tasks()).toMatchObject([{ task_id: taskId, status: 'stopped' }]);
});

type Size = { readonly columns: number; readonly rows: number };

/** tmux is the terminal: it is resized and typed at from outside, and tells what stands on its screen. */
async function tmux(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('tmux', ['-S', join(installation.directory, 'people.tmux'), '-f', '/dev/null', ...args], {
    env: personsEnvironment(installation),
    extendEnv: false,
    reject: false,
  });
  return stdout;
}

async function sitDown(name: string, words: readonly string[], { columns, rows }: Size) {
  const command = `${[process.execPath, cli, ...words].join(' ')}; echo "came back with $?"; exec cat`;
  await tmux('new-session', '-d', '-s', name, '-x', String(columns), '-y', String(rows), command);
  const shows = (what: RegExp): Promise<string> =>
    eventually(async () => {
      const screen = await tmux('capture-pane', '-p', '-t', name);
      return what.test(screen) ? screen : undefined;
    });
  const type = (text: string) => tmux('send-keys', '-t', name, '-l', text);
  return {
    shows,
    type,
    press: (...keys: readonly string[]) => tmux('send-keys', '-t', name, ...keys),
    resize: (size: Size) => tmux('resize-window', '-t', name, '-x', String(size.columns), '-y', String(size.rows)),
    /** Types until the answer is there: what is typed before a shell listens is lost. */
    until: (text: string, what: RegExp) =>
      eventually(async () => {
        await type(text);
        await new Promise((resolve) => setTimeout(resolve, 500));
        return what.test(await tmux('capture-pane', '-p', '-t', name)) ? true : undefined;
      }),
  };
}
