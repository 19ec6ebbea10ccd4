import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { remainsAfterDelete } from './remains.ts';

let installation: Installation;
let project: DemoProject;
beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'salvage');
});
afterAll(() => project.remove());

/** What agents do to a workspace. Every word `kept-…` is work, and has to be found again in what is left of the deleted task. */
const workspaces: Readonly<Record<string, string>> = {
  'commits on branches, tags and notes': `
    echo kept-commit > a; git add a; git commit -qm kept-message
    git checkout -qb side; echo kept-branch > b; git add b; git commit -qm b
    git tag -a v1 -m kept-tag; git tag -a v0 -m kept-tag-on-base HEAD~2; git notes add -m kept-note
    git update-ref refs/private/x "$(git commit-tree -m kept-private 'HEAD^{tree}')"
    git tag blob "$(echo kept-blob | git hash-object -w --stdin)"
    git checkout -q main; git pack-refs --all; git gc -q`,
  'commits that only a reflog names': `
    echo kept-amended > a; git add a; git commit -qm a; echo new > a; git commit -qa --amend -m b
    echo kept-reset > a; git commit -qam c; git reset -q --hard HEAD~1
    git checkout -qb gone; echo kept-deleted-branch > a; git commit -qam d; git checkout -q main; git branch -qD gone`,
  'stashes, of which one is the older': `
    echo kept-first > file; git stash -q; echo kept-second > file; echo kept-untracked > new; git stash -qu`,
  'a detached HEAD': `git checkout -q --detach; echo kept-detached > file; git commit -qam d`,
  'staged, then changed, and staged, then removed': `
    echo kept-staged > file; git add file; echo kept-changed > file
    echo kept-new > new; git add new; rm new
    echo '*.x' > .gitignore; echo kept-forced > f.x; git add -f f.x; echo kept-forced-later > f.x`,
  'files with hostile names': `
    printf kept-newline > $'new\\nline'; printf kept-dash > ./--checkpoint-action=exec=false; printf kept-space > ' a b '
    printf kept-quote > '"q'\\'; printf kept-bytes > $'\\xff\\xfe'; mkdir ./-d; printf kept-folder > ./-d/-f; ln -s kept-link link
    git mv file ./-renamed; printf kept-renamed >> ./-renamed`,
  'binary files and line ends, whatever the attributes say': `
    printf 'a\\r\\nb\\r\\n' > crlf; printf '\\0kept' > bin; git add .; git commit -qm x
    printf '* text=auto eol=lf ident working-tree-encoding=UTF-16LE export-ignore -diff\\n' > .gitattributes
    printf 'a\\nkept-lines\\r\\n' > crlf; printf '\\0kept-binary' > bin; printf '$Id: kept-ident $' > file`,
  'files that git was told not to look at': `
    echo b > b; git add b; git commit -qm b; git update-index --assume-unchanged file; git update-index --skip-worktree b
    echo kept-assumed > file; echo kept-skipped > b`,
  'a merge in conflict': `
    git checkout -qb one; echo kept-ours > file; git commit -qam one; git checkout -q main; echo kept-theirs > file; git commit -qam two
    git merge one || true; echo kept-half-resolved > file; echo kept-beside > beside; git add beside`,
  'a rebase under way': `
    git checkout -qb one; echo kept-ours > file; git commit -qam kept-one; git checkout -q main; echo kept-theirs > file; git commit -qam two
    git rebase one || true; echo kept-in-between > file`,
  'a branch without a commit': `git checkout -q --orphan new; echo kept-orphan > file; git add file; echo kept-untracked > other`,
  'repositories in the repository': `
    new() { git init -q "$1"; (cd "$1"; echo "$2" > a; git add a; git commit -qm a; echo "$2-dirty" > a; echo "$2-untracked" > b); }
    new nested kept-nested; new sub kept-submodule; git update-index --add --cacheinfo "160000,$(git -C sub rev-parse HEAD),sub"
    git -c protocol.file.allow=always submodule --quiet add /workspace/nested real 2>/dev/null; echo kept-real > real/a; git -C real commit -qam kept-in-module
    git worktree add -q tree; cd tree; echo kept-worktree > file; git commit -qam w; git checkout -q --detach
    echo kept-worktree-detached > file; git commit -qam w; echo kept-worktree-staged > file; git add file; echo kept-worktree-dirty > file`,
  'a file larger than the disk, with a hole in it': `echo kept-small > small; truncate --size=300G hole`,
  'a repository begun anew': `rm -rf .git; git init -q; echo kept-anew > file; git add file; git commit -qm a; echo kept-more > more`,
  'no repository any more': `rm -rf .git; echo kept-file > file; mkdir d; echo kept-deep > d/f`,
  'the mark of a new workspace put back': `echo kept-commit > file; git commit -qam a; touch .new-task-marker; echo kept-file > file`,
  'a repository kept elsewhere': `echo kept-commit > file; git commit -qam a; mv .git .real; echo 'gitdir: .real' > .git; echo kept-file > file`,
  'a repository behind a link': `echo kept-commit > file; git commit -qam a; mv .git .real; ln -s .real .git; echo kept-file > file`,
  'references behind a link': `git checkout -qb x; echo kept-commit > file; git commit -qam a; mv .git/refs refs; ln -s ../refs .git/refs`,
  'a pipe where the index should be': `echo kept-commit > file; git commit -qam a; rm .git/index; mkfifo .git/index pipe`,
  'objects borrowed from elsewhere': `
    echo kept-commit > file; git commit -qam a; mkdir lent; mv .git/objects lent/objects; mkdir -p .git/objects/info .git/objects/pack
    echo /workspace/lent/objects > .git/objects/info/alternates; echo kept-file > file`,
  'objects that are missing': `
    echo kept-first > a; git add a; git commit -qm a; echo kept-second > a; git commit -qam b
    rm -f ".git/objects/$(git rev-parse HEAD~1^{tree} | sed 's:^..:&/:')"; echo kept-file > file`,
  'a commit that a branch names and that is missing': `
    echo kept-commit > a; git add a; git commit -qm a; mkdir -p .git/refs/heads; echo 1234567890123456789012345678901234567890 > .git/refs/heads/broken`,
  'settings that cannot be read': `echo kept-commit > file; git commit -qam a; echo '[broken' > .git/config; echo kept-file > file`,
  'another format of objects': `
    rm -rf .git; git init -q --object-format=sha256; echo kept-sha256 > a; git add a; git commit -qm a; echo kept-file > file`,
  'an index that cannot be read': `echo kept-staged > a; git add a; echo kept-file > b; printf broken > .git/index`,
  'objects that others replace': `
    echo kept-replaced > a; git add a; git commit -qm a; echo new > a; git commit -qam b; git replace HEAD~1 "$(git commit-tree -m other "HEAD^{tree}")"
    git gc -q`,
};

test.each(Object.entries(workspaces))('nothing is lost of %s', async (_, script) => {
  const { stdout, stderr, exitCode } = await project.run(`set -e\n${script}`);
  expect(exitCode, stdout + stderr).toBe(0);
  const [task] = await project.tasks();

  const remains = await remainsAfterDelete(installation, project, task?.task_id ?? '');
  const words = new Set(script.match(/kept-[a-z0-9-]*[a-z0-9]/g));
  expect([...words].filter((word) => !remains.bytes.includes(word))).toEqual([]);
  await remains.remove();
});

test('the files of a workspace come back byte for byte from the bundle, the patch and the archive of new files', async () => {
  const list = `find . -name .git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum; find . -type l -printf '%p -> %l\\n' | sort`;
  const { stdout, exitCode } = await project.run(`
    set -e; printf 'a\\r\\nb' > crlf; seq 1000 > long; git add .; git commit -qm one; printf '* text=auto ident\\n' > .gitattributes
    git mv long ./-long; printf 'a\\nb\\r\\n' > crlf; head -c 100000 /dev/urandom > binary; git add binary; head -c 9 /dev/urandom >> binary
    rm file; ln -s crlf file; mkdir d; printf '$Id$' > d/$'\\n'; printf '#!/bin/sh\\n' > run; chmod +x run
    ${list}`);
  expect(exitCode).toBe(0);
  const [task] = await project.tasks();
  const remains = await remainsAfterDelete(installation, project, task?.task_id ?? '');
  const found = await execa('bash', ['-c', list], { cwd: remains.restored ?? '/nowhere' });
  expect(found.stdout.split('\n')).toEqual(stdout.trimEnd().split('\n'));
  expect(found.stdout).toContain('./file -> crlf');
  await remains.remove();
});
