/** A small real repository on the host, for tasks and mirrors to begin from. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

export type Repository = {
  readonly path: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Writes a file, commits it, and answers the commit. */
  readonly commit: (file: string, text: string) => Promise<string>;
};

/** On branch `main`, with one commit of `file`. */
export async function newRepository(parent: string): Promise<Repository> {
  const path = await mkdtemp(join(parent, 'repository-'));
  const git: Repository['git'] = async (...args) =>
    (await execa('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args])).stdout;
  const commit: Repository['commit'] = async (file, text) => {
    await writeFile(join(path, file), text);
    await git('add', '--', file);
    await git('commit', '--quiet', `--message=${file}`);
    return git('rev-parse', 'HEAD');
  };
  await git('init', '--quiet', '--initial-branch=main');
  await commit('file', 'text\n');
  return { path, git, commit };
}
