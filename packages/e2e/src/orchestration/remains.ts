/** All that an archive keeps of a task's work, read as a person would who restores it: from a scratch repository and from unpacked files. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';

/** Bytes as they are, one character each. */
const latin1 = { encoding: 'latin1', maxBuffer: 64 * 1024 * 1024 } as const;

export type Remains = {
  /** The archive of the task. */
  readonly archive: string;
  /** Every commit, file and patch in it, one after the other. */
  readonly bytes: string;
  /** The work as files, on a branch of its own in a clone of the project's repository; null when the workspace was kept whole. */
  readonly restored: string | null;
  readonly remove: () => Promise<void>;
};

/** Deletes the task and reads what is left of it. Nothing of what is read is run. */
export async function remainsAfterDelete(installation: Installation, project: DemoProject, task: string): Promise<Remains> {
  await installation.answer(['task', 'delete', project.id, task]);
  const archive = await archiveOf(installation, project.id, task);
  const scratch = await mkdtemp(join(installation.directory, 'remains-'));
  const repository = join(scratch, 'repository');
  const files = join(scratch, 'files');
  await execa('git', ['clone', '--quiet', project.repository, repository]);
  const git = (...args: readonly string[]) => execa('git', ['-C', repository, ...args], latin1);

  const bundle = join(archive, 'work', 'work.bundle');
  if (await exists(bundle)) await git('fetch', '--quiet', '--no-tags', bundle, 'refs/*:refs/found/*');
  for (const name of ['work/untracked.tar', 'work/repository.tar', 'workspace.tar'])
    if (await exists(join(archive, name))) await unpack(join(archive, name), join(files, name));

  await writeFile(join(repository, '.git/objects/info/alternates'), (await folders(files, 'objects')).map((path) => `${path}\n`).join(''));
  const whole = await exists(join(archive, 'workspace.tar'));
  if (!whole) await restore(repository, archive);
  const texts = [
    (await git('cat-file', '--batch', '--batch-all-objects', '--buffer')).stdout,
    (await execa('find', [scratch, '-name', 'objects', '-prune', '-o', '-type', 'f', '-size', '-1000k', '-exec', 'cat', '{}', '+'], latin1))
      .stdout,
    (await execa('find', [scratch, '-type', 'l', '-printf', '%l\n'], latin1)).stdout,
  ];
  return { archive, bytes: texts.join('\n'), restored: whole ? null : repository, remove: () => rm(scratch, { recursive: true }) };
}

export async function archiveOf({ stateRoot }: Installation, project: string, task: string): Promise<string> {
  const directory = join(stateRoot, 'archive', project, 'tasks');
  const names = (await readdir(directory)).filter((name) => name.split('_')[1] === task);
  if (names.length !== 1) throw new Error(`Task ${task} has ${names.length} archives: ${names.join(', ')}`);
  return join(directory, names[0] ?? '');
}

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

async function restore(repository: string, archive: string): Promise<void> {
  const git = (...args: readonly string[]) => execa('git', ['-C', repository, '-c', 'core.hooksPath=/dev/null', ...args]);
  const patch = join(archive, 'work', 'uncommitted.patch');
  if (await exists(patch)) {
    const [, head] = /^The files as they are, against (\S+)$/m.exec(await readFile(patch, 'latin1')) ?? [];
    if (head === emptyTree) await git('rm', '--quiet', '-r', '.');
    else await git('checkout', '--quiet', '--detach', head ?? '');
    await git('apply', '--binary', '--whitespace=nowarn', patch);
  }
  const untracked = join(archive, 'work', 'untracked.tar');
  if (await exists(untracked)) await unpack(untracked, repository);
}

async function unpack(tar: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  await execa('tar', ['--extract', `--file=${tar}`, `--directory=${into}`]);
}

async function folders(below: string, name: string): Promise<readonly string[]> {
  if (!(await exists(below))) return [];
  const { stdout } = await execa('find', [below, '-type', 'd', '-name', name, '-print0']);
  return stdout.split('\0').filter((path) => path !== '');
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
