/**
 * The programs of the image that run before an agent: they fill the workspace from the project's mirror, or keep what is there.
 *
 * The host makes `.new-task-marker` in an empty workspace. While it is there the workspace may be made anew; it is removed as
 * the last step, so that a start that was cut short is simply done again. Without it nothing of the workspace is touched.
 */

/** Where things are in a task's container. */
export const inContainer = {
  workspace: '/workspace',
  marker: '/workspace/.new-task-marker',
  markerName: '.new-task-marker',
  config: '/home/dev/.terok',
  prompt: '/home/dev/.terok/prompt.txt',
  mirror: '/run/terok/mirror.git',
  scripts: '/usr/local/lib/terok',
} as const;

/** Printed, on standard error, when the workspace is ready and the agent is about to begin. */
export const readyLine = '>> init complete';

/** What the container exits with when the workspace could not be made ready. */
export const prepareFailedExitCode = 128;

/**
 * Variables: TEROK_BRANCH (may be empty), TEROK_BASE_COMMIT (empty for a repository without commits).
 * The mirror is a bare repository, mounted read-only; it stays as `origin`, so that fetching works without a network.
 */
export const prepareWorkspaceScript = String.raw`#!/bin/bash
# Makes /workspace ready: new from the mirror while the marker is there, as it was left otherwise.
set -euo pipefail
cd ${inContainer.workspace}
marker=${inContainer.markerName}
mirror=${inContainer.mirror}
say() { printf '>> %s\n' "$*" >&2; }
fail() { say "init failed: $*"; exit ${prepareFailedExitCode}; }
# Hooks that an agent left in a workspace have no say in beginning it anew.
git() { command git -c core.hooksPath=/dev/null "$@"; }

if [ ! -e "$marker" ]; then
  if [ -e .git ]; then
    say 'keeping the workspace as it is'
    exit 0
  fi
  [ -z "$(ls -A)" ] || fail "the workspace has no repository and is not empty: $(ls -A | head -n 5 | tr '\n' ' ')"
fi

if [ -e .git ]; then
  origin=$(git config --local --get remote.origin.url || true)
  if [ "$origin" != "$mirror" ]; then
    say 'the workspace belongs to another repository: beginning anew'
    find . -mindepth 1 -maxdepth 1 ! -name "$marker" -exec rm -rf -- {} +
  fi
elif [ -n "$(ls -A | grep -vFx -- "$marker" || true)" ]; then
  fail "the new workspace is not empty: $(ls -A | head -n 5 | tr '\n' ' ')"
fi

if [ ! -e .git ]; then
  git init --quiet --initial-branch="${'$'}{TEROK_BRANCH:-main}" || fail 'git init'
  git remote add origin "$mirror" || fail 'git remote add'
fi
git fetch --quiet --prune --tags origin || fail 'the mirror could not be read'

if [ -n "${'$'}{TEROK_BASE_COMMIT:-}" ]; then
  branch=${'$'}{TEROK_BRANCH:-main}
  git checkout --quiet --force -B "$branch" "$TEROK_BASE_COMMIT" || fail "commit $TEROK_BASE_COMMIT could not be checked out"
  git clean --quiet -ffdx --exclude="/$marker" || fail 'git clean'
  if git show-ref --verify --quiet "refs/remotes/origin/$branch"; then
    git branch --quiet --set-upstream-to="origin/$branch" "$branch" || fail 'git branch'
  fi
  if [ -e .gitmodules ]; then
    git submodule update --quiet --init --recursive || say 'submodules could not be fetched: they stay empty'
  fi
  say "on $branch at $(git rev-parse --short HEAD)"
else
  say 'the repository has no commit yet'
fi
rm -f -- "$marker"
`;

/**
 * The container's program: prepares, then becomes the agent. Arguments: time limit in seconds (0 is none), then the agent's words.
 * Variable: TEROK_STDIN, the file that standard input comes from. The agent reads its prompt there where it can, and by the file's
 * name otherwise; never as an argument.
 */
export const runTaskScript = String.raw`#!/bin/bash
# Prepares the workspace, then runs the agent under its time limit.
set -u
limit=$1
shift
input=${'$'}{TEROK_STDIN:-/dev/null}
unset TEROK_STDIN
${inContainer.scripts}/prepare-workspace || exit $?
cd ${inContainer.workspace}
echo '${readyLine}' >&2
if [ "$limit" -gt 0 ]; then
  exec timeout --kill-after=10s "${'$'}{limit}s" "$@" <"$input"
fi
exec "$@" <"$input"
`;
