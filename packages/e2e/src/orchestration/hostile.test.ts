import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoProject, type DemoProject } from '../demo-project.ts';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { archiveOf } from './remains.ts';

let installation: Installation;
let project: DemoProject;
let scratch: string;
beforeAll(async () => {
  installation = await sharedInstallation();
  project = await demoProject(installation, 'hostile');
  scratch = await mkdtemp(join(installation.directory, 'hostile-'));
});
afterAll(async () => {
  await project.remove();
  await rm(scratch, { recursive: true });
});

/**
 * Whatever git can be told to run, in the workspace, in a repository inside of it and in a submodule. The canary is a line in the
 * output of the container that runs it, and a file in whatever folder it may write to.
 */
const trap = String.raw`
set -e
sing="sh -c 'echo CANARY | tee /run/terok/out/CANARY > /proc/1/fd/1; cat' --"
trap_repository() {
  git config user.name a; git config user.email a@localhost
  git config core.fsmonitor "$sing"; git config core.hooksPath /workspace/hooks; git config core.pager "$sing"; git config core.editor "$sing"
  git config core.sshCommand "$sing"; git config core.gitProxy "$sing"; git config diff.external "$sing"; git config gpg.program "$sing"
  git config commit.gpgSign true; git config credential.helper "!$sing"; git config uploadpack.packObjectsHook "$sing"
  for verb in add diff bundle commit-tree ls-files; do git config "alias.$verb" "!$sing"; done
  for word in clean smudge process; do git config "filter.x.$word" "$sing"; done
  for word in textconv command; do git config "diff.x.$word" "$sing"; done
  git config merge.x.driver "$sing"; git config protocol.ext.allow always; git config remote.evil.url "ext::$sing"
  git config extensions.partialClone evil; git config remote.evil.promisor true
  printf '* filter=x diff=x merge=x\n' > .gitattributes
}
plain() { git -c core.fsmonitor=false -c core.hooksPath=/dev/null -c commit.gpgSign=false -c user.name=a -c user.email=a@localhost "$@"; }
mkdir hooks
for name in pre-commit post-commit post-checkout post-index-change reference-transaction post-rewrite fsmonitor-watchman sendemail-validate; do
  printf '#!/bin/sh\n%s\n' "$sing" > "hooks/$name"; chmod +x "hooks/$name"
done
for name in nested sub; do
  plain init -q "$name"; (cd "$name"; echo "$name" > a; plain add a; plain commit -qm a; trap_repository; echo dirty > a; touch -d 2001-01-01 a)
done
echo committed > committed; plain add committed; plain commit -qm committed
plain update-index --add --cacheinfo "160000,$(git -C sub rev-parse HEAD),sub"
trap_repository
echo changed > file; touch -d 2001-01-01 file; echo new > new
`;

/** The ID of a task that ran this to its end, and what it printed. */
async function ran(script: string): Promise<{ readonly task: string; readonly printed: string }> {
  const task = (await project.run(script, '--detach')).stdout.trim();
  const { exitCode } = await installation.terok(['task', 'wait', project.id, task]);
  const { stdout, stderr } = await installation.terok(['task', 'logs', project.id, task]);
  expect(exitCode, stdout + stderr).toBe(0);
  return { task, printed: stdout + stderr };
}

test('nothing that a workspace tells git to run is run: by no diff, no fetch and no deletion', async () => {
  const { task, printed } = await ran(trap);
  expect(printed).not.toContain('CANARY');
  for (const against of ['base', 'HEAD', 'PREV']) {
    const { stdout, stderr, exitCode } = await installation.terok(['task', 'diff', project.id, task, '--against', against]);
    expect(exitCode, stderr).toBe(0);
    expect(stdout.replaceAll(/^[+].*$/gm, '') + stderr).not.toContain('CANARY');
  }
  const { stdout, stderr, exitCode } = await installation.terok(['task', 'fetch', project.id, task]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout + stderr).not.toContain('CANARY');
  const branch = `terok/${task}`;
  expect(await project.git('log', '--format=%s', `main..${branch}`)).toBe(`Uncommitted work of task ${task}\ncommitted`);
  expect(await project.git('show', `${branch}:file`)).toBe('changed');
  expect(await project.git('show', `${branch}:new`)).toBe('new');

  await installation.answer(['task', 'delete', project.id, task]);
  const archive = await archiveOf(installation, project.id, task);
  expect((await execa('find', [archive, '-name', 'CANARY'])).stdout).toBe('');
  expect((await execa('tar', ['--list', `--file=${join(archive, 'work/untracked.tar')}`])).stdout.split('\n')).toEqual(
    expect.arrayContaining(['new', 'nested/a', 'sub/a', '.gitattributes']),
  );
});

test('the canary does sing where git is let loose in such a workspace', async () => {
  const { task, printed } = await ran(`${trap}\ngit status > /dev/null; git -C sub status > /dev/null; true`);
  expect(printed).toContain('CANARY');
  await installation.answer(['task', 'delete', project.id, task]);
});

test('an archive is its owner`s alone', async () => {
  const { task } = await ran('echo more > file; echo new > new; git commit --allow-empty -qm a');
  await installation.answer(['task', 'delete', project.id, task]);
  const archive = await archiveOf(installation, project.id, task);
  expect((await execa('find', [archive, '-perm', '/077', '-printf', '%m %P\n'])).stdout).toBe('');
});

test('a branch is fetched into again, also where the work was rewritten, as long as nobody has added to it', async () => {
  const { task } = await ran('echo one > one; git add one; git commit -qm one');
  await installation.answer(['task', 'fetch', project.id, task]);
  const first = await project.git('rev-parse', `terok/${task}`);

  const workspace = join(installation.stateRoot, 'tasks', project.id, task, 'workspace');
  expect(await readFile(join(workspace, 'one'), 'utf8')).toBe('one\n');
  await writeFile(join(workspace, 'two'), 'two\n');
  await installation.answer(['task', 'fetch', project.id, task]);
  expect(await project.git('rev-parse', `terok/${task}~1`)).toBe(first);

  await writeFile(join(workspace, 'two'), 'other\n');
  await installation.answer(['task', 'fetch', project.id, task]);
  expect(await project.git('show', `terok/${task}:two`)).toBe('other');

  const own = await project.git('commit-tree', '-m', 'own', '-p', `terok/${task}`, `terok/${task}^{tree}`);
  await project.git('branch', '--force', `terok/${task}`, own);
  await writeFile(join(workspace, 'two'), 'more\n');
  const { exitCode, stderr } = await installation.terok(['task', 'fetch', project.id, task]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('--branch') as string });
  expect(await project.git('rev-parse', `terok/${task}`)).toBe(own);
  await installation.answer(['task', 'fetch', project.id, task, '--branch', 'again']);
  expect(await project.git('show', 'again:two')).toBe('more');
});

test('a diff shows what was made new, renamed, removed, binary and made a link, and nothing that was not', async () => {
  const { task } = await ran(`
    set -e; seq 40 > long; git add long; git commit -qm long; git mv long renamed; git rm -q file; printf '\\0\\1' > binary; ln -s renamed link
    printf x > $'new\\nline'; mkdir -p deep/er; echo y > deep/er/-dash`);
  const headers = async (against: string) =>
    (await installation.answer(['task', 'diff', project.id, task, '--against', against]))
      .split('\n')
      .filter((line) => /^(?:diff|new file|deleted|rename|Binary)/.test(line));
  const made = [
    ['diff --git a/binary b/binary', 'new file mode 100644', 'Binary files /dev/null and b/binary differ'],
    ['diff --git a/deep/er/-dash b/deep/er/-dash', 'new file mode 100644'],
    ['diff --git a/file b/file', 'deleted file mode 100644'],
    ['diff --git a/link b/link', 'new file mode 120000'],
    [String.raw`diff --git "a/new\nline" "b/new\nline"`, 'new file mode 100644'],
  ].flat();
  expect(await headers('base')).toEqual([...made, 'diff --git a/renamed b/renamed', 'new file mode 100644']);
  expect(await headers('HEAD')).toEqual([
    ...made.slice(0, 7),
    'diff --git a/link b/link',
    'new file mode 120000',
    ...made.slice(9),
    'diff --git a/long b/renamed',
    'rename from long',
    'rename to renamed',
  ]);
  expect(await headers('PREV')).toEqual(['diff --git a/long b/long', 'new file mode 100644']);
});
