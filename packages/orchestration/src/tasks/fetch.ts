/** Brings a task's work into a branch of the project's repository: bundled in a container, checked and fetched on the host without hooks. */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { ProcessOutcome } from '@terok/executor';
import { printable } from '@terok/sandbox';
import { attemptGit, exitedWith, runGit, saidBy } from '../git.ts';
import { projectErrors } from '../errors.ts';
import { isLocal, type ProjectConfig } from '../projects/project-config.ts';
import { mirrorPath } from '../projects/mirror.ts';
import { loadProject } from '../projects/projects.ts';
import { runOverWorkspace } from '../containers/throwaway.ts';
import type { TaskContext } from '../task-context.ts';
import { loadTaskMeta, updateTask, type TaskRecord } from './meta.ts';
import { taskDirectory } from '../containers/task-directory.ts';
import { bundleScript, scriptExit } from './workspace-scripts.ts';

export type FetchOptions = {
  /** `terok/<task>` when left out. */
  readonly branch?: string;
  /** A local repository other than the project's own. */
  readonly into?: string;
  /** Leaves out what the agent did not commit; otherwise that becomes one commit on top. */
  readonly committedOnly?: boolean;
};

export type FetchResult = {
  readonly branch: string;
  readonly tip: string;
  /** How many commits the work adds to where it began; with 0 nothing was fetched. */
  readonly commits: number;
  readonly uncommittedIncluded: boolean;
  readonly repository: string;
};

/** Throws FETCH_NO_REPOSITORY, BRANCH_NAME_INVALID, WORKSPACE_EMPTY, FETCH_REFUSED; the repository is then as it was. */
export async function taskFetch(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { branch = `terok/${taskId}`, into, committedOnly = false }: FetchOptions = {},
): Promise<FetchResult> {
  const project = await loadProject(ctx, projectId);
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  const repository = fetchTarget(project, into);
  if (!exitedWith(await attemptGit(ctx, ['check-ref-format', `refs/heads/${branch}`]), 0))
    throw projectErrors.BRANCH_NAME_INVALID({ branch });
  // Also where there turns out to be nothing to fetch: what was named must be a repository.
  if (into !== undefined) await runGit(ctx, ['rev-parse', '--git-dir'], { cwd: repository });

  const outbox = join(taskDirectory(ctx, projectId, taskId).root, `out-${randomUUID()}`);
  try {
    const bundled = await runOverWorkspace(ctx, {
      project,
      taskId,
      agent: record.agent ?? null,
      script: bundleScript,
      args: [record.base_commit ?? '', taskId, committedOnly ? 'committed' : 'all'],
      output: outbox,
    });
    if (bundled.exitCode === scriptExit.noRepository || bundled.exitCode === scriptExit.noCommit)
      throw projectErrors.WORKSPACE_EMPTY({ project: projectId, task: taskId });
    const work = parsedWork(new TextDecoder().decode(bundled.stdout));
    if (bundled.exitCode !== 0 || work === null)
      throw projectErrors.WORKSPACE_UNREADABLE({
        project: projectId,
        task: taskId,
        what: 'fetch',
        said: printable(new TextDecoder().decode(bundled.stderr)),
      });

    if (work.commits > 0) {
      // The bundle is whatever the container wrote; a link in its place is not followed, and git checks every object in it.
      const bundle = join(outbox, 'work.bundle');
      if ((await ctx.files.stat(bundle))?.kind !== 'file')
        throw projectErrors.WORKSPACE_UNREADABLE({ project: projectId, task: taskId, what: 'fetch', said: 'there is no bundle' });
      const replacing = earlierTip(record, branch);
      const { outcome, tip } = await fetchChecked(ctx, {
        ...{ bundle, repository, branch, replacing },
        mirror: mirrorPath(ctx, projectId),
        scratch: `${outbox}.git`,
      });
      if (tip === null || !exitedWith(outcome, 0))
        throw projectErrors.FETCH_REFUSED({ task: taskId, branch, repository, said: saidBy(outcome) });
      await updateTask(ctx, projectId, taskId, { fetched_tip: tip, fetched_branch: branch });
      return { branch, ...work, tip, repository };
    }
    return { branch, ...work, repository };
  } finally {
    await ctx.files.removeTree(outbox);
    await ctx.files.removeTree(`${outbox}.git`);
  }
}

/**
 * The tip that the last fetch left in the branch. What was uncommitted then became a commit that the task itself does not have, so that
 * its later work does not follow from it: where nobody has added anything since, the branch may be set anew, and nothing is lost.
 */
function earlierTip(record: TaskRecord, branch: string): string | null {
  return record.fetched_branch === branch && typeof record.fetched_tip === 'string' ? record.fetched_tip : null;
}

type Fetch = {
  readonly bundle: string;
  /** Of the project: it has what the task began at, also where a history that was rewritten since has it no more. */
  readonly mirror: string;
  readonly repository: string;
  readonly branch: string;
  readonly scratch: string;
  /** The tip in place of which the work may be put where it does not follow from it; null for none. */
  readonly replacing: string | null;
};

type Fetched = {
  /** How the step that failed ended, or the last one. */
  readonly outcome: ProcessOutcome;
  /** What arrived, whatever the container said would, and whatever becomes of the branch meanwhile; null where nothing did. */
  readonly tip: string | null;
};

/** By way of a repository of our own: git before 2.46 checks the objects of a fetch, but not those of a bundle. */
async function fetchChecked(ctx: TaskContext, { bundle, mirror, repository, branch, scratch, replacing }: Fetch): Promise<Fetched> {
  const objects = await runGit(ctx, ['rev-parse', '--path-format=absolute', '--git-path', 'objects'], { cwd: repository });
  await runGit(ctx, ['init', '--quiet', '--bare', '--template=', '--', scratch]);
  const mirrored = (await ctx.files.stat(join(mirror, 'objects'))) === null ? '' : `${join(mirror, 'objects')}\n`;
  await ctx.files.replace(join(scratch, 'objects', 'info', 'alternates'), `${objects}\n${mirrored}`);
  const plain = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--'];
  const unbundled = await attemptGit(ctx, ['fetch', ...plain, bundle, 'refs/heads/work:refs/heads/work'], { cwd: scratch });
  if (!exitedWith(unbundled, 0)) return { outcome: unbundled, tip: null };
  const tip = await runGit(ctx, ['rev-parse', '--verify', 'refs/heads/work^{commit}'], { cwd: scratch });

  const fetchInto = (refspec: string, ...flags: readonly string[]) =>
    attemptGit(ctx, ['-c', 'fetch.fsckObjects=true', 'fetch', ...flags, ...plain, scratch, refspec], { cwd: repository });
  const refspec = `refs/heads/work:refs/heads/${branch}`;
  const following = await fetchInto(refspec);
  if (exitedWith(following, 0) || replacing === null) return { outcome: following, tip };
  // Whether anything but that stands in the way, such as that the branch is checked out.
  const forced = await fetchInto(`+${refspec}`, '--dry-run');
  if (!exitedWith(forced, 0)) return { outcome: forced, tip };
  // In one step with the look at what is there: somebody may add to it at this moment.
  const replaced = await attemptGit(ctx, ['update-ref', '-m', 'terok task fetch', `refs/heads/${branch}`, tip, replacing], {
    cwd: repository,
  });
  return { outcome: replaced, tip };
}

function fetchTarget(project: ProjectConfig, into: string | undefined): string {
  if (into !== undefined) return resolve(into);
  if (isLocal(project.repository)) return project.repository;
  throw projectErrors.FETCH_NO_REPOSITORY({ project: project.id, repository: project.repository });
}

/** The three lines that the script prints. They come from a container, so their shape is checked. */
function parsedWork(text: string): Pick<FetchResult, 'tip' | 'commits' | 'uncommittedIncluded'> | null {
  const match = /^([0-9a-f]{40}|[0-9a-f]{64})\n(\d{1,9})\n(yes|no)\n$/.exec(text);
  return match === null ? null : { tip: match[1]!, commits: Number(match[2]), uncommittedIncluded: match[3] === 'yes' };
}
