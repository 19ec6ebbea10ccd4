/** The real agents, from the packages they are published as, in real hardened containers; only the model is ours. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderLog, type LogFormat } from '@terok/executor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation, Session } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { openMockApi, type MockApi } from './mock-api.ts';
import { keepPackages, restorePackages } from './package-cache.ts';

const key = 'sk-mock-0123456789abcdefghij';
const made = 'made by the agent';
/** What the model asks for. */
const command = `printf '%s\\n' '${made}' > made.txt`;

type Case = {
  readonly agent: string;
  readonly format: LogFormat;
  /** The variable that its key travels in. */
  readonly secret: string;
  /** What its protocol has behind the host's name. */
  readonly path: string;
  /** What it says of a key that is refused. */
  readonly refusal: RegExp;
};

const cases: readonly Case[] = [
  { agent: 'claude', format: 'claude-stream-json', secret: 'ANTHROPIC_API_KEY', path: '', refusal: /Invalid API key/ },
  { agent: 'codex', format: 'codex', secret: 'CODEX_API_KEY', path: '/v1', refusal: /error: unexpected status 401 Unauthorized/ },
  { agent: 'opencode', format: 'opencode', secret: 'OPENAI_API_KEY', path: '/v1', refusal: /error: invalid x-api-key \(401\)/ },
  {
    agent: 'copilot',
    format: 'copilot',
    secret: 'COPILOT_PROVIDER_API_KEY',
    path: '/v1',
    refusal: /error: Authentication failed with provider/,
  },
  { agent: 'gemini', format: 'gemini', secret: 'GEMINI_API_KEY', path: '', refusal: /error: \[API Error: .*invalid x-api-key/ },
];

let installation: Installation;
beforeAll(async () => {
  installation = await sharedInstallation();
  await restorePackages(installation);
});
afterAll(() => keepPackages(installation));

/** Within one agent the model changes its mood from test to test. */
const oneByOne = { concurrent: false };

// Each with a model of its own: while one waits for its image or for an answer, another works.
describe.concurrent.each(cases)('$agent', ({ agent, format, secret, path, refusal }) => {
  let api: MockApi;
  let project: DemoProject;
  const run = (prompt: string, ...flags: readonly string[]): Promise<Session> =>
    installation.terok(['task', 'run', project.id, '--prompt', prompt, ...flags]);
  const rendered = ({ stdout }: Session) => {
    const log = renderLog(format);
    return log.push(new TextEncoder().encode(stdout)) + log.end();
  };

  beforeAll(async () => {
    api = await openMockApi(command);
    project = await agentProject(`agent-${agent}`, { agent, secret, path, port: api.port });
    await imageBuilt(project);
  });
  afterAll(async () => {
    await project.remove();
    await api.close();
  });

  test('does what the model asks for, then goes on with its session when it is asked again', oneByOne, async () => {
    const prompt = '--- make "the" file\n$(exit 3)';
    const first = await run(prompt, '--name', 'first');
    expect(first.exitCode, first.stderr + first.stdout).toBe(0);
    expect(rendered(first)).toContain('Done. Prompts so far: 1.');
    expect(rendered(first)).toMatch(/→ (?:Bash|bash|command|run_shell_command)\n {4}command: /);
    expect(api.requests.map((request) => request.key)).toEqual(api.requests.map(() => key));
    expect(JSON.stringify(api.requests)).toContain(JSON.stringify(prompt).slice(1, -1));

    const task = await onlyTask(project);
    const root = join(installation.stateRoot, 'tasks', project.id, task);
    expect(await readFile(join(root, 'workspace/made.txt'), 'utf8')).toBe(`${made}\n`);
    await expect(stat(join(root, 'secrets.env'))).rejects.toThrow('ENOENT');
    const status = await installation.answer(['task', 'status', project.id, task]);
    expect(status).toContain(`secrets: ${secret}`);
    expect(status).toContain('network: open');

    const second = await run('and now?', '--task', task);
    expect(second.exitCode, second.stderr + second.stdout).toBe(0);
    expect(rendered(second)).toContain('Done. Prompts so far: 2.');
  });

  test('a key that is refused is its failure, in words', oneByOne, async () => {
    api.mood = 'refuses';
    const refused = await run('make the file');
    expect(refused.exitCode).toBe(agent === 'gemini' ? 145 : 1);
    expect(rendered(refused)).toMatch(refusal);
    expect(refused.stderr).toContain('ended: agent');
  });

  test('a model that never answers ends with the time limit', oneByOne, async () => {
    api.mood = 'hangs';
    const hung = await run('make the file', '--time-limit', '6');
    expect(hung.exitCode, hung.stderr).toBe(124);
    expect(hung.stderr).toContain('ended: time_limit');
  });
});

test.concurrent('a session that is lost is begun anew with the same prompt, and the log says so', { timeout: 600_000 }, async () => {
  const api = await openMockApi(command);
  const project = await agentProject('agent-lost', { agent: 'codex', secret: 'CODEX_API_KEY', path: '/v1', port: api.port });
  const run = (...words: readonly string[]) => installation.terok(['task', 'run', project.id, ...words]);
  await imageBuilt(project);
  expect((await run('--prompt', 'one')).exitCode).toBe(0);
  const task = await onlyTask(project);
  await rm(join(installation.stateRoot, 'tasks', project.id, task, 'home/.codex/sessions'), { recursive: true });

  const anew = await run('--prompt', 'two', '--task', task);
  expect(anew.exitCode, anew.stderr).toBe(0);
  expect(`${anew.stdout}${anew.stderr}`).toContain('the agent does not have the session of the run before any more');
  expect(anew.stdout).toContain('Done. Prompts so far: 1.');
  await project.remove();
  await api.close();
});

let lastBuild: Promise<unknown> = Promise.resolve();

/** An installation builds one image at a time: here they stand in line without asking. */
function imageBuilt({ id }: DemoProject): Promise<unknown> {
  const build = lastBuild.then(() => installation.answer(['image', 'build', id]));
  lastBuild = build.catch(() => {});
  return build;
}

async function onlyTask(project: DemoProject): Promise<string> {
  const [task, ...others] = await project.tasks();
  if (task === undefined || others.length > 0) throw new Error(`project ${project.id} has ${others.length + 1} tasks`);
  return task.task_id;
}

/** A project whose agent asks the mock, with a key from a file. */
async function agentProject(
  id: string,
  { agent, secret, path, port }: Pick<Case, 'agent' | 'secret' | 'path'> & { readonly port: number },
): Promise<DemoProject> {
  const project = await demoProject(installation, id);
  const keyFile = join(installation.directory, `${id}.key`);
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  await writeFile(
    join(installation.configRoot, 'projects', id, 'project.yml'),
    [
      `repository: ${project.repository}`,
      `run: { agent: ${agent}, base_url: 'http://host.containers.internal:${port}${path}' }`,
      'network: { mode: open }',
      `secrets: { ${secret}: { file: ${keyFile} } }`,
      '',
    ].join('\n'),
  );
  return project;
}
