/** What the bootstrap makes of a workspace, by what it finds there: the whole of its decision table, in real containers. */
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inContainer, prepareFailedExitCode, readyLine, workspaceOwner } from '@terok/executor';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Installation } from '../installation.ts';
import { sharedInstallation } from '../world.ts';
import { openEngine, type Engine } from './engine.ts';
import { newRepository, type Repository } from './repository.ts';

let installation: Installation;
let engine: Engine;
let directory: string;
let repository: Repository;
let mirror: string;
let base: string;
let next: string;

beforeAll(async () => {
  installation = await sharedInstallation();
  engine = await openEngine(installation);
  directory = await mkdtemp(join(installation.directory, 'workspaces-'));
  repository = await newRepository(directory);
  base = await repository.git('rev-parse', 'HEAD');
  next = await repository.commit('file', 'changed\n');
  mirror = await mirrorOf(repository);
});
afterAll(() => rm(directory, { recursive: true }));

async function mirrorOf({ path }: Pick<Repository, 'path'>): Promise<string> {
  const bare = `${path}.git`;
  await execa('git', ['clone', '--quiet', '--mirror', '--no-hardlinks', path, bare]);
  await execa('chmod', ['-R', 'a+rX', bare]);
  return bare;
}

type Start = {
  /** Done in the workspace before, as the agent would have. */
  readonly before?: string;
  readonly marker?: boolean;
  readonly branch?: string;
  readonly commit?: string;
  /** Null: the mirror is not there. */
  readonly mirror?: string | null;
  /** The agent's program, after the bootstrap. */
  readonly program?: string;
  readonly after?: string;
};

/** What is found in the workspace afterwards. */
type Found = {
  readonly exitCode: number;
  readonly marker: boolean;
  readonly head: string;
  readonly changes: readonly string[];
  readonly stderr: string;
  readonly after: string;
};

const observation = String.raw`
printf '%s\0' "$code"
[ -e .new-task-marker ] && printf 'marker\0' || printf '\0'
printf '%s\0' "$(git symbolic-ref --short HEAD 2>/dev/null) $(git rev-parse --verify --quiet HEAD)"
printf '%s\0' "$(git status --porcelain --ignored 2>/dev/null | grep -v new-task-marker || true)"`;

/** One container: something is in the workspace, the bootstrap runs, and it is looked at what came of it. */
async function begun({
  before = '',
  marker = true,
  branch = 'main',
  commit = base,
  after = '',
  program = '',
  ...given
}: Start): Promise<Found> {
  const workspace = await mkdtemp(join(directory, 'workspace-'));
  const owner = workspaceOwner(engine.profile.user_mapping);
  if (owner !== null) await chown(workspace, owner.uid, owner.gid);
  await chmod(workspace, 0o700);
  const from = given.mirror === undefined ? mirror : given.mirror;
  const script = [
    ...['set -u', before, marker ? 'touch .new-task-marker' : ':'],
    program === '' ? `${inContainer.scripts}/prepare-workspace; code=$?` : `${inContainer.scripts}/run-task ${program}; code=$?`,
    observation,
    after,
  ].join('\n');
  const spec = engine.spec(script, {
    environment: {
      ...{ TEROK_BRANCH: branch, TEROK_BASE_COMMIT: commit, GIT_CONFIG_COUNT: '0' },
      ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@localhost', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@localhost' },
    },
    mounts: [
      { source: workspace, target: inContainer.workspace, access: 'write' },
      ...(from === null ? [] : [{ source: from, target: inContainer.mirror, access: 'read' as const }]),
    ],
  });
  const { stdout, stderr } = await engine.ctx.runtime.runOnce(spec);
  const [code, hasMarker, head = '', changes = '', rest = ''] = new TextDecoder().decode(stdout).split('\0');
  return {
    exitCode: Number(code),
    marker: hasMarker === 'marker',
    head: head.trim(),
    changes: changes.split('\n').filter((line) => line !== ''),
    stderr: new TextDecoder().decode(stderr),
    after: rest.trim(),
  };
}

/** A workspace in which an agent has worked: a commit of its own, a change, a new file and an ignored one. */
const workedIn = (origin: string = inContainer.mirror) => `
git clone --quiet ${inContainer.mirror} . && git remote set-url origin ${origin} || exit 99
echo own >own && git add own && git commit --quiet --message=own
echo changed >>file; echo new >new; echo kept.ignored >.git/info/exclude; echo ignored >kept.ignored`;

test.concurrent('a new workspace is filled from the mirror, at the commit it was told, and the marker goes', async () => {
  const { after, ...found } = await begun({ after: 'git rev-parse --abbrev-ref @{upstream}; git remote get-url origin; cat file' });
  expect(found).toMatchObject({ exitCode: 0, marker: false, head: `main ${base}`, changes: [] });
  expect(after).toBe(`origin/main\n${inContainer.mirror}\ntext`);
});

test.concurrent('an empty workspace without a marker is filled all the same', async () => {
  expect(await begun({ marker: false })).toMatchObject({ exitCode: 0, marker: false, head: `main ${base}`, changes: [] });
});

test.concurrent('without a marker the work of an agent is kept: commits, changes, new and ignored files', async () => {
  const found = await begun({ before: workedIn(), marker: false, commit: next, after: 'git log -1 --format=%s' });
  expect(found).toMatchObject({ exitCode: 0, marker: false, changes: [' M file', '?? new', '!! kept.ignored'], after: 'own' });
});

test.concurrent('work is kept without the mirror too: a restart needs no repository but its own', async () => {
  const before = 'git init --quiet && git commit --quiet --allow-empty --message=own && echo new >new';
  const found = await begun({ before, marker: false, mirror: null, after: 'git log -1 --format=%s' });
  expect(found).toMatchObject({ exitCode: 0, changes: ['?? new'], after: 'own' });
});

test.concurrent('with a marker the work is given up: commits, changes, new and ignored files', async () => {
  expect(await begun({ before: workedIn(), commit: next })).toMatchObject({
    exitCode: 0,
    marker: false,
    head: `main ${next}`,
    changes: [],
  });
});

test.concurrent('with a marker the workspace of another repository is begun anew', async () => {
  const found = await begun({
    before: workedIn('https://elsewhere.invalid/x.git'),
    after: 'git remote get-url origin; git log --format=%s',
  });
  expect(found).toMatchObject({ exitCode: 0, marker: false, head: `main ${base}`, changes: [], after: `${inContainer.mirror}\nfile` });
});

test.concurrent('a folder that holds files and no repository is refused and left as it is', async () => {
  for (const marker of [true, false]) {
    const found = await begun({ before: 'echo mine >mine', marker, after: 'cat mine; ls -A | grep -v marker' });
    expect(found).toMatchObject({ exitCode: prepareFailedExitCode, marker, after: 'mine\nmine' });
    expect(found.stderr).toContain('not empty: ');
  }
});

test.concurrent('a mirror that cannot be read fails the start and keeps the marker', async () => {
  const found = await begun({ mirror: null });
  expect(found).toMatchObject({ exitCode: prepareFailedExitCode, marker: true });
  expect(found.stderr).toContain('the mirror could not be read');
});

test.concurrent('a commit that is not there fails the start and keeps the marker, and the next start makes it good', async () => {
  const again = `TEROK_BASE_COMMIT=${base} ${inContainer.scripts}/prepare-workspace && git rev-parse HEAD && ls -A`;
  const found = await begun({ commit: 'f'.repeat(40), after: again });
  expect(found).toMatchObject({ exitCode: prepareFailedExitCode, marker: true, after: `${base}\n.git\nfile` });
  expect(found.stderr).toContain('could not be checked out');
});

test.concurrent('a branch that the mirror has not is made at the commit', async () => {
  const found = await begun({ branch: 'feature/new', commit: next, after: 'git config --get branch.feature/new.remote || echo none' });
  expect(found).toMatchObject({ exitCode: 0, marker: false, head: `feature/new ${next}`, after: 'none' });
});

test.concurrent('a repository without commits gives an empty workspace on its branch', async () => {
  const path = await mkdtemp(join(directory, 'empty-'));
  await execa('git', ['init', '--quiet', path]);
  const found = await begun({ commit: '', branch: 'trunk', mirror: await mirrorOf({ path }) });
  expect(found).toMatchObject({ exitCode: 0, marker: false, head: 'trunk', changes: [] });
});

test.concurrent('submodules that cannot be fetched stay empty, and the task begins', async () => {
  const outer = await newRepository(directory);
  await outer.git('update-index', '--add', '--cacheinfo', `160000,${base},part`);
  const commit = await outer.commit('.gitmodules', '[submodule "part"]\n\tpath = part\n\turl = https://elsewhere.invalid/part.git\n');
  const found = await begun({ mirror: await mirrorOf(outer), commit });
  expect(found).toMatchObject({ exitCode: 0, marker: false, head: `main ${commit}` });
  expect(found.stderr).toContain('submodules could not be fetched');
});

test.concurrent('hooks that an agent left do not keep its workspace from being begun anew', async () => {
  const before = `${workedIn()}\nprintf '#!/bin/sh\\nexit 1\\n' | tee .git/hooks/post-checkout >.git/hooks/reference-transaction; chmod +x .git/hooks/*`;
  expect(await begun({ before })).toMatchObject({ exitCode: 0, marker: false, head: `main ${base}`, changes: [] });
});

test.concurrent('the agent begins when the workspace is ready, and its exit code is the task’s', async () => {
  const found = await begun({ program: `0 /bin/bash -c 'test -e file && exit 7'` });
  expect(found).toMatchObject({ exitCode: 7, marker: false });
  expect(found.stderr.split('\n')).toContain(readyLine);
});

test.concurrent('the agent does not begin when the workspace is not ready', async () => {
  const found = await begun({ mirror: null, program: '0 /usr/bin/touch began', after: 'ls' });
  expect(found).toMatchObject({ exitCode: prepareFailedExitCode, marker: true, after: '' });
  expect(found.stderr).not.toContain(readyLine);
});

test.concurrent('an agent whose time is up is ended', async () => {
  expect(await begun({ program: '1 /bin/sleep 600' })).toMatchObject({ exitCode: 124 });
});
