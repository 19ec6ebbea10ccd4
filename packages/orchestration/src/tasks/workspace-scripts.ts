/**
 * Programs that look at a workspace from inside a throw-away container: read-only, without a network. The workspace's own git
 * settings, hooks, filters and attributes of submodules are never obeyed: a bare repository beside it, with settings of ours,
 * borrows its objects and has a copy of its references.
 */
import { inContainer } from '@terok/executor';
import { outbox } from '../containers/throwaway.ts';

/** What the scripts exit with where there is nothing to look at. */
export const scriptExit = { noRepository: 3, noCommit: 4, unusualRepository: 5 } as const;

/**
 * A repository of our own at $repo. Sets `head` (empty without a commit), and `base` from the first argument (emptied when the
 * workspace has no such commit any more), and `origin`, where the work began. Refuses a repository whose parts are links, pipes
 * or kept in a format that this one would misread.
 */
const openRepository = String.raw`
set -euo pipefail
umask 077
work=${inContainer.workspace}
refuse() { echo "$2" >&2; exit "$1"; }
if [ ! -e "$work/.git" ] || [ -e "$work/${inContainer.markerName}" ]; then
  [ -L "$work/.git" ] || refuse ${scriptExit.noRepository} 'the workspace has no repository yet'
fi
if [ -L "$work/.git" ] || [ ! -d "$work/.git" ] || [ -e "$work/.git/commondir" ]; then
  refuse ${scriptExit.unusualRepository} 'the repository of the workspace is kept elsewhere'
fi
cd "$work/.git"
odd=$(find HEAD packed-refs refs logs objects index info config ! -type f ! -type d -print -quit 2>/dev/null || true)
[ -z "$odd" ] || refuse ${scriptExit.unusualRepository} "the repository of the workspace holds a link or a pipe: $odd"
cd /
extensions=$(git config --file "$work/.git/config" --no-includes --name-only --get-regexp '^extensions\.' || [ $? -eq 1 ]) ||
  refuse ${scriptExit.unusualRepository} 'the settings of the repository cannot be read'
for extension in $extensions; do
  case $extension in
    extensions.worktreeconfig | extensions.partialclone | extensions.preciousobjects | extensions.noop) ;;
    *) refuse ${scriptExit.unusualRepository} "the repository uses $extension" ;;
  esac
done

repo=$scratch/repo.git
git init --quiet --bare --template= "$repo"
mkdir -p "$repo/info" "$repo/logs"
printf '%s\n' "$work/.git/objects" > "$repo/objects/info/alternates"
cd "$work"
for part in HEAD packed-refs refs logs index; do
  [ ! -e ".git/$part" ] || cp -R --no-preserve=mode ".git/$part" "$repo/"
done
[ ! -e .git/info/exclude ] || cp .git/info/exclude "$repo/info/exclude"
export GIT_DIR=$repo GIT_WORK_TREE=$work GIT_INDEX_FILE=$repo/index GIT_OPTIONAL_LOCKS=0 GIT_NO_REPLACE_OBJECTS=1
git config core.bare false

head=$(git rev-parse --verify --quiet 'HEAD^{commit}' || true)
base=$1
if [ -n "$base" ] && ! git cat-file -e "$base^{commit}" 2>/dev/null; then base=''; fi
nothing=$(git hash-object -t tree /dev/null)
`;

/** What a diff is printed with. The state of a submodule is not asked for: that would be to obey its settings. */
const plainDiff = 'git --no-pager diff --no-color --no-ext-diff --no-textconv --ignore-submodules=dirty';

/** Arguments: `base` commit (may be empty) and what to compare with: base, HEAD or PREV. Prints the diff, new files included. */
export const diffScript = String.raw`
scratch=/tmp/terok; mkdir -p "$scratch"
${openRepository}
case $2 in
  base) from=${'$'}{base:-$nothing} ;;
  HEAD) from=${'$'}{head:-$nothing} ;;
  PREV)
    [ -n "$head" ] || refuse ${scriptExit.noRepository} 'there is no commit yet'
    exec ${plainDiff} "$(git rev-parse --verify --quiet "$head~1^{commit}" || echo "$nothing")" "$head" ;;
esac
git ls-files -z --others --exclude-standard | git --literal-pathspecs add --intent-to-add --pathspec-from-file=- --pathspec-file-nul
exec ${plainDiff} "$from"
`;

/**
 * Arguments: base commit (may be empty), task ID, `all` or `committed`. Leaves work.bundle with refs/heads/work in the outbox and
 * prints three lines: the tip, how many commits it adds to the base, and whether uncommitted changes were committed on top.
 */
export const bundleScript = String.raw`
scratch=${outbox}
${openRepository}
[ -n "$head" ] || refuse ${scriptExit.noCommit} 'there is no commit yet'
tip=$head
added=no
if [ "$3" = all ]; then
  git ls-files -z --modified --deleted --others --exclude-standard | sed -z 's:/$::' | git update-index -z --add --remove --replace --stdin
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
rm -rf "$repo"
printf '%s\n%s\n%s\n' "$tip" "$count" "$added"
`;

/**
 * Argument: base commit (may be empty). Leaves in the outbox all that an agent made, flushed to the disk:
 * - work.bundle, when there is anything beyond the base: every reference under its own name, every commit that a reflog names under
 *   refs/salvage/reflog, and what was staged, as a tree of blobs, under refs/salvage/staged;
 * - uncommitted.patch: from HEAD, which its first line names, to the files as they are, byte for byte, whatever attributes say;
 * - untracked.tar: files that are not tracked, and other repositories in the workspace, submodules too, whole;
 * - repository.tar: what git keeps beside objects and references (the index, submodules, a rebase under way), when there is any;
 * - ignored.txt: names and sizes of what was left out.
 */
export const salvageScript = String.raw`
scratch=${outbox}
${openRepository}
from=${'$'}{head:-$nothing}

find .git -maxdepth 1 -name '*_HEAD' -type f -exec cat {} + > "$repo/ids"
for part in logs worktrees; do [ ! -d ".git/$part" ] || find ".git/$part" -type f \( -name HEAD -o -path '*/logs/*' \) -exec cat {} + >> "$repo/ids"; done
(grep -aoE '[0-9a-f]{40}' "$repo/ids" || [ $? -eq 1 ]) | sort -u |
  git cat-file --batch-check='%(objecttype) %(objectname)' |
  awk '$1 == "commit" { print "update refs/salvage/reflog/" $2 " " $2 }' | git update-ref --stdin

(git ls-files --unmerged; for index in .git/worktrees/*/index; do [ ! -f "$index" ] || GIT_INDEX_FILE=$index git ls-files --stage; done) |
  awk '{ print $2 }' > "$repo/ids"
(cat "$repo/ids"; git diff-index --cached --raw --no-renames --no-abbrev "$from" | awk '{ print $4 }') |
  sort -u | git cat-file --batch-check='%(objecttype) %(objectname)' |
  awk '$1 == "blob" { print "100644 blob " $2 "\t" $2 }' > "$repo/staged"
if [ -s "$repo/staged" ]; then
  git update-ref refs/salvage/staged "$(git commit-tree "$(git mktree < "$repo/staged")" -m 'What was staged, each file under its object name')"
fi

git rev-list --objects --all ${'$'}{base:+--not "$base"} > "$repo/objects-to-keep"
if [ -s "$repo/objects-to-keep" ]; then git bundle create --quiet ${outbox}/work.bundle --all ${'$'}{base:+"^$base"}; fi

(cd .git; find . -mindepth 1 -maxdepth 1 ! -name objects ! -name refs ! -name logs ! -name HEAD ! -name packed-refs ! -name index \
  ! -name config ! -name description ! -name hooks ! -name info ! -name branches ! -name COMMIT_EDITMSG ! -name ORIG_HEAD ! -name FETCH_HEAD -print0) > "$repo/rest"
if [ -s "$repo/rest" ] || [ -s "$repo/staged" ]; then
  [ ! -e .git/index ] || printf './index\0' >> "$repo/rest"
  tar --create --directory=.git --null --files-from="$repo/rest" --file=${outbox}/repository.tar
fi

# An index without flags and caches: a file that git was told to take for unchanged is looked at like any other.
printf '* -text -eol -ident -filter -working-tree-encoding !diff\n' > "$repo/info/attributes"
git ls-files --stage -z | GIT_INDEX_FILE=$repo/plain git update-index -z --index-info
export GIT_INDEX_FILE=$repo/plain
${plainDiff} --binary --full-index --no-renames "$from" > "$repo/patch"
if [ -s "$repo/patch" ]; then (echo "The files as they are, against $from"; cat "$repo/patch") > ${outbox}/uncommitted.patch; fi
git ls-files -z --others --exclude-standard > "$repo/untracked"
git ls-files -z --stage | sed -zn 's/^160000 [^\t]*\t//p' | while IFS= read -r -d '' path; do
  [ ! -d "$path" ] || printf '%s\0' "$path"
done >> "$repo/untracked"
if [ -s "$repo/untracked" ]; then tar --create --sparse --null --files-from="$repo/untracked" --file=${outbox}/untracked.tar; fi
git ls-files -z --others --ignored --exclude-standard --directory > "$repo/ignored"
if [ -s "$repo/ignored" ]; then du --summarize --bytes --null --files0-from="$repo/ignored" | tr '\0' '\n' > ${outbox}/ignored.txt; fi
rm -rf "$repo"
find ${outbox} -exec sync {} +
`;
