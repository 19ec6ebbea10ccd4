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

/** Folders in place of their files, as far up as nothing in them is kept: of paths that are sorted by byte, $repo/kept holding all others. */
const foldersOf = String.raw`
  {
    declare -A kept
    while IFS= read -r -d '' path; do
      while [[ $path == */* ]]; do
        path=${'$'}{path%/*}
        [ -z "${'$'}{kept[$path]:-}" ] || break
        kept[$path]=1
      done
    done < "$repo/kept"
    last=
    while IFS= read -r -d '' path; do
      if [ -n "$last" ] && [[ $path == "$last"* ]]; then continue; fi
      last=; folder=; rest=$path
      while [[ $rest == */* ]]; do
        folder+=${'$'}{rest%%/*}; rest=${'$'}{rest#*/}
        if [ -z "${'$'}{kept[$folder]:-}" ]; then path=$folder/; last=$path; break; fi
        folder+=/
      done
      printf '%s\0' "$path"
    done
  }
`.trim();

/**
 * Arguments: base commit (may be empty), and `without-base` where whoever has the project has that commit. Leaves in the outbox all that
 * an agent made, flushed to the disk:
 * - work.bundle, when there is anything beyond the base: every reference under its own name, every commit that a reflog names under
 *   refs/salvage/reflog, and what was staged, as a tree of blobs, under refs/salvage/staged;
 * - uncommitted.patch: from HEAD, which its first line names, to the files as they are, byte for byte, whatever attributes say;
 * - untracked.tar: files that are not tracked, and other repositories in the workspace, submodules too, whole;
 * - repository.tar: what git keeps beside objects and references (the index, submodules, a rebase under way), when there is any;
 * - ignored.txt: names and sizes of what was left out: what the repository's own rules ignored where the work began;
 * - head.txt, when there is anything else: the branch that was checked out (an empty line for none) and its commit (or none).
 */
export const salvageScript = String.raw`
scratch=${outbox}
${openRepository}
from=${'$'}{head:-$nothing}
known=$base
[ "$2" = without-base ] || known=

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

git rev-list --objects --all ${'$'}{known:+--not "$known"} > "$repo/objects-to-keep"
if [ -s "$repo/objects-to-keep" ]; then git bundle create --quiet ${outbox}/work.bundle --all ${'$'}{known:+"^$known"}; fi

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
# What the repository ignored where the work began is listed; what only the task's own rules ignore is work like any other.
rm -f "$repo/info/exclude"
mkdir "$repo/rules"
: > "$repo/rule-files"
if [ -n "$base" ]; then
  git ls-tree -r -z --name-only "$base" | (grep -zE '(^|/)\.gitignore$' || [ $? -eq 1 ]) > "$repo/rule-files"
  GIT_INDEX_FILE=$repo/rule-index git read-tree "$base"
  GIT_INDEX_FILE=$repo/rule-index git checkout-index --prefix="$repo/rules/" -z --stdin < "$repo/rule-files"
fi
git ls-files -z --others | LC_ALL=C sort -z > "$repo/new"
# With ./ in front no name is taken for an expression.
LC_ALL=C sed -z 's:^:./:' "$repo/new" > "$repo/asked"
(cd "$repo/rules"; GIT_WORK_TREE=$repo/rules git check-ignore -z --stdin --no-index < "$repo/asked" || [ $? -eq 1 ]) |
  LC_ALL=C sed -z 's:^\./::' | LC_ALL=C sort -z > "$repo/ignored"
LC_ALL=C comm -z -23 "$repo/new" "$repo/ignored" > "$repo/untracked"
git ls-files -z --stage | sed -zn 's/^160000 [^\t]*\t//p' | while IFS= read -r -d '' path; do
  [ ! -d "$path" ] || printf '%s\0' "$path"
done >> "$repo/untracked"
if [ -s "$repo/untracked" ]; then tar --create --sparse --null --files-from="$repo/untracked" --file=${outbox}/untracked.tar; fi
if [ -s "$repo/ignored" ]; then
  (git ls-files -z; cat "$repo/untracked") > "$repo/kept"
  ${foldersOf} < "$repo/ignored" > "$repo/ignored-folders"
  du --summarize --bytes --null --files0-from="$repo/ignored-folders" | tr '\0' '\n' > ${outbox}/ignored.txt
fi
found=$(find ${outbox} -mindepth 1 -maxdepth 1 ! -path "$repo" -print -quit)
if [ -n "$found" ]; then printf '%s\n%s\n' "$(git symbolic-ref --quiet HEAD || true)" "$head" > ${outbox}/head.txt; fi
rm -rf "$repo"
find ${outbox} -exec sync {} +
`;

/** Where the files of an archive are in the container that restores them. */
export const inbox = '/run/terok/in';
/** And where it may write what was kept of the agent's home. */
export const homeOutbox = '/run/terok/home';

/**
 * Arguments: base commit (may be empty) and its branch. Fills an empty workspace from the mirror and from what `salvageScript` left
 * in the inbox: references, what was checked out, files as they were, the index, a merge or rebase under way. From workspace.tar,
 * where there is no more than that, all files are taken as they are. What was kept of the agent's home goes where it was. The marker of
 * a new workspace goes last.
 */
export const restoreScript = String.raw`
set -euo pipefail
umask 022
in=${inbox}
if [ -e "$in/home.tar" ]; then (umask 077; tar --extract --no-same-owner --directory=${homeOutbox} --file="$in/home.tar"); fi
cd ${inContainer.workspace}
if [ -e "$in/workspace.tar" ]; then
  tar --extract --file="$in/workspace.tar"
  rm -f -- ${inContainer.markerName}
  exit 0
fi
git() { command git -c core.hooksPath=/dev/null -c protocol.file.allow=always -c gc.auto=0 "$@"; }
base=$1
branch=${'$'}{2:-main}
git init --quiet --template= --initial-branch="$branch"
mkdir -p .git/info
git remote add origin ${inContainer.mirror}
git fetch --quiet --prune --tags origin
# Of a history that was rewritten since, the mirror has the base still, and no branch leads to it.
if [ -n "$base" ] && ! git cat-file -e "$base^{commit}" 2>/dev/null; then
  git -c protocol.version=2 fetch --quiet --no-tags origin "$base" || true
fi
if [ -e "$in/work.bundle" ]; then git fetch --quiet --no-tags --update-head-ok "$in/work.bundle" '+refs/*:refs/*'; fi

commit=$base
if [ -e "$in/head.txt" ]; then
  { IFS= read -r checked_out; IFS= read -r commit; } < "$in/head.txt"
  if [ -n "$checked_out" ]; then branch=${'$'}{checked_out#refs/heads/}; else branch=; fi
fi
if [ -n "$branch" ]; then
  git symbolic-ref HEAD "refs/heads/$branch"
  [ -z "$commit" ] || git update-ref "refs/heads/$branch" "$commit"
else
  git update-ref --no-deref HEAD "$commit"
fi

# The patch holds files as they are on the disk: no attribute may translate them on the way.
printf '* -text -eol -ident -filter -working-tree-encoding !diff\n' > .git/info/attributes
if [ -n "$commit" ]; then
  git read-tree "$commit"
  git checkout-index --all --force
fi
if [ -e "$in/uncommitted.patch" ]; then git apply --binary --whitespace=nowarn "$in/uncommitted.patch"; fi
rm .git/info/attributes
if [ -e "$in/untracked.tar" ]; then tar --extract --file="$in/untracked.tar"; fi
if [ -e "$in/repository.tar" ]; then tar --extract --overwrite --directory=.git --file="$in/repository.tar"; fi
git update-index -q --refresh || true
rm -f -- ${inContainer.markerName}
`;
