/**
 * A night: twelve tasks over three projects, four of which fail in ways of their own, while whatever of terok runs is killed twenty times. In the morning
 * every task says truly what became of it, all work is there, and podman holds nothing that no task accounts for.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@terok/sandbox/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, eventually, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { remainsAfterDelete } from './remains.ts';

const kills = 20;

type Job = {
  readonly number: number;
  readonly project: DemoProject;
  readonly script: string;
  readonly flags: readonly string[];
  readonly end: { readonly status: string; readonly exit_code: number | null };
};
type Listed = { readonly task_id: string; readonly name: string; readonly status: string; readonly exit_code: number | null };

let installation: Installation;
let projects: readonly DemoProject[];
beforeAll(async () => {
  installation = await sharedInstallation();
  projects = await Promise.all(['night-one', 'night-two', 'night-three'].map((id) => demoProject(installation, id)));
});
afterAll(async () => {
  for (const project of projects) await project.remove();
});

test('twelve tasks and twenty kills end in true records, and no work is lost', { timeout: 600_000 }, async () => {
  const jobs = twelveJobs();
  const night = disturbedNight();
  await Promise.all([...jobs.map((job) => seeThrough(job, night)), night.killer(), night.onlooker()]);

  // A start that was cut short is known as that a minute later.
  const morning = await eventually(async () => {
    const listed = await tasksByProject();
    return [...listed.values()].flat().some(({ status }) => status === 'starting') ? undefined : listed;
  });
  for (const job of jobs) expect(await startedTask(job), nameOf(job)).toMatchObject(job.end);
  expect([...morning.values()].flat().filter(({ status }) => /unknown|damaged|deleting|running|init|starting/.test(status))).toEqual([]);
  expect(await strangers(morning)).toEqual([]);

  for (const job of jobs) await expectWorkKept(job);
  for (const [project, tasks] of morning) {
    for (const { task_id } of tasks) await installation.terok(['task', 'delete', project, task_id]);
  }
  expect(await strangers(new Map())).toEqual([]);
});

async function tasksByProject(): Promise<ReadonlyMap<string, readonly Listed[]>> {
  return new Map(await Promise.all(projects.map(async ({ id, tasks }) => [id, (await tasks()) as readonly Listed[]] as const)));
}

/** Each writes into its workspace as it goes, commits some of it, and ends in its own way. */
function twelveJobs(): readonly Job[] {
  const ends: readonly (readonly [string, readonly string[], Job['end']])[] = [
    ...Array.from({ length: 8 }, () => ['exit 0', [], { status: 'completed', exit_code: 0 }] as const),
    ['exit 3', [], { status: 'failed', exit_code: 3 }],
    ['kill -9 $$', [], { status: 'failed', exit_code: 137 }],
    ['no-such-command', [], { status: 'failed', exit_code: 127 }],
    ['sleep 600', ['--time-limit', '30s'], { status: 'timed_out', exit_code: 124 }],
  ];
  return ends.map(([last, flags, end], number) => ({
    number,
    project: projects[number % projects.length] ?? missing('project'),
    script: [
      `echo committed-${number} > committed`,
      'git add committed && git commit --quiet --message=night',
      `for step in 1 2 3 4; do echo "untracked-${number}-$step" >> untracked; sleep 1; done`,
      last,
    ].join('\n'),
    flags,
    end,
  }));
}

function missing(what: string): never {
  throw new Error(`There is no ${what}.`);
}

const nameOf = ({ number }: Job): string => `night-${number}`;

/** As a person would: starts it again where its start was cut short, and comes back to it until it is over. */
async function seeThrough(job: Job, { run }: ReturnType<typeof disturbedNight>): Promise<void> {
  const { project, script, flags } = job;
  for (let launches = 0; (await startedTask(job)) === undefined; launches++) {
    if (launches > kills) throw new Error(`${nameOf(job)} never began: ${JSON.stringify(await project.tasks())}`);
    await run(['task', 'run', project.id, '--name', nameOf(job), '--agent', 'shell', '--prompt', script, ...flags]);
  }
  for (let task = await startedTask(job); task !== undefined && /running|init/.test(task.status); task = await startedTask(job))
    await run(['task', 'wait', project.id, task.task_id]);
}

/** The task of the job whose agent began; a start that was cut short leaves none, or one that never began. */
async function startedTask({ number, project }: Job): Promise<Listed | undefined> {
  const tasks = (await project.tasks()) as readonly Listed[];
  return tasks.find(({ task_id, name }) => name === `night-${number}` && existsSync(workspaceFile(project, task_id, 'committed')));
}

const workspaceFile = (project: DemoProject, task: string, file: string): string =>
  join(installation.stateRoot, 'tasks', project.id, task, 'workspace', file);

/** Commands that are killed at random moments, by the same dice every night. */
function disturbedNight() {
  const dice = seededRandom(20);
  const alive = new Set<ReturnType<Installation['start']>>();
  let left = kills;
  const run = async (args: readonly string[]): Promise<void> => {
    const command = installation.start(args);
    alive.add(command);
    await command;
    alive.delete(command);
  };
  const oneOf = <T>(things: readonly T[]): T | undefined => (things.length === 0 ? undefined : things[dice.integer(things.length)]);
  return {
    run,
    async killer(): Promise<void> {
      while (left > 0) {
        await sleep(50 + dice.integer(900));
        const victim = oneOf([...alive]);
        if (victim?.kill('SIGKILL') === true) left--;
      }
    },
    /** Somebody who cannot sleep, and looks at one thing after the other. */
    async onlooker(): Promise<void> {
      while (left > 0) {
        const project = oneOf(projects) ?? missing('project');
        const task = oneOf(await project.tasks())?.task_id;
        if (task === undefined) await run(['task', 'list', project.id]);
        else await run(['task', oneOf(['status', 'logs', 'diff', 'fetch', 'wait']) ?? 'status', project.id, task]);
      }
    },
  };
}

/** Containers of these projects that no task accounts for. */
async function strangers(tasks: ReadonlyMap<string, readonly Listed[]>): Promise<readonly string[]> {
  const known = new Set([...tasks].flatMap(([project, listed]) => listed.map(({ task_id }) => `${project} ${task_id}`)));
  const format = '{{.Names}}\t{{index .Labels "ai.terok.project"}} {{index .Labels "ai.terok.task"}}';
  const rows = (await installation.podman(['ps', '--all', `--format=${format}`])).split('\n').map((line) => line.split('\t'));
  return rows.flatMap(([name = '', owner = '']) => (owner.startsWith('night-') && !known.has(owner) ? [name] : []));
}

async function expectWorkKept(job: Job): Promise<void> {
  const { number, project } = job;
  const task = (await startedTask(job)) ?? missing(nameOf(job));
  const untracked = await readFile(workspaceFile(project, task.task_id, 'untracked'), 'utf8');
  expect(untracked, nameOf(job)).toContain(`untracked-${number}-4\n`);

  const remains = await remainsAfterDelete(installation, project, task.task_id);
  expect(remains.bytes).toContain(`committed-${number}\n`);
  expect(remains.bytes).toContain(untracked);
  await remains.remove();
}
