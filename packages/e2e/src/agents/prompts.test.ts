/** Whatever a prompt holds, an agent reads those bytes. The agent is a file of the person's own, as anybody may write one. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';

let installation: Installation;
let project: DemoProject;
const agentFile = () => join(installation.configRoot, 'agents/listener.yaml');
const brokenFile = () => join(installation.configRoot, 'agents/broken.yaml');

beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'prompts');
  await mkdir(join(installation.configRoot, 'agents'), { recursive: true, mode: 0o700 });
  const words = `[/bin/bash, -c, 'cat >heard; exit "$(wc -c <heard | wc -l)"', listener]`;
  await writeFile(
    agentFile(),
    `label: Listener\ngit_identity: { name: l, email: l@localhost }\nrun:\n  prompt: stdin\n  start: ${words}\n  environment: { MARK: here }\n`,
  );
  await writeFile(brokenFile(), 'label: Broken\nrun:\n  promt: stdin\n');
});
afterAll(async () => {
  await project.remove();
  await rm(agentFile());
  await rm(brokenFile());
});

const line = 'All work and no play makes Jack a dull boy; "quotes", \'quotes\', $(touch x), `touch y`, \\ and ü.\n';

test.concurrent.each([
  ['300 KB', line.repeat(Math.ceil(300_000 / line.length))],
  ['a flag', '--help'],
  ['two dashes and line ends, which stay', '--\n\n-p\n\n\n'],
  ['a prompt without a line end', 'one line'],
  ['quotes and commands', `${line}"'\`$(exit 9)\${HOME}\\`],
])('%s arrives byte for byte', async (what, prompt) => {
  const name = `p-${what.replaceAll(/[^a-z0-9]+/g, '-')}`.slice(0, 30);
  const file = join(installation.directory, `${name}.txt`);
  await writeFile(file, prompt);
  const { exitCode, stdout, stderr } = await installation.terok([
    'task',
    'run',
    project.id,
    '--agent',
    'listener',
    '--prompt-file',
    file,
    '--name',
    name,
    '--json',
  ]);
  expect(exitCode, stderr).toBe(1);
  const { task_id: task } = JSON.parse(stdout) as { readonly task_id: string };
  const heard = await readFile(join(installation.stateRoot, 'tasks', project.id, task, 'workspace/heard'));
  expect(heard.equals(Buffer.from(prompt))).toBe(true);
});

test('an agent whose file is wrong is refused with the place, and takes no other along', async () => {
  const { exitCode, stderr } = await installation.terok(['task', 'run', project.id, '--agent', 'broken', '--prompt', 'x']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`${brokenFile()}:3:3 run.promt: Unknown key`);
  expect(stderr).toContain('Did you mean `prompt`?');
});
