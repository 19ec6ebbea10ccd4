/**
 * Programs that look at a workspace from inside a throw-away container: read-only, without a network. The workspace's own git
 * settings, hooks and filters are never read: a bare repository beside it borrows its objects.
 */
import { inContainer } from '@terok/executor';

/** Where a throw-away container may write. */
export const outbox = '/run/terok/out';

/** A repository of our own at $repo over the objects and the index of the workspace. Fails with 3 when there is no repository yet. */
const openRepository = String.raw`
set -euo pipefail
cd ${inContainer.workspace}
[ -d .git ] && [ ! -e ${inContainer.markerName} ] || { echo 'the workspace has no repository yet' >&2; exit 3; }
repo=$scratch/repo.git
git init --quiet --bare "$repo"
printf '%s\n' ${inContainer.workspace}/.git/objects > "$repo/objects/info/alternates"
if [ -f .git/info/exclude ]; then cp .git/info/exclude "$repo/info/exclude"; fi
if [ -f .git/index ]; then cp .git/index "$scratch/index"; fi
head=$(git --git-dir=.git -c core.fsmonitor=false rev-parse --verify --quiet 'HEAD^{commit}' || true)
export GIT_DIR=$repo GIT_WORK_TREE=${inContainer.workspace} GIT_INDEX_FILE=$scratch/index GIT_OPTIONAL_LOCKS=0
git config core.bare false
`;

/** Arguments: `base` commit (may be empty) and what to compare with: base, HEAD or PREV. Prints the diff, new files included. */
export const diffScript = String.raw`
scratch=/tmp/terok; mkdir -p "$scratch"
${openRepository}
base=$1
case $2 in
  base) from=${'$'}{base:-$(git hash-object -t tree /dev/null)} ;;
  HEAD) from=${'$'}{head:-$(git hash-object -t tree /dev/null)} ;;
  PREV)
    git rev-parse --verify --quiet "$head~1^{commit}" > /dev/null || { echo 'there is no commit before the last' >&2; exit 3; }
    exec git --no-pager diff --no-color --no-ext-diff --no-textconv "$head~1" "$head" ;;
esac
git add --intent-to-add --all .
exec git --no-pager diff --no-color --no-ext-diff --no-textconv "$from"
`;

/**
 * Arguments: base commit (may be empty), task ID, `all` or `committed`. Leaves work.bundle with refs/heads/work in the outbox and
 * prints three lines: the tip, how many commits it adds to the base, and whether uncommitted changes were committed on top.
 */
export const bundleScript = String.raw`
scratch=${outbox}
${openRepository}
base=$1
[ -n "$head" ] || { echo 'there is no commit yet' >&2; exit 4; }
tip=$head
added=no
if [ "$3" = all ]; then
  git add --all .
  tree=$(git write-tree)
  if [ "$tree" != "$(git rev-parse "$head^{tree}")" ]; then
    tip=$(git commit-tree "$tree" -p "$head" -m "Uncommitted work of task $2")
    added=yes
  fi
fi
range=$tip
if [ -n "$base" ]; then range="$base..$tip"; fi
count=$(git rev-list --count "$range")
if [ "$count" -gt 0 ]; then
  git update-ref refs/heads/work "$tip"
  git bundle create --quiet ${outbox}/work.bundle refs/heads/work ${'$'}{base:+"^$base"}
fi
rm -rf "$repo" "$scratch/index"
printf '%s\n%s\n%s\n' "$tip" "$count" "$added"
`;

/**
 * Argument: base commit (may be empty). Leaves in the outbox all that an agent made: work.bundle (refs, HEAD, reflog tips, when
 * there is anything beyond the base), uncommitted.patch, untracked.tar, and ignored.txt with the names and sizes of what was left out.
 */
export const salvageScript = String.raw`
scratch=${outbox}
${openRepository}
base=$1
keep() { if git cat-file -e "$1^{commit}" 2>/dev/null; then git update-ref "$2" "$1"; fi; }
work() { GIT_DIR= ; unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE; git --git-dir=${inContainer.workspace}/.git -c core.fsmonitor=false "$@"; }
(work for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags refs/stash refs/notes) | while read -r object ref; do
  keep "$object" "refs/salvage/${'$'}{ref#refs/}"
done
if [ -n "$head" ]; then keep "$head" refs/salvage/HEAD; fi
(work reflog show --all --format=%H 2>/dev/null || true) | sort -u | while read -r object; do keep "$object" "refs/salvage/reflog/$object"; done
if [ "$(git rev-list --count --all ${'$'}{base:+--not "$base"})" -gt 0 ]; then
  git bundle create --quiet ${outbox}/work.bundle --all ${'$'}{base:+"^$base"}
fi
if [ -n "$head" ]; then
  git diff --binary --no-color --no-ext-diff --no-textconv "$head" > ${outbox}/uncommitted.patch
  [ -s ${outbox}/uncommitted.patch ] || rm ${outbox}/uncommitted.patch
fi
git ls-files -z --others --exclude-standard > "$scratch/untracked"
if [ -s "$scratch/untracked" ]; then tar --create --null --no-recursion --files-from="$scratch/untracked" --file=${outbox}/untracked.tar; fi
git ls-files -z --others --ignored --exclude-standard --directory > "$scratch/ignored"
if [ -s "$scratch/ignored" ]; then du --summarize --bytes --null --files0-from="$scratch/ignored" | tr '\0' '\n' > ${outbox}/ignored.txt; fi
rm -rf "$repo" "$scratch/index" "$scratch/untracked" "$scratch/ignored"
`;
