/** The bare mirror of a project's repository: all that a container ever sees of it. */
import { join } from 'node:path';
import { pathSegment, withFileLock } from '@terok/sandbox';
import { attemptGit, exitedWith, runGit, saidBy } from '../git.ts';
import { projectErrors } from '../errors.ts';
import type { TaskContext } from '../task-context.ts';
import { isLocal, type ProjectConfig } from './project-config.ts';

export const mirrorPath = ({ paths }: Pick<TaskContext, 'paths'>, projectId: string): string =>
  join(paths.mirrors, `${pathSegment('project', projectId)}.git`);

/** A first fetch of a large repository over a slow line takes its time. */
const fetchTimeoutMs = 2 * 60 * 60_000;

/** `stale`: the repository could not be reached and the mirror is as it was; `reason` says why. */
export type MirrorSync = { readonly kind: 'fresh' } | { readonly kind: 'stale'; readonly reason: string };

/** Brings the mirror up to date, making it first. Without a mirror an unreachable repository is an error. */
export async function syncMirror(
  ctx: TaskContext,
  project: ProjectConfig,
  options: { readonly signal?: AbortSignal } = {},
): Promise<MirrorSync> {
  const mirror = mirrorPath(ctx, project.id);
  await ctx.files.ensureDirectory(ctx.paths.mirrors);
  return withFileLock(ctx, `${mirror}.lock`, { purpose: `fetching the repository of ${project.id}`, waitMs: 10 * 60_000 }, async () => {
    const known = (await ctx.files.stat(join(mirror, 'HEAD'))) !== null;
    // Readable for all: in the container it belongs to nobody. The folder above it lets only its owner in.
    if (!known) await runGit(ctx, ['init', '--quiet', '--bare', '--shared=0644', '--initial-branch=main', '--', mirror]);

    const fetched = await attemptGit(
      ctx,
      [
        'fetch',
        '--quiet',
        '--prune',
        '--no-write-fetch-head',
        '--',
        project.repository,
        '+refs/heads/*:refs/heads/*',
        '+refs/tags/*:refs/tags/*',
      ],
      { cwd: mirror, timeoutMs: fetchTimeoutMs, ...options },
    );
    if (exitedWith(fetched, 0)) {
      await followRemoteHead(ctx, mirror, project.repository);
      return { kind: 'fresh' };
    }
    // A mirror without a branch was never fetched whole.
    const usable = known && (await runGit(ctx, ['for-each-ref', '--count=1', 'refs/heads'], { cwd: mirror })) !== '';
    if (!usable) await ctx.files.removeTree(mirror);
    options.signal?.throwIfAborted();
    const reason = saidBy(fetched);
    if (!usable) {
      throw projectErrors.REPOSITORY_UNREACHABLE({ project: project.id, repository: project.repository, reason });
    }
    return { kind: 'stale', reason };
  });
}

/** The branch that the repository calls its own becomes the mirror's. */
async function followRemoteHead(ctx: TaskContext, mirror: string, repository: string): Promise<void> {
  const listed = await attemptGit(ctx, ['ls-remote', '--symref', '--', repository, 'HEAD']);
  const branch = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(new TextDecoder().decode(listed.stdout))?.[1];
  if (branch !== undefined) await runGit(ctx, ['symbolic-ref', 'HEAD', branch], { cwd: mirror });
}

/** Where a task begins. `commit` is null in a repository without commits. */
export type StartPoint = { readonly branch: string; readonly commit: string | null };

/** The branch asked for, or the repository's own, as the mirror has it now. */
export async function startPoint(ctx: TaskContext, project: ProjectConfig, wanted: string | null): Promise<StartPoint> {
  const cwd = mirrorPath(ctx, project.id);
  const branch = wanted ?? (await runGit(ctx, ['symbolic-ref', '--short', 'HEAD'], { cwd }));
  // A name and not an expression: `main~1` is no branch.
  const resolved = await attemptGit(ctx, ['show-ref', '--verify', '--hash', '--', `refs/heads/${branch}`], { cwd });
  if (exitedWith(resolved, 0)) return { branch, commit: new TextDecoder().decode(resolved.stdout).trim() };

  const branches = (await runGit(ctx, ['for-each-ref', '--format=%(refname:short)', 'refs/heads'], { cwd }))
    .split('\n')
    .filter((name) => name !== '');
  if (branches.length === 0 && wanted === null) return { branch, commit: null };
  throw projectErrors.BRANCH_UNKNOWN({ project: project.id, branch, branches });
}

/** Whether a branch or tag of the repository leads to the commit, as the mirror knows it: whoever has the project has it. */
export async function hasCommit(ctx: TaskContext, projectId: string, commit: string): Promise<boolean> {
  const asked = await attemptGit(ctx, ['for-each-ref', '--count=1', `--contains=${commit}`, 'refs/heads', 'refs/tags'], {
    cwd: mirrorPath(ctx, projectId),
  });
  return exitedWith(asked, 0) && asked.stdout.length > 0;
}

/** Whether the project's branch has the commit; null when that cannot be told. */
export async function isMerged(ctx: TaskContext, project: ProjectConfig, commit: string, branch: string): Promise<boolean | null> {
  const cwd = isLocal(project.repository) ? project.repository : mirrorPath(ctx, project.id);
  const asked = await attemptGit(ctx, ['merge-base', '--is-ancestor', commit, `refs/heads/${branch}`], { cwd, timeoutMs: 10_000 });
  if (exitedWith(asked, 0)) return true;
  return exitedWith(asked, 1) ? false : null;
}
