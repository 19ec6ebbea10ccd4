/** A world on the real disk with the real git: an installation, and a repository of a person's own, in a folder that goes away with the test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { executorContext } from '@terok/executor';
import { engineProfile, memoryRuntime, type MemoryRuntime } from '@terok/executor/testing';
import { hostContext } from '@terok/sandbox';
import type { TaskContext } from '../task-context.ts';
import { memoryWorld } from './memory-world.ts';

export type GitWorld = {
  readonly root: string;
  readonly ctx: TaskContext;
  readonly runtime: MemoryRuntime;
  /** A repository on `main` with one commit. */
  readonly repository: string;
  /** Runs git in `cwd`, the repository when left out, and answers what it prints. */
  readonly git: (args: readonly string[], cwd?: string) => Promise<string>;
  /** Writes a file, commits it, and answers the commit. */
  readonly commit: (file: string, text: string, cwd?: string) => Promise<string>;
};

/** For `test.extend`: a world for each test that asks for one. */
export const gitWorldFixture = {
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures a fixture needs from here
  world: async ({}, use: (world: GitWorld) => Promise<void>): Promise<void> => {
    const root = await mkdtemp(join(tmpdir(), 'terok-orchestration-'));
    try {
      await use(await openWorld(root));
    } finally {
      await rm(root, { recursive: true });
    }
  },
};

async function openWorld(root: string): Promise<GitWorld> {
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    TEROK_ROOT: join(root, 'state'),
    TEROK_CONFIG_DIR: join(root, 'config'),
    GIT_CONFIG_GLOBAL: join(root, 'gitconfig'),
  };
  await writeFile(env.GIT_CONFIG_GLOBAL, '[user]\nname = a\nemail = a@localhost\n[init]\ndefaultBranch = main\n');
  const runtime = memoryRuntime({ now: () => new Date(0) });
  const real = await executorContext(await hostContext({ env }), { env, runtime });
  const { podman, freeBytes } = (await memoryWorld()).ctx;
  const ctx: TaskContext = {
    ...real,
    podman,
    freeBytes,
    engine: { kind: 'current', profile: engineProfile({ user_mapping: { kind: 'keep_id' } }) },
  };

  const repository = join(root, 'repository');
  const git: GitWorld['git'] = async (args, cwd = repository) => {
    const { end, stdout, stderr } = await real.processes.run({ binary: 'git', args: ['-C', cwd, ...args], env });
    if (end.kind !== 'exited' || end.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  };
  const commit: GitWorld['commit'] = async (file, text, cwd = repository) => {
    await ctx.files.replace(join(cwd, file), text);
    await git(['add', '--', file], cwd);
    await git(['commit', '--quiet', `--message=${file}`], cwd);
    return git(['rev-parse', 'HEAD'], cwd);
  };
  await git(['init', '--quiet', repository], dirname(repository));
  await commit('file', 'text\n');
  return { root, ctx, runtime, repository, git, commit };
}
