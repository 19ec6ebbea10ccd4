/** What starting the command line takes, against the least that could do the same. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { installationLabels } from '@terok/executor';
import { startsInTurn, terok, type Start } from './command.ts';
import type { BenchPlace } from './executor-place.ts';
import type { Figure } from './figure.ts';
import { writeTasks } from './many-tasks.ts';

const node = process.execPath;
const startLimit = 1.4;
const listLimit = 2.5;

/** The answers that programs and shells wait for at each of their own starts. */
export function startFigures(env: Start['env'], taskId: string, rounds: number): readonly Figure[] {
  const start = (...words: readonly string[]): Start => ({ words: [node, terok, ...words], env });
  const answers = {
    'terok --version': start('--version'),
    'terok --help': start('--help'),
    'terok task run --help': start('task', 'run', '--help'),
    'completion of a command': start('__complete', 'task', 'st'),
    'completion of a project': start('__complete', 'project', 'show', ''),
    'completion after a flag': start('__complete', 'task', 'run', 'many', '--agent', ''),
    'completion of a task': start('__complete', 'task', 'logs', 'many', taskId.slice(0, 4)),
  };
  const taken = startsInTurn(rounds, { nothing: { words: [node, '-e', '0'], env }, ...answers });
  const names = Object.keys(answers) as (keyof typeof answers)[];
  return names.flatMap((name): readonly Figure[] => {
    const figure = (what: string, ms: number, againstMs: number): Figure => ({
      name: `${name}, ${what}`,
      against: '`node -e 0`',
      ms,
      againstMs,
      limit: `at most ${startLimit} ×`,
      within: ms <= startLimit * againstMs,
    });
    return [figure('work', taken[name].cpuMs, taken.nothing.cpuMs), figure('time', taken[name].wallMs, taken.nothing.wallMs)];
  });
}

/** A look at so many tasks, with podman's answer about none of them. */
export async function listFigure({ ctx, place }: Pick<BenchPlace, 'ctx' | 'place'>, env: Start['env'], rounds: number): Promise<Figure> {
  const labels = Object.entries(installationLabels(ctx.installationId)).map(([key, value]) => `--filter=label=${key}=${value}`);
  const taken = startsInTurn(rounds, {
    list: { words: [node, terok, 'task', 'list', 'many', '--json'], env },
    nothing: { words: [node, '-e', '0'], env },
    podman: { words: ctx.podman.commandLine(['ps', '--all', '--no-trunc', ...labels, '--format=json']), env },
  });
  const processes = await startedPrograms(place, env);
  const againstMs = taken.nothing.wallMs + taken.podman.wallMs;
  return {
    name: '`terok task list` of 1,000 tasks',
    against: '`node -e 0` and `podman ps`',
    ms: taken.list.wallMs,
    againstMs,
    limit: `at most ${listLimit} ×, one subprocess: ${processes}`,
    within: taken.list.wallMs <= listLimit * againstMs && processes === 1,
  };
}

/** Nothing can be found but a podman that writes down that it was started. */
async function startedPrograms(place: string, env: Start['env']): Promise<number> {
  const [programs, list] = [join(place, 'programs'), join(place, 'started')];
  await mkdir(programs);
  await writeFile(list, '');
  await writeFile(join(programs, 'podman'), `#!/bin/sh\necho podman >> '${list}'\nPATH='${env['PATH'] ?? ''}' exec podman "$@"\n`);
  await chmod(join(programs, 'podman'), 0o755);
  const { status, stderr } = spawnSync(node, [terok, 'task', 'list', 'many', '--json'], { env: { ...env, PATH: programs } });
  if (status !== 0) throw new Error(`the list ended with ${status}: ${stderr.toString()}`);
  return (await readFile(list, 'utf8')).split('\n').length - 1;
}

/** The tasks, and one of their IDs. */
export async function manyTasks({ sandbox }: Pick<BenchPlace, 'sandbox'>): Promise<string> {
  const project = join(sandbox.paths.projects, 'many');
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'project.yml'), 'repository: /nowhere\n');
  const ids = await writeTasks(sandbox, 'many', 1000);
  return ids[500] ?? '';
}

/** What the command line is told of its surroundings. Certificates to load would cost more than what is measured. */
export function commandEnvironment(places: Readonly<Record<string, string>>): Start['env'] {
  return { PATH: process.env['PATH'] ?? ['/usr/bin', '/bin'].join(delimiter), HOME: process.env['HOME'] ?? '/', ...places };
}
