/** A project of a test's own: a small real repository, added to an installation, and everything of it removed in the end. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Installation, Session } from './installation.ts';

export type DemoProject = {
  readonly id: string;
  readonly repository: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** `terok task run` with the shell agent. */
  readonly run: (script: string, ...flags: readonly string[]) => Promise<Session>;
  readonly tasks: () => Promise<readonly ListedTask[]>;
  /** Waits until the one task that runs says what the container's state and the record say: `running`. */
  readonly running: () => Promise<ListedTask>;
  readonly remove: () => Promise<void>;
};

export type ListedTask = { readonly task_id: string; readonly status: string; readonly exit_code: number | null };

/** As many as a small machine takes. */
const deletedAtOnce = 4;

export async function demoProject(installation: Installation, id: string): Promise<DemoProject> {
  const repository = await mkdtemp(join(installation.directory, 'repository-'));
  const git = async (...args: readonly string[]): Promise<string> =>
    (await execa('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args])).stdout;
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(repository, 'file'), 'text\n');
  await git('add', 'file');
  await git('commit', '--quiet', '--message=first');
  await installation.answer(['project', 'add', id, repository]);

  const tasks = async () =>
    (JSON.parse(await installation.answer(['task', 'list', id, '--json'])) as { readonly tasks: readonly ListedTask[] }).tasks;
  return {
    id,
    repository,
    git,
    tasks,
    run: (script, ...flags) => installation.terok(['task', 'run', id, '--agent', 'shell', '--prompt', script, ...flags]),
    running: () => eventually(async () => (await tasks()).find(({ status }) => status === 'running')),
    async remove() {
      const ids = (await tasks()).map(({ task_id }) => task_id);
      while (ids.length > 0)
        await Promise.all(ids.splice(0, deletedAtOnce).map((task) => installation.answer(['task', 'delete', id, task])));
      await installation.answer(['project', 'remove', id, '--yes']);
    },
  };
}

/** Asks again until there is an answer; gives up after two minutes. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('What was waited for did not come within two minutes.');
}
