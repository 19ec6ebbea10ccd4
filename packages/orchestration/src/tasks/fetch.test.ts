import { join } from 'node:path';
import type { RunSpec } from '@terok/executor';
import { TerokError } from '@terok/sandbox';
import { describe, expect, test as base } from 'vitest';
import { projectAdd } from '../projects/projects.ts';
import { gitWorldFixture, type GitWorld } from '../testing/node-git-world.ts';
import { taskFetch } from './fetch.ts';
import type { TaskId } from './identity.ts';
import { readTaskRecord, updateTask } from './meta.ts';
import { taskNew } from './new-task.ts';
import { taskStatus } from './status.ts';

const test = base.extend<{ world: GitWorld }>(gitWorldFixture);

type Container = (outbox: string, args: readonly string[]) => Promise<{ readonly stdout?: string; readonly exitCode?: number } | void>;

/** A task of project `demo`, and a container that leaves in the outbox what a test wants it to. */
async function fetching(world: GitWorld, container: Container) {
  const { ctx, repository, git } = world;
  await projectAdd(ctx, 'demo', { repository });
  const id = await taskNew(ctx, 'demo');
  await updateTask(ctx, 'demo', id, { base_commit: await git(['rev-parse', 'main']), branch: 'main' });
  const runOnce = async ({ mounts, command }: RunSpec) => {
    const answer = await container(mounts.find(({ access }) => access === 'write')?.source ?? '', command.slice(4));
    const bytes = (text: string) => new TextEncoder().encode(text);
    return { exitCode: answer?.exitCode ?? 0, stdout: bytes(answer?.stdout ?? ''), stderr: bytes('said') };
  };
  return { ctx: { ...ctx, runtime: { ...ctx.runtime, runOnce } }, id };
}

const ended = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => 'done',
    (error: unknown) => (error instanceof TerokError ? error.code : error),
  );

/** What the real script leaves: a bundle of one commit on top of `main`. */
const oneCommit =
  (world: GitWorld, text = 'work'): Container =>
  async (outbox) => {
    const clone = join(world.root, `clone-${text}`);
    await world.git(['clone', '--quiet', world.repository, clone]);
    const tip = await world.commit('work', text, clone);
    await world.git(['branch', 'work'], clone);
    await world.git(['bundle', 'create', '--quiet', join(outbox, 'work.bundle'), 'refs/heads/work', '^origin/main'], clone);
    return { stdout: `${tip}\n1\nyes\n` };
  };

const branches = ({ git }: GitWorld) => git(['for-each-ref', '--format=%(refname) %(objectname)']);

async function outboxes({ ctx }: GitWorld, id: TaskId) {
  return (await ctx.files.list(join(ctx.paths.tasks, 'demo', id))).filter(({ name }) => name.startsWith('out-'));
}

describe('fetched work', () => {
  test('is a branch of its own; nothing else of the repository changes, and none of its hooks run', async ({ world }) => {
    const hook = `#!/bin/sh\ntouch ${world.root}/canary\n`;
    for (const name of ['reference-transaction', 'post-checkout', 'post-merge', 'pre-auto-gc', 'update'])
      await world.ctx.files.replace(join(world.repository, '.git/hooks', name), hook, { mode: 0o755 });
    const { ctx, id } = await fetching(world, oneCommit(world));
    const before = await branches(world);
    const fetched = await taskFetch(ctx, 'demo', id);

    expect(fetched).toMatchObject({ branch: `terok/${id}`, commits: 1, uncommittedIncluded: true, repository: world.repository });
    expect(await branches(world)).toBe(`${before}\nrefs/heads/terok/${id} ${fetched.tip}`);
    expect(await world.git(['show', `${fetched.tip}:work`])).toBe('work');
    expect(await world.git(['symbolic-ref', 'HEAD'])).toBe('refs/heads/main');
    expect(await world.git(['status', '--short'])).toBe('');
    expect(await ctx.files.stat(join(world.root, 'canary'))).toBeNull();
    expect(await ctx.files.stat(join(world.repository, '.git/FETCH_HEAD'))).toBeNull();
    expect(await outboxes(world, id)).toEqual([]);
  });

  test('is known to the record, and is merged once the branch of the project has it', async ({ world }) => {
    const { ctx, id } = await fetching(world, oneCommit(world));
    const { tip } = await taskFetch(ctx, 'demo', id, { branch: 'mine' });
    expect(await readTaskRecord(ctx, 'demo', id)).toMatchObject({ record: { fetched_tip: tip, fetched_branch: 'mine' } });
    const project = join(world.ctx.paths.projects, 'demo/project.yml');
    await ctx.files.replace(project, `repository: ${world.repository}\nbranch: main\n`);
    expect((await taskStatus(ctx, 'demo', id)).merged).toBeNull();
    await world.git(['init', '--quiet', '--bare', join(ctx.paths.mirrors, 'demo.git')]);
    await world.git(['push', '--quiet', join(ctx.paths.mirrors, 'demo.git'), 'main']);
    expect((await taskStatus(ctx, 'demo', id)).merged).toBe(false);
    await world.git(['merge', '--quiet', 'mine']);
    expect((await taskStatus(ctx, 'demo', id)).merged).toBe(true);
  });

  test('is set anew by a later fetch whose work does not follow from it, as long as nobody has added to the branch', async ({ world }) => {
    let text = 'first';
    const { ctx, id } = await fetching(world, (outbox, args) => oneCommit(world, text)(outbox, args));
    await taskFetch(ctx, 'demo', id);
    text = 'second';
    const { tip } = await taskFetch(ctx, 'demo', id);
    expect(await world.git(['show', `terok/${id}:work`])).toBe('second');

    await world.git(['checkout', '--quiet', `terok/${id}`]);
    const own = await world.commit('mine', 'text');
    await world.git(['checkout', '--quiet', 'main']);
    text = 'third';
    await expect(taskFetch(ctx, 'demo', id)).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
    expect(await world.git(['rev-parse', `terok/${id}`])).toBe(own);
    expect(await readTaskRecord(ctx, 'demo', id)).toMatchObject({ record: { fetched_tip: tip } });
  });

  test(
    'never takes a commit away that somebody adds to the branch between any two steps of a fetch, nor after',
    { timeout: 120_000 },
    async ({ world }) => {
      let text = 'first';
      const { ctx, id } = await fetching(world, (outbox, args) => oneCommit(world, text)(outbox, args));
      const { git } = world;
      const added: string[] = [];
      /** Fetches into a branch of its own twice; somebody commits before step number `at` of the second fetch. */
      const refetched = async (at: number) => {
        const branch = `fetched-${at}`;
        text = `first-${at}`;
        await taskFetch(ctx, 'demo', id, { branch });
        text = `second-${at}`;
        let steps = 0;
        const processes: typeof ctx.processes = {
          ...ctx.processes,
          run: async (command) => {
            if (steps++ === at) {
              const own = await git(['commit-tree', `${branch}^{tree}`, '-p', branch, '-m', 'mine']);
              await git(['update-ref', `refs/heads/${branch}`, own]);
              added.push(own);
            }
            return ctx.processes.run(command);
          },
        };
        const end = await ended(taskFetch({ ...ctx, processes }, 'demo', id, { branch }));
        text = `third-${at}`;
        const last = await ended(taskFetch(ctx, 'demo', id, { branch }));
        return { steps, end, last, branch };
      };
      const { steps, end, last } = await refetched(-1);
      expect([steps > 6, end, last]).toEqual([true, 'done', 'done']);
      const ends = new Set<unknown>();
      for (let at = 0; at < steps; at++) {
        const { branch, end: how } = await refetched(at);
        await git(['merge-base', '--is-ancestor', added.at(-1) ?? '', branch]);
        ends.add(how);
      }
      expect([added.length, [...ends]]).toEqual([steps, ['FETCH_REFUSED']]);
    },
  );

  test('arrives where the repository has rewritten its history since, and does not have its beginning any more', async ({ world }) => {
    const { ctx, id } = await fetching(world, async (outbox) =>
      world.ctx.files
        .rename(join(world.root, 'work.bundle'), join(outbox, 'work.bundle'))
        .then(() => ({ stdout: `${'a'.repeat(40)}\n1\nyes\n` })),
    );
    const { git, root, repository } = world;
    await git(['clone', '--quiet', '--bare', repository, join(ctx.paths.mirrors, 'demo.git')], root);
    await oneCommit(world)(root, []);
    const beginning = await git(['rev-parse', 'main']);
    await git(['commit', '--quiet', '--amend', '--message=rewritten']);
    await git(['reflog', 'expire', '--expire=now', '--all']);
    await git(['gc', '--quiet', '--prune=now']);
    await expect(git(['cat-file', '-e', beginning])).rejects.toThrow('git cat-file');

    const { branch } = await taskFetch(ctx, 'demo', id);
    expect(await git(['show', `${branch}:work`])).toBe('work');
    expect(await git(['rev-parse', `${branch}~1`])).toBe(beginning);
    await git(['fsck', '--strict', '--no-dangling']);
  });

  test('is not set anew under somebody who has it checked out', async ({ world }) => {
    let text = 'first';
    const { ctx, id } = await fetching(world, (outbox, args) => oneCommit(world, text)(outbox, args));
    const { tip } = await taskFetch(ctx, 'demo', id, { branch: 'mine' });
    await world.git(['worktree', 'add', '--quiet', join(world.root, 'elsewhere'), 'mine']);
    text = 'second';
    await expect(taskFetch(ctx, 'demo', id, { branch: 'mine' })).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
    expect(await world.git(['rev-parse', 'mine'])).toBe(tip);
  });

  test('hands the base, the ID and the choice to the container', async ({ world }) => {
    const asked: unknown[] = [];
    const { ctx, id } = await fetching(world, async (_, args) => {
      asked.push(args);
      return { stdout: `${'a'.repeat(40)}\n0\nno\n` };
    });
    const main = await world.git(['rev-parse', 'main']);
    const before = await branches(world);
    expect(await taskFetch(ctx, 'demo', id)).toMatchObject({ commits: 0 });
    await expect(taskFetch(ctx, 'demo', id, { into: join(world.root, 'nowhere') })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await taskFetch(ctx, 'demo', id, { committedOnly: true });
    expect(asked).toEqual([
      [main, id, 'all'],
      [main, id, 'committed'],
    ]);
    expect(await branches(world)).toBe(before);
  });

  test.for([
    ['a branch that is checked out', async () => 'main'],
    [
      'a branch with other commits',
      async ({ git, commit }: GitWorld) => {
        await git(['checkout', '--quiet', '-b', 'other']);
        await commit('elsewhere', 'text');
        await git(['checkout', '--quiet', 'main']);
        return 'other';
      },
    ],
  ] as const)('does not go into %s, and nothing is changed', async ([, prepare], { world }) => {
    const { ctx, id } = await fetching(world, oneCommit(world));
    const branch = await prepare(world);
    const before = await branches(world);
    await expect(taskFetch(ctx, 'demo', id, { branch })).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
    expect(await branches(world)).toBe(before);
    expect(await readTaskRecord(ctx, 'demo', id)).not.toMatchObject({ record: { fetched_tip: expect.anything() as unknown } });
    expect(await outboxes(world, id)).toEqual([]);
  });

  test.for(['', 'a b', '..', 'a..b', 'a:b', 'a*', 'x.lock', '/x', 'x/', '@{-1}', 'a\nb'])(
    'never goes by the name %j',
    async (branch, { world }) => {
      const { ctx, id } = await fetching(world, oneCommit(world));
      const before = await branches(world);
      await expect(taskFetch(ctx, 'demo', id, { branch })).rejects.toMatchObject({ code: 'BRANCH_NAME_INVALID' });
      expect(await branches(world)).toBe(before);
    },
  );

  test('goes into a clone that is named, and asks for one where the project is a URL', async ({ world }) => {
    const { ctx, id } = await fetching(world, oneCommit(world));
    await ctx.files.ensureDirectory(join(world.root, 'plain'));
    await expect(taskFetch(ctx, 'demo', id, { into: join(world.root, 'plain') })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await ctx.files.removeTree(join(world.root, 'clone-work'));
    await ctx.files.replace(join(ctx.paths.projects, 'demo/project.yml'), 'repository: https://localhost:1/x.git\n');
    await expect(taskFetch(ctx, 'demo', id)).rejects.toMatchObject({ code: 'FETCH_NO_REPOSITORY' });
    const into = join(world.root, 'into');
    await world.git(['clone', '--quiet', world.repository, into]);
    const { tip } = await taskFetch(ctx, 'demo', id, { into });
    expect(await world.git(['rev-parse', `terok/${id}`], into)).toBe(tip);
  });
});

describe('a container that lies', () => {
  const tip = 'a'.repeat(40);

  test.for([
    ['nothing', ''],
    ['other words', 'hello\n'],
    ['a tip that is an option', '--upload-pack=x\n1\nyes\n'],
    ['a short tip', 'abc\n1\nyes\n'],
    ['no number', `${tip}\n-1\nyes\n`],
    ['a number without end', `${tip}\n${'9'.repeat(400)}\nyes\n`],
    ['more lines', `${tip}\n1\nyes\nmore\n`],
    ['no bundle', `${tip}\n1\nyes\n`],
  ] as const)('and prints %s is not believed', async ([, stdout], { world }) => {
    const { ctx, id } = await fetching(world, async () => ({ stdout }));
    const before = await branches(world);
    await expect(taskFetch(ctx, 'demo', id)).rejects.toMatchObject({ code: 'WORKSPACE_UNREADABLE' });
    expect(await branches(world)).toBe(before);
    expect(await outboxes(world, id)).toEqual([]);
  });

  test.for([
    ['a link to another bundle', 'link'],
    ['a folder with a repository', 'folder'],
  ] as const)('and leaves %s is not followed', async ([, kind], { world }) => {
    const { ctx, id } = await fetching(world, async (outbox) => {
      if (kind === 'link') await world.git(['bundle', 'create', '--quiet', join(world.root, 'other.bundle'), 'main']);
      await (kind === 'link'
        ? ctx.processes.run({ binary: 'ln', args: ['-s', join(world.root, 'other.bundle'), join(outbox, 'work.bundle')], env: ctx.env })
        : world.git(['clone', '--quiet', '--bare', world.repository, join(outbox, 'work.bundle')]));
      return { stdout: `${tip}\n1\nyes\n` };
    });
    await expect(taskFetch(ctx, 'demo', id)).rejects.toMatchObject({ code: 'WORKSPACE_UNREADABLE' });
  });

  test('and leaves something else for a bundle changes nothing', async ({ world }) => {
    const { ctx, id } = await fetching(world, async (outbox) => {
      await ctx.files.replace(join(outbox, 'work.bundle'), `# v2 git bundle\n${tip} refs/heads/work\n\nPACKx`);
      return { stdout: `${tip}\n1\nyes\n` };
    });
    const before = await branches(world);
    await expect(taskFetch(ctx, 'demo', id)).rejects.toMatchObject({ code: 'FETCH_REFUSED' });
    expect(await branches(world)).toBe(before);
  });

  test('and bundles a tree that would write into .git is refused', async ({ world }) => {
    const { ctx, id } = await fetching(world, async (outbox) => {
      const clone = join(world.root, 'evil');
      await world.git(['clone', '--quiet', world.repository, clone]);
      const blob = await world.git(['hash-object', '-w', 'file'], clone);
      const made = await ctx.processes.run({
        binary: 'git',
        args: ['-C', clone, 'mktree'],
        env: ctx.env,
        input: `100644 blob ${blob}\t.git\n`,
      });
      const tree = new TextDecoder().decode(made.stdout).trim();
      const evil = await world.git(['commit-tree', tree, '-p', 'HEAD', '-m', 'evil'], clone);
      await world.git(['update-ref', 'refs/heads/work', evil], clone);
      await world.git(['bundle', 'create', '--quiet', join(outbox, 'work.bundle'), 'refs/heads/work', '^origin/main'], clone);
      return { stdout: `${evil}\n1\nno\n` };
    });
    const before = await branches(world);
    await expect(taskFetch(ctx, 'demo', id)).rejects.toMatchObject({
      code: 'FETCH_REFUSED',
      message: expect.stringContaining('hasDotgit') as string,
    });
    expect(await branches(world)).toBe(before);
  });

  test('about the tip is not believed: what arrived is what is recorded', async ({ world }) => {
    const honest = oneCommit(world);
    const { ctx, id } = await fetching(world, async (outbox, args) => {
      await honest(outbox, args);
      return { stdout: `${tip}\n1\nyes\n` };
    });
    const fetched = await taskFetch(ctx, 'demo', id);
    expect(fetched.tip).toBe(await world.git(['rev-parse', `terok/${id}`]));
    expect(fetched.tip).not.toBe(tip);
  });

  test.for([3, 4])('with %i: there is nothing to fetch yet', async (exitCode, { world }) => {
    const { ctx, id } = await fetching(world, async () => ({ exitCode }));
    await expect(taskFetch(ctx, 'demo', id)).rejects.toMatchObject({ code: 'WORKSPACE_EMPTY' });
  });
});
