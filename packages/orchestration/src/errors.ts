import { defineErrors, exitStatus, printable } from '@terok/sandbox';

const taskIdHint = 'A task ID is a letter, a digit and three of either; `terok task list PROJECT` lists them.';

/** What can go wrong with a task, its identity and its record. */
export const taskErrors = defineErrors({
  TASK_ID_EMPTY: {
    message: () => 'Invalid task ID prefix: the task ID is empty.',
    hint: 'Give the ID of a task, or the first characters of it, such as `k3v8h` or `k3`.',
    exitCode: exitStatus.usage,
  },
  TASK_ID_HEAD: {
    message: (p: { text: string; heads: string }) =>
      `Invalid task ID prefix ${quoted(p.text)}: no task ID starts with I, L or O. The first character is one of \`${p.heads}\`.`,
    hint: taskIdHint,
    exitCode: exitStatus.usage,
  },
  TASK_ID_INVALID: {
    message: (p: { text: string }) => `Invalid task ID prefix ${quoted(p.text)}: expected 1-5 Crockford chars, such as \`k3v8h\`.`,
    hint: taskIdHint,
    exitCode: exitStatus.usage,
  },
  TASKS_NONE: {
    message: (p: { project: string }) => `No tasks found for project ${p.project}.`,
    hint: (p) => `Start one with \`terok task run ${p.project}\`.`,
  },
  TASK_UNMATCHED: {
    message: (p: { project: string; prefix: string }) => `No task matching '${p.prefix}' in project ${p.project}.`,
    hint: (p) => `List its tasks with \`terok task list ${p.project}\`.`,
  },
  TASK_AMBIGUOUS: {
    message: (p: { prefix: string; matches: readonly string[] }) => `Ambiguous task ID '${p.prefix}' — matches: ${p.matches.join(', ')}`,
    hint: 'Give more characters of the ID.',
  },
  TASK_NOT_FOUND: {
    message: (p: { project: string; task: string }) => `Unknown task ${p.task} in project ${p.project}.`,
    hint: (p) => `List its tasks with \`terok task list ${p.project}\`.`,
  },
  TASK_MODE_CONFLICT: {
    message: (p: { project: string; task: string; mode: string; expected: string }) =>
      `Task ${p.task} of project ${p.project} already ran in mode '${p.mode}'; it cannot be used in mode '${p.expected}'.`,
    hint: (p) => `Make a new one with \`terok task new ${p.project}\`.`,
  },
  TASK_RECORD_DAMAGED: {
    message: (p: { path: string; reason: string }) => `The task record \`${p.path}\` is damaged: ${p.reason}.`,
    hint: 'Correct the file by hand, or delete the task: its bytes go into the archive.',
  },
  TASK_NAME_INVALID: {
    message: (p: { name: string; reason: string }) => `Invalid task name: ${quoted(p.name)}: ${p.reason}.`,
    hint: 'Use lowercase letters, digits, hyphens and underscores.',
    exitCode: exitStatus.usage,
  },
});

/** What can go wrong with projects, with git on the host, and with a launch. */
export const projectErrors = defineErrors({
  GIT_MISSING: {
    message: (_: Record<never, never>) => 'git is not installed, or not on PATH.',
    hint: 'Install it (on Debian and Ubuntu: `apt-get install git`).',
    exitCode: exitStatus.manualStep,
  },
  GIT_FAILED: { message: (p: { verb: string; how: string; said: string }) => `\`git ${p.verb}\` ${p.how}.\n\n${p.said}`.trimEnd() },
  REPOSITORY_UNREACHABLE: {
    message: (p: { project: string; repository: string; reason: string }) =>
      `The repository of project \`${p.project}\`, \`${p.repository}\`, cannot be read.\n\n${p.reason}`.trimEnd(),
    hint: (p) => {
      if (/diskspace|no space left|disk quota/i.test(p.reason))
        return 'Make room (`df -h`), then try again; what was there before is unchanged.';
      if (/dubious ownership/.test(p.reason)) return `Allow it with \`git config --global --add safe.directory ${p.repository}\`.`;
      return `Check that \`git ls-remote ${p.repository}\` works for you.`;
    },
  },
  BRANCH_UNKNOWN: {
    message: (p: { project: string; branch: string; branches: readonly string[] }) =>
      `The repository of project \`${p.project}\` has no branch \`${p.branch}\`.`,
    hint: (p) =>
      p.branches.length === 0
        ? 'It has no branches at all: commit something first.'
        : `Its branches: ${p.branches.slice(0, 20).join(', ')}.`,
  },
  BRANCH_NAME_INVALID: {
    message: (p: { branch: string }) => `\`${p.branch}\` is no name for a branch.`,
    hint: 'Use letters, digits, `-`, `_` and `/`.',
    exitCode: exitStatus.usage,
  },
  PROJECT_UNKNOWN: {
    message: (p: { project: string; known: readonly string[] }) => `There is no project \`${p.project}\`.`,
    hint: (p) =>
      p.known.length === 0
        ? 'Add one with `terok project add NAME REPOSITORY`.'
        : `Known projects: ${p.known.join(', ')}. Add one with \`terok project add ${p.project} REPOSITORY\`.`,
  },
  PROJECT_EXISTS: {
    message: (p: { project: string; file: string }) => `Project \`${p.project}\` is there already: \`${p.file}\`.`,
    hint: (p) => `Look at it with \`terok project show ${p.project}\`, or choose another name.`,
  },
  PROJECT_NAME_INVALID: {
    message: (p: { project: string }) =>
      `${printable(p.project) === p.project && p.project !== '' ? `\`${p.project}\`` : quoted(p.project)} is no project name.`,
    hint: 'Use lowercase letters, digits, `-` and `_`, at most 40, beginning with a letter or a digit.',
    exitCode: exitStatus.usage,
  },
  PROJECT_INVALID: {
    message: (p: { project: string; file: string; problems: readonly string[] }) =>
      `The configuration of project \`${p.project}\` is not valid:\n\n${p.problems.map((line) => `  ${line}`).join('\n')}`,
    hint: (p) => `Correct \`${p.file}\`.`,
  },
  PROJECT_CHANGED: {
    message: (p: { project: string; file: string }) => `\`${p.file}\` was changed by somebody else meanwhile, and is as they left it.`,
    hint: (p) => `Begin again with \`terok project edit ${p.project}\`.`,
  },
  PROJECT_BUSY: {
    message: (p: { project: string; tasks: readonly string[] }) =>
      `Project \`${p.project}\` has ${p.tasks.length === 1 ? 'a task that runs' : `${p.tasks.length} tasks that run`}: ${p.tasks.slice(0, 10).join(', ')}.`,
    hint: (p) => `Stop them first (\`terok task stop ${p.project} ${p.tasks[0] ?? ''}\`).`,
  },
  PROJECT_SNIPPET_MISSING: {
    message: (p: { project: string; path: string }) => `The snippet of project \`${p.project}\` is not there: \`${p.path}\`.`,
    hint: 'Make the file, or correct `image.snippet_file` in project.yml.',
  },
  PROJECT_HAS_TASKS: {
    message: (p: { project: string; tasks: readonly string[] }) =>
      `Project \`${p.project}\` has ${p.tasks.length === 1 ? 'a task' : `${p.tasks.length} tasks`}: ${p.tasks.slice(0, 10).join(', ')}.`,
    hint: (p) => `\`terok project remove ${p.project} --with-tasks\` deletes them too; their work goes into the archive.`,
  },
  PROMPT_EMPTY: {
    message: (_: Record<never, never>) => 'The prompt is empty.',
    hint: 'Say what to do with `--prompt TEXT` or `--prompt-file FILE`.',
    exitCode: exitStatus.usage,
  },
  PROMPT_TOO_LARGE: {
    message: (p: { bytes: number; limitBytes: number }) => `The prompt is ${p.bytes} bytes long; ${p.limitBytes} is the limit.`,
    hint: 'Put long material into a file of the repository and name it in the prompt.',
    exitCode: exitStatus.usage,
  },
  TASK_RUNNING: {
    message: (p: { project: string; task: string }) => `Task ${p.task} of project ${p.project} has been started already.`,
    hint: (p) => `Look at it with \`terok task status ${p.project} ${p.task}\`.`,
  },
  LOGIN_FAILED: {
    message: (p: { project: string; task: string; how: string }) =>
      `The terminal in task ${p.task} of project ${p.project} could not be kept open: podman ${p.how}.`,
    hint: (p) => `See \`terok task status ${p.project} ${p.task}\`.`,
  },
  TASK_START_FAILED: {
    message: (p: { project: string; task: string; state: string }) =>
      `The container of task ${p.task} in project ${p.project} did not come up (${p.state}).`,
    hint: (p) => `See \`terok task logs ${p.project} ${p.task}\`.`,
  },
  RESTART_REFUSED: {
    message: (p: { project: string; task: string; reason: string }) =>
      `Task ${p.task} of project ${p.project} is not restarted: ${p.reason}.`,
    hint: (p) => `Look at it with \`terok task status ${p.project} ${p.task}\`.`,
  },
  RESTART_REPLAYS: {
    message: (p: { project: string; task: string; reason: string }) =>
      `Task ${p.task} of project ${p.project} would be given its prompt again: ${p.reason}.`,
    hint: (p) => `Go on with its work by a new prompt: \`terok task run ${p.project} --task ${p.task} --prompt …\`.`,
  },
  HOOK_FAILED: {
    message: (p: { project: string; hook: string; problem: string }) =>
      `The ${p.hook} hook of project ${p.project} ${p.problem}. Nothing was started.`,
    hint: 'Correct it under `hooks` in project.yml.',
  },
  SECRET_UNAVAILABLE: {
    message: (p: { secret: string; reason: string }) => `The secret \`${p.secret}\` cannot be had: ${p.reason}.`,
    hint: 'Correct its entry under `secrets` in project.yml or config.yml, or make its source available.',
  },
  TASK_NEVER_RUN: {
    message: (p: { project: string; task: string }) => `Task ${p.task} of project ${p.project} has never been run.`,
    hint: (p) => `Start it with \`terok task run ${p.project} --task ${p.task} --prompt …\`.`,
  },
  TASK_NOT_RUNNING: {
    message: (p: { project: string; task: string; state: string }) => `Task ${p.task} of project ${p.project} is not running (${p.state}).`,
    hint: (p) => `Look at it with \`terok task status ${p.project} ${p.task}\`.`,
  },
  TASK_NO_CONTAINER: {
    message: (p: { project: string; task: string }) => `The container of task ${p.task} in project ${p.project} is gone.`,
    hint: (p) =>
      `Make another with \`terok task restart ${p.project} ${p.task}\`; the workspace is still there for \`terok task fetch ${p.project} ${p.task}\`.`,
  },
  TASK_RUN_UNKNOWN: {
    message: (p: { project: string; task: string; run: number; last: number }) =>
      `Task ${p.task} of project ${p.project} has no run ${p.run}: ${p.last === 1 ? 'it ran once' : `its last is run ${p.last}`}.`,
    hint: (p) => `\`terok task status ${p.project} ${p.task}\` lists them.`,
  },
  LOG_GONE: {
    message: (p: { project: string; task: string; run: number; kept: readonly number[] }) =>
      `There is no log of run ${p.run} of task ${p.task} in project ${p.project}: its container is gone, or not made yet.`,
    hint: (p) =>
      p.kept.length === 0
        ? `The workspace is still there for \`terok task fetch ${p.project} ${p.task}\`.`
        : `There is one of run ${p.kept.join(', ')}: \`terok task logs ${p.project} ${p.task} --run ${p.kept.at(-1)}\`.`,
  },
  LOG_DAMAGED: {
    message: (p: { path: string }) => `\`${p.path}\` is damaged and cannot be unpacked to its end.`,
  },
  CONTAINERS_UNKNOWN: {
    message: (_: Record<never, never>) => 'podman does not say which containers there are.',
    hint: 'Try again in a moment; see `podman ps --all` for what it says.',
  },
  WORKSPACE_UNREADABLE: {
    message: (p: { project: string; task: string; what: string; said: string }) =>
      `The workspace of task ${p.task} in project ${p.project} could not be read (${p.what}).\n\n${p.said}`.trimEnd(),
    hint: (p) => `Its files are untouched; \`terok task status ${p.project} ${p.task}\` says where they are.`,
  },
  WORKSPACE_EMPTY: {
    message: (p: { project: string; task: string }) => `Task ${p.task} of project ${p.project} has no commits in its workspace yet.`,
    hint: (p) => `See \`terok task logs ${p.project} ${p.task}\`.`,
  },
  FETCH_NO_REPOSITORY: {
    message: (p: { project: string; repository: string }) =>
      `Project \`${p.project}\` is a URL (\`${p.repository}\`); there is no local repository to fetch into.`,
    hint: 'Name a clone of it: `--into DIRECTORY`.',
    exitCode: exitStatus.usage,
  },
  FETCH_REFUSED: {
    message: (p: { task: string; branch: string; repository: string; said: string }) =>
      `The work of task ${p.task} could not be fetched into branch \`${p.branch}\` of \`${p.repository}\`.\n\n${p.said}`.trimEnd(),
    hint: 'The branch may be checked out, or may have other commits: choose another with `--branch NAME`.',
  },
  ARCHIVE_FAILED: {
    message: (p: { project: string; task: string; reason: string }) =>
      `Task ${p.task} of project ${p.project} was not deleted, because its work could not be archived: ${p.reason}`,
    hint: (p) =>
      `Nothing was removed. Mend the cause and repeat, or give its work up with \`terok task delete ${p.project} ${p.task} --force\`.`,
  },
  TASK_STAYS: {
    message: (p: { project: string; task: string; problems: readonly string[] }) =>
      `Task ${p.task} of project ${p.project} is archived and could not be removed whole: ${p.problems.join('; ')}.`,
    hint: (p) => `Mend the cause and repeat, or forget it with \`terok task delete ${p.project} ${p.task} --force\`.`,
  },
  TASK_DELETING: {
    message: (p: { project: string; task: string }) => `Task ${p.task} of project ${p.project} is being deleted.`,
    hint: (p) => `End that with \`terok task delete ${p.project} ${p.task}\`; its work can be restored from the archive.`,
  },
  TASK_RESTORING: {
    message: (p: { project: string; task: string; archive: string }) =>
      `Task ${p.task} of project ${p.project} is being restored from \`${p.archive}\`, or that was cut short.`,
    hint: (p) =>
      `Restore it anew with \`terok task archive restore ${p.project} ${p.archive}\`, and delete this one with \`terok task delete ${p.project} ${p.task}\`.`,
  },
  CONTAINER_STAYS: {
    message: (p: { name: string; reason: string }) => `Container \`${p.name}\` could not be removed: ${p.reason}.`,
    hint: (p) => `Try \`podman rm --force ${p.name}\`.`,
  },
  ARCHIVE_UNKNOWN: {
    message: (p: { project: string; archive: string }) => `Project \`${p.project}\` has no archived task \`${p.archive}\`.`,
    hint: (p) => `List them with \`terok task archive list ${p.project}\`.`,
  },
  ARCHIVE_DAMAGED: {
    message: (p: { archive: string; reason: string }) => `The record of the archive \`${p.archive}\` cannot be read: ${p.reason}.`,
    hint: 'Its work can be had by hand: the README of @terok/orchestration says how.',
  },
  PANIC: {
    message: (p: { since: string | null }) =>
      `Nothing is started: somebody pulled the emergency brake${p.since === null ? '' : ` at ${p.since}`}.`,
    hint: 'Look at what happened, then release it with `terok panic clear`.',
  },
  DISK_LOW: {
    message: (p: { path: string; freeBytes: number; neededBytes: number }) =>
      `The file system of \`${p.path}\` has ${p.freeBytes} bytes free; ${p.neededBytes} are wanted before a task starts.`,
    hint: 'Free some space (`terok task delete`, `podman system df`), or lower `limits.disk_free_min` in config.yml.',
  },
});

/** Text that a person typed, in quotes and with everything unprintable spelled out. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
