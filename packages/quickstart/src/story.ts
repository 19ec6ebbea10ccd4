/** The main job from beginning to end, on the embedded agent: every command is shown as a person would type it, and is real. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import process from 'node:process';
import { demoRepository, mendingScript, startBranch } from './demo-repository.ts';
import { checkout, pinnedNode, stateDirectory } from './prepare.mjs';
import { commandLine, StepFailed, Steps } from './steps.mjs';

const cli = join(checkout, 'packages/cli/dist/bin.js');
const repository = join(stateDirectory, 'demo-repository');
const promptFile = join(stateDirectory, 'fix.sh');
const launcher = join(stateDirectory, 'terok');
const project = 'demo';
const state = { TEROK_ROOT: join(stateDirectory, 'state'), TEROK_CONFIG_DIR: join(stateDirectory, 'config') };

const steps = new Steps({ cwd: stateDirectory, env: { ...withoutOwnLocations(process.env), ...state } });
steps.listen();
try {
  await story();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\nerror: ${error.message}\n`);
  process.exitCode = error.exitCode;
}

async function story(): Promise<void> {
  steps.say(`\nEverything this makes is in ${stateDirectory}, and the commands below run there.`);
  writeLauncher();

  chapter('This machine, made ready');
  await terok('setup');

  chapter('A repository with a failing test, and a project for it');
  const { untouched } = await demoRepository(steps, repository);
  writeFileSync(promptFile, mendingScript);
  await steps.show({
    title: 'Showing the repository',
    command: 'git',
    args: ['-C', inState(repository), 'log', '--oneline', '--decorate'],
  });
  if (await hasProject()) await terok('project', 'show', project);
  else await terok('project', 'add', project, inState(repository));
  for (const left of await taskIds()) await terok('task', 'delete', project, left);

  chapter('A task: the agent runs in a container of its own and mends the test');
  await steps.show({ title: 'Showing what to do', command: 'cat', args: [inState(promptFile)] });
  await terok(
    'task',
    'run',
    project,
    '--agent',
    'shell',
    '--prompt-file',
    inState(promptFile),
    '--name',
    'mend-greet',
    ...(untouched ? [] : ['--branch', startBranch]),
  );
  const [mended] = await taskIds();
  if (mended === undefined) throw new StepFailed('The task that just ended is not listed.');
  await terok('task', 'status', project, mended);
  await terok('task', 'diff', project, mended);

  chapter('Its work comes back as a branch');
  await terok('task', 'fetch', project, mended);
  const branch = `terok/${mended}`;
  await steps.show({
    title: 'Showing the branch',
    command: 'git',
    args: ['-C', inState(repository), 'log', '--oneline', '--decorate', branch],
  });

  chapter('The proof, in a second and fresh container: what an agent wrote never runs on this machine');
  await terok('task', 'run', project, '--agent', 'shell', '--prompt', './test.sh', '--name', 'prove-it', '--branch', branch);

  chapter('Tidied up: a task leaves its archive');
  const [archived, ...others] = await taskIds();
  for (const taskId of [archived, ...others]) if (taskId !== undefined) await terok('task', 'delete', project, taskId);
  await terok('task', 'archive', 'list', project);
  await terok('task', 'archive', 'logs', project, await archiveOf(mended));
  summary(branch);
}

function inState(path: string): string {
  return relative(stateDirectory, path);
}

function chapter(title: string): void {
  steps.say(`\n── ${title} ${'─'.repeat(Math.max(3, 96 - title.length))}`);
}

async function terok(...args: readonly string[]): Promise<void> {
  await steps.show({
    title: `terok ${args[0]}`,
    command: pinnedNode,
    args: [cli, ...args],
    shown: commandLine({ command: 'terok', args }),
  });
}

async function asked(...args: readonly string[]): Promise<unknown> {
  return JSON.parse(await steps.read({ title: `terok ${args[0]}`, command: pinnedNode, args: [cli, ...args, '--json'] }));
}

/** A project of that name is ours when it is about our repository. */
async function hasProject(): Promise<boolean> {
  const { projects } = (await asked('project', 'list')) as {
    readonly projects: readonly { readonly project_id: string; readonly repository: string }[];
  };
  const found = projects.find(({ project_id }) => project_id === project);
  if (found !== undefined && found.repository !== repository) {
    throw new StepFailed(
      `The project \`${project}\` is about ${found.repository}, and this command did not make it. Remove it with \`${inCheckout(launcher)} project remove ${project}\`.`,
    );
  }
  return found !== undefined;
}

/** The newest first. */
async function taskIds(): Promise<readonly string[]> {
  const { tasks } = (await asked('task', 'list', project)) as {
    readonly tasks: readonly { readonly task_id: string; readonly created_at: string | null }[];
  };
  return tasks.toSorted((a, b) => (b.created_at ?? '').localeCompare(a.created_at ?? '')).map(({ task_id }) => task_id);
}

async function archiveOf(taskId: string): Promise<string> {
  const { archives } = (await asked('task', 'archive', 'list', project)) as {
    readonly archives: readonly { readonly archive: string; readonly task_id: string }[];
  };
  const found = archives.find(({ task_id }) => task_id === taskId);
  if (found === undefined) throw new StepFailed(`Task ${taskId} left no archive.`);
  return basename(found.archive);
}

/** The command as it was used here, for whoever wants to go on. */
function writeLauncher(): void {
  const words = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const settings = Object.entries(state).map(([name, value]) => `${name}=${words(value)}`);
  writeFileSync(
    launcher,
    `#!/bin/sh\n# Made by \`npm run quickstart\`: terok on the state beside this file.\nexec env ${settings.join(' ')} ${words(pinnedNode)} ${words(cli)} "$@"\n`,
  );
  chmodSync(launcher, 0o755);
  for (const directory of Object.values(state)) if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
}

function inCheckout(path: string): string {
  return `./${relative(checkout, path)}`;
}

function summary(branch: string): void {
  const command = inCheckout(launcher);
  steps.say(`
Done. An agent mended the test in a container without network, its work is the branch ${branch} of

  ${repository}

and nothing runs any more. What to type next:

  git -C ${inCheckout(repository)} diff ${startBranch} ${branch}     what the agent changed
  ${command} task run ${project} --prompt 'uname -a'     a task of your own
  ${command} project add NAME PATH-OR-URL     a repository of your own
  ${command} --help     everything else
  npm test     every check, on real podman
`);
}

/** Where a person's own installation is, is not where this one goes. */
function withoutOwnLocations(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEROK_')));
}
