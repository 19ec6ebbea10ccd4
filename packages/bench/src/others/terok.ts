/**
 * terok by its command line. Before the first command it does more than the others: it brings its mirror of the repository up to date, clones
 * the workspace in the container, and writes down each thing that it is about to do.
 *
 * By its command line, what runs is entered by a shell at a terminal, so the time to its prompt is what counts there. The library runs a
 * command as sandcastle's does.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { commandEnvironment } from '../cli-figures.ts';
import { terok } from '../command.ts';
import type { BenchPlace } from '../executor-place.ts';
import { ProgramFailed } from './programs.ts';
import { quoted, type Stage } from './stage.ts';
import type { Tool } from './tool.ts';

const project = 'demo';
const firstCommand = '.first-command';
const agentScript = `touch ${firstCommand}; exec sleep infinity`;

/** What `terok task run --json` says of the task that it started. */
type StartedTask = { readonly task_id: string; readonly container_name: string };

export async function terokTool(
  { place, ctx, programs, repository }: Stage,
  { places, sandbox }: Pick<BenchPlace, 'places' | 'sandbox'>,
  base: string,
): Promise<Tool> {
  const env = { ...commandEnvironment(places), TERM: 'xterm' };
  const words = (...args: readonly string[]) => [process.execPath, terok, ...args];
  const run = (...args: readonly string[]) => programs.run({ words: words(...args), env, cwd: place });
  await run('setup', '--base', base);
  await run('project', 'add', project, await repository('terok'), '--base', base);

  async function startedTask(): Promise<StartedTask> {
    const flags = ['--agent', 'shell', '--prompt', agentScript, '--detach', '--json'];
    const task = JSON.parse(await run('task', 'run', project, ...flags)) as StartedTask;
    await appears(join(sandbox.paths.tasks, project, task.task_id, 'workspace', firstCommand));
    return task;
  }

  async function shellIn({ task_id }: StartedTask) {
    const login = words('task', 'login', project, task_id).map(quoted).join(' ');
    const shell = programs.open({ words: ['script', '--quiet', '--flush', '--return', '--command', login, '/dev/null'], env, cwd: place });
    await shell.prints(/\$ /);
    return shell;
  }

  return {
    name: `terok ${(await run('--version')).trim()}`,
    ways: {
      version: { by: 'terok --version' },
      create: { by: 'terok task run --agent shell --detach, until the first command of its prompt has run' },
      exec: { by: 'terok task login, until its shell asks' },
      call: { by: 'exec of the runtime of @terok/executor' },
      stop: { by: 'terok task stop' },
      remove: { by: 'terok task stop and terok task delete, with the work archived' },
    },
    version: async (timed) => void (await timed('version', () => run('--version'))),
    async life(timed) {
      const task = await timed('create', startedTask);
      const shell = await timed('exec', () => shellIn(task));
      shell.type('exit\n');
      await shell.ended;
      const { exitCode } = await timed('call', () => ctx.runtime.exec(task.container_name, ['/bin/sh', '-c', 'true']));
      if (exitCode !== 0) throw new ProgramFailed(`the command ended with ${exitCode}`);
      await timed('remove', async () => {
        await timed('stop', () => run('task', 'stop', project, task.task_id));
        await run('task', 'delete', project, task.task_id, '--yes');
      });
    },
  };
}

async function appears(path: string): Promise<void> {
  for (let attempt = 0; attempt < 60_000; attempt++) {
    if (existsSync(path)) return;
    await setTimeout(1);
  }
  throw new ProgramFailed(`${path} did not come within a minute`);
}
