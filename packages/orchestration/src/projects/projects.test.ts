import { join, relative } from 'node:path';
import { cwd } from 'node:process';
import { readText } from '@terok/sandbox';
import { describe, expect, test as base } from 'vitest';
import { taskDelete } from '../tasks/lifecycle.ts';
import { taskNew } from '../tasks/new-task.ts';
import { gitWorldFixture, type GitWorld } from '../testing/node-git-world.ts';
import { mirrorPath, syncMirror } from './mirror.ts';
import { listProjects, loadProject, projectAdd, projectRemove } from './projects.ts';

const test = base.extend<{ world: GitWorld }>(gitWorldFixture);

describe('adding a project', () => {
  test('writes what was said and nothing else, and reads it with all that was left out', async ({ world: { ctx, repository } }) => {
    const project = await projectAdd(ctx, 'demo', { repository });
    expect(await readText(ctx.files, project.file, { maxBytes: 1000 })).toBe(`repository: ${repository}\n`);
    expect(project).toMatchObject({
      id: 'demo',
      repository,
      branch: null,
      agent: 'shell',
      network: 'none',
      stopGraceSeconds: 10,
      relaxations: [],
    });
    expect(await loadProject(ctx, 'demo')).toEqual(project);
  });

  test('keeps a branch, a base and an open network, which shows as a wall that is lower', async ({ world: { ctx, repository } }) => {
    const project = await projectAdd(ctx, 'demo', { repository, branch: 'main', base: 'bootstrap', network: 'open' });
    expect(project).toMatchObject({ branch: 'main', base: 'bootstrap', network: 'open', relaxations: ['network: open'] });
  });

  test('keeps what is said of its runs and limits, written in the one step that makes it', async ({ world: { ctx, repository } }) => {
    const more = { run: { agent: 'codex', time_limit: 7200 }, limits: { memory: '2g' } };
    expect(await projectAdd(ctx, 'demo', { repository, ...more })).toMatchObject({
      agent: 'codex',
      timeLimitSeconds: 7200,
      limits: { memory: '2g' },
    });
  });

  test('makes a relative path absolute', async ({ world: { ctx, repository } }) => {
    expect((await projectAdd(ctx, 'demo', { repository: relative(cwd(), repository) })).repository).toBe(repository);
  });

  test.for([
    ['a folder that is not there', 'nowhere', {}, 'REPOSITORY_UNREACHABLE'],
    ['a folder without a repository', '.', {}, 'REPOSITORY_UNREACHABLE'],
    ['a program in place of a repository', 'ext::touch ROOT/canary', {}, 'REPOSITORY_UNREACHABLE'],
    ['an option in place of a repository', '--upload-pack=touch ROOT/canary', {}, 'REPOSITORY_UNREACHABLE'],
    ['a branch that is not there', 'repository', { branch: 'mian' }, 'BRANCH_UNKNOWN'],
  ] as const)('refuses %s, and makes nothing', async ([, repository, more, code], { world: { ctx, root } }) => {
    const place = /[:-]/.test(repository) ? repository.replace('ROOT', root) : join(root, repository);
    await expect(projectAdd(ctx, 'demo', { repository: place, ...more })).rejects.toMatchObject({ code });
    expect(await listProjects(ctx)).toEqual([]);
    expect(await ctx.files.stat(join(root, 'canary'))).toBeNull();
  });

  test.for(['', 'Demo', '-x', '../x', 'a/b', '.', 'a b', 'ä', 'x'.repeat(41)])(
    'refuses the name %j',
    async (name, { world: { ctx, repository } }) => {
      await expect(projectAdd(ctx, name, { repository })).rejects.toMatchObject({ code: 'PROJECT_NAME_INVALID' });
      await expect(loadProject(ctx, name)).rejects.toMatchObject({ code: 'PROJECT_NAME_INVALID' });
      expect(await ctx.files.list(ctx.paths.projects)).toEqual([]);
    },
  );

  test('never replaces one that is there, broken or not', async ({ world: { ctx, repository } }) => {
    const { file } = await projectAdd(ctx, 'demo', { repository });
    await ctx.files.replace(file, 'mine: [');
    await expect(projectAdd(ctx, 'demo', { repository })).rejects.toMatchObject({ code: 'PROJECT_EXISTS' });
    expect(await readText(ctx.files, file, { maxBytes: 100 })).toBe('mine: [');
  });

  test('names the known ones where one is not', async ({ world: { ctx, repository } }) => {
    await projectAdd(ctx, 'demo', { repository });
    await expect(loadProject(ctx, 'dmeo')).rejects.toMatchObject({
      code: 'PROJECT_UNKNOWN',
      hint: expect.stringContaining('Known projects: demo') as string,
    });
  });
});

test('one broken project never hides the others, and says where it is broken', async ({ world: { ctx, repository } }) => {
  await projectAdd(ctx, 'good', { repository });
  const place = (name: string) => join(ctx.paths.projects, name, 'project.yml');
  await ctx.files.replace(place('bad'), 'repository: /r\nbranhc: main\n');
  await ctx.files.replace(place('huge'), 'x'.repeat(300_000));
  await ctx.files.ensureDirectory(place('folder'));
  await ctx.files.ensureDirectory(join(ctx.paths.projects, 'empty'));
  await ctx.files.replace(place('Not-A-Name'), 'repository: /r\n');

  const listed = await listProjects(ctx);
  expect(listed.map((each) => [each.id, 'project' in each ? 'good' : each.problems.map(({ line }) => line)])).toEqual([
    ['bad', [2]],
    ['folder', [1]],
    ['good', 'good'],
    ['huge', [1]],
  ]);
  await expect(loadProject(ctx, 'bad')).rejects.toMatchObject({
    code: 'PROJECT_INVALID',
    message: expect.stringContaining(':2:') as string,
  });
});

describe('removing a project', () => {
  test('with tasks is refused and names them', async ({ world: { ctx, repository } }) => {
    await projectAdd(ctx, 'demo', { repository });
    const id = await taskNew(ctx, 'demo');
    await expect(projectRemove(ctx, 'demo')).rejects.toMatchObject({
      code: 'PROJECT_HAS_TASKS',
      message: expect.stringContaining(id) as string,
    });
    expect(await loadProject(ctx, 'demo')).toMatchObject({ id: 'demo' });
  });

  test('keeps its file and the archives of its tasks, and takes away its mirror, never the repository', async ({ world }) => {
    const { ctx, repository, git } = world;
    const project = await projectAdd(ctx, 'demo', { repository });
    await syncMirror(ctx, project);
    const { archive: task } = await taskDelete(ctx, 'demo', await taskNew(ctx, 'demo'));
    const { archive } = await projectRemove(ctx, 'demo');
    expect(await readText(ctx.files, archive ?? '', { maxBytes: 1000 })).toBe(`repository: ${repository}\n`);
    expect(archive).toMatch(/project-\d{8}T\d{9}\.yml$/);
    expect(await ctx.files.stat(task ?? '')).toMatchObject({ kind: 'directory' });
    expect(await ctx.files.stat(mirrorPath(ctx, 'demo'))).toBeNull();
    expect(await listProjects(ctx)).toEqual([]);
    expect(await git(['status', '--short'])).toBe('');
  });
});
