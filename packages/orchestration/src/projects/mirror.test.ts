import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { gitWorldFixture, type GitWorld } from '../testing/node-git-world.ts';
import { hasCommit, isMerged, mirrorPath, startPoint, syncMirror } from './mirror.ts';
import type { ProjectConfig } from './project-config.ts';
import { projectAdd } from './projects.ts';

const test = base.extend<{ world: GitWorld }>(gitWorldFixture);

const demo = ({ ctx, repository }: GitWorld): Promise<ProjectConfig> => projectAdd(ctx, 'demo', { repository });
const gone = (project: ProjectConfig): ProjectConfig => ({ ...project, repository: `${project.repository}-gone` });

describe('a mirror', () => {
  test('has all branches and tags and no settings, hooks or work of the repository', async ({ world }) => {
    const { ctx, git, commit } = world;
    const tip = await commit('more', 'text');
    await git(['branch', 'side']);
    await git(['tag', '--annotate', '--message=t', 'v1']);
    await git(['config', 'core.fsmonitor', `touch ${world.root}/canary`]);
    await ctx.files.replace(join(world.repository, '.git/hooks/reference-transaction'), `#!/bin/sh\ntouch ${world.root}/canary\n`, {
      mode: 0o755,
    });
    const project = await demo(world);
    expect(await syncMirror(ctx, project)).toEqual({ kind: 'fresh' });

    const mirror = mirrorPath(ctx, 'demo');
    expect(await git(['for-each-ref', '--format=%(refname)'], mirror)).toBe('refs/heads/main\nrefs/heads/side\nrefs/tags/v1');
    expect(await git(['rev-parse', 'refs/heads/main'], mirror)).toBe(tip);
    expect(await git(['config', '--local', '--list'], mirror)).not.toContain('fsmonitor');
    expect(await ctx.files.stat(join(world.root, 'canary'))).toBeNull();
    expect(await ctx.files.stat(ctx.paths.mirrors)).toMatchObject({ mode: 0o700 });
    expect((await ctx.files.stat(join(mirror, 'HEAD')))?.mode).toBe(0o644);
  });

  test('follows: new commits, a branch that was rewritten, one that was deleted, and another HEAD', async ({ world }) => {
    const { ctx, git, commit } = world;
    const project = await demo(world);
    await git(['branch', 'old']);
    await syncMirror(ctx, project);

    await commit('more', 'text');
    await git(['commit', '--quiet', '--amend', '--message=rewritten']);
    await git(['branch', '--move', 'main', 'trunk']);
    await git(['branch', '--delete', 'old']);
    expect(await syncMirror(ctx, project)).toEqual({ kind: 'fresh' });
    expect(await git(['for-each-ref', '--format=%(refname)'], mirrorPath(ctx, 'demo'))).toBe('refs/heads/trunk');
    expect(await startPoint(ctx, project, null)).toEqual({ branch: 'trunk', commit: await git(['rev-parse', 'HEAD']) });
  });

  test('of a repository that does not answer is used as it is, and says why', async ({ world }) => {
    const project = await demo(world);
    await syncMirror(world.ctx, project);
    const before = await startPoint(world.ctx, project, null);
    expect(await syncMirror(world.ctx, gone(project))).toEqual({ kind: 'stale', reason: expect.stringContaining('does not') as string });
    expect(await startPoint(world.ctx, project, null)).toEqual(before);
  });

  test('that never was is not begun by a repository that does not answer', async ({ world }) => {
    const project = gone(await demo(world));
    await expect(syncMirror(world.ctx, project)).rejects.toMatchObject({ code: 'REPOSITORY_UNREACHABLE' });
    expect(await world.ctx.files.stat(mirrorPath(world.ctx, 'demo'))).toBeNull();
  });

  test('that a crash left half-made is made anew', async ({ world }) => {
    const { ctx } = world;
    const project = await demo(world);
    await ctx.files.replace(join(mirrorPath(ctx, 'demo'), 'config'), '[core]\n');
    expect(await syncMirror(ctx, project)).toEqual({ kind: 'fresh' });
    expect((await startPoint(ctx, project, null)).commit).not.toBeNull();
  });

  test('that is wanted by many at once is fetched one after the other', async ({ world }) => {
    const project = await demo(world);
    expect(await Promise.all([1, 2, 3].map(() => syncMirror(world.ctx, project)))).toEqual([
      { kind: 'fresh' },
      { kind: 'fresh' },
      { kind: 'fresh' },
    ]);
  });

  test('that was called off says so and leaves nothing half-made', async ({ world }) => {
    const project = await demo(world);
    await expect(syncMirror(world.ctx, project, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(await world.ctx.files.stat(mirrorPath(world.ctx, 'demo'))).toBeNull();
  });
});

describe('where a task begins', () => {
  test('is the branch asked for, or the repository`s own', async ({ world }) => {
    const { ctx, git, commit } = world;
    const first = await git(['rev-parse', 'HEAD']);
    await git(['branch', 'side']);
    const second = await commit('more', 'text');
    const project = await demo(world);
    await syncMirror(ctx, project);
    expect(await startPoint(ctx, project, 'side')).toEqual({ branch: 'side', commit: first });
    expect(await startPoint(ctx, project, null)).toEqual({ branch: 'main', commit: second });
  });

  test('is nothing yet in a repository without commits, unless a branch was asked for', async ({ world }) => {
    const { ctx, git, root } = world;
    const repository = join(root, 'empty');
    await git(['init', '--quiet', '--initial-branch=begin', repository]);
    const project = await projectAdd(ctx, 'empty', { repository });
    await syncMirror(ctx, project);
    expect(await startPoint(ctx, project, null)).toEqual({ branch: expect.any(String) as string, commit: null });
    await expect(startPoint(ctx, project, 'main')).rejects.toMatchObject({
      code: 'BRANCH_UNKNOWN',
      hint: expect.stringContaining('no branches') as string,
    });
  });

  test.for(['mian', 'v1', 'HEAD', '--help', 'main~1', '../../etc', 'main^{tree}', ''])(
    'is not %j, and the branches are named',
    async (branch, { world }) => {
      const { ctx, git, commit } = world;
      await commit('more', 'text');
      await git(['tag', 'v1']);
      const project = await demo(world);
      await syncMirror(ctx, project);
      await expect(startPoint(ctx, project, branch)).rejects.toMatchObject({ code: 'BRANCH_UNKNOWN', hint: 'Its branches: main.' });
    },
  );
});

test('a commit is had as long as a branch or a tag leads to it', async ({ world }) => {
  const { ctx, git } = world;
  const project = await demo(world);
  const first = await git(['rev-parse', 'HEAD']);
  expect(await hasCommit(ctx, 'demo', first)).toBe(false); // there is no mirror yet
  await syncMirror(ctx, project);
  expect([await hasCommit(ctx, 'demo', first), await hasCommit(ctx, 'demo', 'f'.repeat(40))]).toEqual([true, false]);
  await git(['tag', 'kept']);
  await git(['commit', '--quiet', '--amend', '--message=rewritten']);
  await syncMirror(ctx, project);
  expect(await hasCommit(ctx, 'demo', first)).toBe(true);
  await git(['tag', '--delete', 'kept']);
  await syncMirror(ctx, project);
  expect(await hasCommit(ctx, 'demo', first)).toBe(false);
});

test('work is merged when the project`s branch has it, and nothing is claimed where that cannot be told', async ({ world }) => {
  const { ctx, git, commit } = world;
  const project = await demo(world);
  const first = await git(['rev-parse', 'HEAD']);
  await git(['checkout', '--quiet', '-b', 'side']);
  const side = await commit('more', 'text');
  expect(await isMerged(ctx, project, first, 'main')).toBe(true);
  expect(await isMerged(ctx, project, side, 'main')).toBe(false);
  expect(await isMerged(ctx, project, 'f'.repeat(40), 'main')).toBeNull();
  expect(await isMerged(ctx, project, first, 'nothing')).toBeNull();
  expect(await isMerged(ctx, gone(project), first, 'main')).toBeNull();
});
