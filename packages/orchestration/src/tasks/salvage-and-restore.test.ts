/** The scripts of the archive, run by the host's bash and git over a workspace of the test's own, in folders that stand for those of the container. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inContainer } from '@terok/executor';
import { describe, expect, test as base } from 'vitest';
import { gitWorldFixture, type GitWorld } from '../testing/node-git-world.ts';
import { outbox } from '../containers/throwaway.ts';
import { inbox, restoreScript, salvageScript } from './workspace-scripts.ts';

const test = base.extend<{ world: GitWorld }>(gitWorldFixture);

type Workspace = {
  readonly path: string;
  readonly baseCommit: string;
  /** Runs bash in the workspace. */
  readonly sh: (script: string) => Promise<string>;
  /** What is left after salvage, and then the workspace made again from that alone. */
  readonly salvaged: (base?: 'without-base' | 'with-base') => Promise<{ readonly left: string; readonly restored: Workspace }>;
};

async function openWorkspace(world: GitWorld, ignore = ''): Promise<Workspace> {
  if (ignore !== '') await world.commit('.gitignore', ignore);
  const path = join(world.root, 'place');
  const mirror = join(world.root, 'mirror.git');
  await world.git(['clone', '--quiet', '--bare', world.repository, mirror], world.root);
  await world.git(['clone', '--quiet', mirror, path], world.root);
  return workspaceAt(world, path, await world.git(['rev-parse', 'HEAD']));
}

function workspaceAt(world: GitWorld, path: string, baseCommit: string): Workspace {
  const mirror = join(world.root, 'mirror.git');
  const bash = async (cwd: string, script: string, ...args: readonly string[]): Promise<string> => {
    const env = { PATH: world.ctx.env['PATH'], HOME: world.root, GIT_CONFIG_GLOBAL: join(world.root, 'gitconfig'), LC_ALL: 'C.UTF-8' };
    const { end, stdout, stderr } = await world.ctx.processes.run({
      binary: 'bash',
      args: ['-c', `cd "$1" || exit 99; shift; ${script}`, 'bash', cwd, ...args],
      env,
    });
    if (end.kind !== 'exited' || end.exitCode !== 0) throw new Error(`${JSON.stringify(end)}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
  const placed = (script: string, places: Readonly<Record<string, string>>) =>
    Object.entries(places).reduce((text, [inside, outside]) => text.replaceAll(inside, outside), script);
  return {
    path,
    baseCommit,
    sh: (script) => bash(path, `set -e; ${script}`),
    async salvaged(kept = 'without-base') {
      const left = `${path}-left`;
      await mkdir(left);
      await bash('/', placed(salvageScript, { [outbox]: left, [inContainer.workspace]: path }), baseCommit, kept);
      const again = `${path}-again`;
      await mkdir(again);
      await writeFile(join(again, inContainer.markerName), '');
      await bash(
        '/',
        placed(restoreScript, { [inbox]: left, [inContainer.mirror]: mirror, [inContainer.workspace]: again }),
        baseCommit,
        'main',
      );
      return { left, restored: workspaceAt(world, again, baseCommit) };
    },
  };
}

/** Every file, link and executable bit; references, what is checked out and staged. */
const filesOf = `find . -path ./.git -prune -o \\( -type f -o -type l \\) -printf '%y %l %p ' -exec sh -c '[ -L "$1" ] || { [ -x "$1" ] && echo -n x; sha256sum < "$1"; }' - {} \\; | sort -z`;
const stateOf = `git for-each-ref refs/heads refs/tags refs/notes refs/stash refs/private; git symbolic-ref -q HEAD || git rev-parse HEAD; git status --porcelain --untracked-files=all | sort`;

const workspaces: Readonly<Record<string, string>> = {
  'nothing but the base': 'true',
  'commits on branches, tags, notes and private references': `
    echo a > a; git add a; git commit -qm a; git checkout -qb side; echo b > b; git add b; git commit -qm b
    git tag -a v1 -m tag; git notes add -m note; git update-ref refs/private/x HEAD; git checkout -q main; git gc -q`,
  'a detached HEAD': 'echo a > file; git commit -qam a; git checkout -q --detach; echo b > file; git commit -qam b',
  'a branch without a commit': 'git checkout -q --orphan new; echo a > other',
  'another branch at the base': 'git checkout -qb idea; echo a > new',
  'staged, changed, removed and renamed files': `
    seq 100 > long; git add long; git commit -qm l; git mv long longer; echo a > a; git add a; echo b > a; git rm -q file; echo again > file
    printf '#!/bin/sh\\n' > run; chmod +x run; git add run; ln -s run link; ln -s /nowhere dangling; git add link`,
  'line ends and bytes, whatever attributes say': `
    printf 'a\\r\\nb' > crlf; printf '\\0x' > bin; git add .; git commit -qm x; printf '* text=auto eol=lf ident\\n' > .gitattributes
    printf 'a\\nb\\r\\n' > crlf; printf '\\0y' > bin; printf '$Id$' > file; printf 'new\\r\\n' > new`,
  'files with hostile names': `
    printf a > $'new\\nline'; printf b > ./--checkpoint-action=exec=false; printf c > ' a b '; mkdir ./-d; printf d > ./-d/-f
    printf e > '"q'\\\\; printf f > ':(top)x'; printf g > '$(touch oops)'; printf h > $'tab\\there'; printf i > '*'; printf j > '[a]'`,
  'a merge in conflict': `
    git checkout -qb one; echo ours > file; git commit -qam one; git checkout -q main; echo theirs > file; git commit -qam two
    git merge -q one || true; echo half > file`,
  'a stash': 'echo stashed > file; git stash -q; echo now > file',
};

describe('a workspace that was archived', () => {
  test.for(Object.entries(workspaces))('comes back as it was: %s', async ([, script], { world }) => {
    const workspace = await openWorkspace(world);
    await workspace.sh(script);
    const { restored } = await workspace.salvaged();
    expect(await restored.sh(filesOf)).toBe(await workspace.sh(filesOf));
    expect((await restored.sh(stateOf)).replaceAll(/^\S+ commit\trefs\/heads\/(?:idea|main)\n/gm, '')).toBe(
      (await workspace.sh(stateOf)).replaceAll(/^\S+ commit\trefs\/heads\/(?:idea|main)\n/gm, ''),
    );
    expect(await restored.sh('git log --format=%H --max-count=3 2>/dev/null || true')).toBe(
      await workspace.sh('git log --format=%H --max-count=3 2>/dev/null || true'),
    );
    await restored.sh('git fsck --strict --no-dangling 2>&1');
  });

  test('comes back where the project has rewritten its history since, and no branch has the base any more', async ({ world }) => {
    const workspace = await openWorkspace(world);
    await workspace.sh('echo a > file; git commit -qam a; echo b > new');
    const mirror = join(world.root, 'mirror.git');
    const other = await world.git(['commit-tree', 'main^{tree}', '-m', 'rewritten'], mirror);
    await world.git(['update-ref', 'refs/heads/main', other], mirror);
    const { restored } = await workspace.salvaged();
    expect(await restored.sh(filesOf)).toBe(await workspace.sh(filesOf));
    expect(await restored.sh('git log --format=%H main')).toBe(await workspace.sh('git log --format=%H main'));
    await restored.sh('git fsck --strict --no-dangling 2>&1');
  });

  test('comes back where nobody has the base any more, when the archive was told to keep it', async ({ world }) => {
    const workspace = await openWorkspace(world);
    await workspace.sh('echo a > file; git commit -qam a; echo b > new');
    const mirror = join(world.root, 'mirror.git');
    await world.git(['update-ref', 'refs/heads/main', await world.git(['commit-tree', 'main^{tree}', '-m', 'rewritten'], mirror)], mirror);
    await world.git(['gc', '--quiet', '--prune=now'], mirror);
    await expect(world.git(['cat-file', '-e', workspace.baseCommit], mirror)).rejects.toThrow('git cat-file');
    const { restored } = await workspace.salvaged('with-base');
    expect(await restored.sh(filesOf)).toBe(await workspace.sh(filesOf));
    expect(await restored.sh('git log --format=%H main')).toBe(await workspace.sh('git log --format=%H main'));
    await restored.sh('git fsck --strict --no-dangling 2>&1');
  });

  test('leaves nothing at all where nothing was done', async ({ world }) => {
    const { left } = await (await openWorkspace(world)).salvaged();
    expect(await world.ctx.files.list(left)).toEqual([]);
  });
});

describe('what the repository ignores', () => {
  const ignore = 'node_modules/\n*.o\n!keep.o\n/build\n';

  test('is listed by folder, with its size, and not kept', async ({ world }) => {
    const workspace = await openWorkspace(world, ignore);
    await workspace.sh(`
      mkdir -p node_modules/a/b src/node_modules/c build src; seq 500 > node_modules/a/b/c; seq 9 > src/node_modules/c/d
      seq 9 > build/x; echo o > src/z.o; echo kept > src/keep.o; echo kept > new`);
    const { left, restored } = await workspace.salvaged();
    const listed = (await readFile(join(left, 'ignored.txt'), 'utf8')).trimEnd().split('\n');
    expect(listed.map((line) => line.split('\t')[1] ?? '').toSorted()).toEqual(['build/', 'node_modules/', 'src/node_modules/', 'src/z.o']);
    expect(listed.every((line) => Number(line.split('\t')[0]) > 0)).toBe(true);
    expect((await restored.sh('git ls-files --others | sort')).trim().split('\n')).toEqual(['new', 'src/keep.o']);
  });

  test.for([
    ['ignores everything', `echo '*' > .gitignore`],
    ['commits that it ignores everything', `echo '*' > .gitignore; git commit -qam rules`],
    ['ignores it in a folder', `mkdir deep; echo '*' > deep/.gitignore; echo kept > deep/work`],
    ['ignores it without a file that is seen', `echo '*' >> .git/info/exclude`],
    ['ignores it by its settings', `echo '*' > .git/rules; git config core.excludesFile "$PWD/.git/rules"`],
    ['puts a folder where the rules were', `rm .gitignore; mkdir .gitignore; echo kept > .gitignore/x`],
    ['begins the repository anew', `rm -rf .git; git init -q; echo '*' > .gitignore`],
  ] as const)('stays what it was when the task %s: its work is kept', async ([, script], { world }) => {
    const workspace = await openWorkspace(world, ignore);
    await workspace.sh(`${script}; mkdir -p secret/plan; echo kept > secret/plan/work; echo kept > file; echo kept > note.txt`);
    const { restored } = await workspace.salvaged();
    const kept = (text: string) => text.split('\n').filter((line) => !line.includes('.gitignore '));
    expect(kept(await restored.sh(filesOf))).toEqual(kept(await workspace.sh(filesOf)));
    expect(await readFile(join(restored.path, 'secret/plan/work'), 'utf8')).toBe('kept\n');
  });

  test('is nothing where the base has no rules, or is gone', async ({ world }) => {
    const workspace = await openWorkspace(world);
    await workspace.sh(`echo '*.log' > .gitignore; echo kept > a.log`);
    const { restored } = await workspace.salvaged();
    expect(await readFile(join(restored.path, 'a.log'), 'utf8')).toBe('kept\n');
  });
});

test('a workspace that was kept whole comes back whole, and is never begun anew', async ({ world }) => {
  const workspace = await openWorkspace(world);
  await workspace.sh(`echo kept > new; rm -rf .git/refs; touch ${inContainer.markerName}`);
  const left = join(world.root, 'whole');
  await mkdir(left);
  await workspace.sh(`tar --create --file=${left}/workspace.tar .`);
  const before = await workspace.sh(filesOf);
  await rename(workspace.path, `${workspace.path}-before`);
  await mkdir(workspace.path);
  await writeFile(join(workspace.path, inContainer.markerName), '');
  const script = restoreScript.replaceAll(/(?<!\$in)\/workspace\b/g, workspace.path).replaceAll(inbox, left);
  await writeFile(join(world.root, 'script'), script);
  await workspace.sh(`bash ${world.root}/script '' main`);
  await rm(join(world.root, 'script'));
  expect(await workspace.sh(filesOf)).toBe(
    before
      .split('\n')
      .filter((line) => !line.includes(inContainer.markerName))
      .join('\n'),
  );
});
