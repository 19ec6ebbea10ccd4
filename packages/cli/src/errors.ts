/** Every failure the command line reports on its own account. */
import { defineErrors, exitStatus, printable } from '@terok/sandbox';

export const cliErrors = defineErrors({
  COMMAND_UNKNOWN: {
    message: (p: { word: string; command: string; nearest: readonly string[]; elsewhere: readonly string[] }) =>
      `\`${p.command}\` has no command \`${p.word}\`.`,
    hint: (p) => {
      const meant = [...p.elsewhere.map((words) => `\`terok ${words}\``), ...p.nearest.map((name) => `\`${p.command} ${name}\``)];
      return meant.length === 0 ? `See \`${p.command} --help\`.` : `Did you mean ${meant.join(' or ')}?`;
    },
    exitCode: exitStatus.usage,
  },
  PROJECT_NOT_NAMED: {
    message: (_: Record<never, never>) => 'PROJECT is missing.',
    hint: '`terok project list` lists them all.',
    exitCode: exitStatus.usage,
  },
  AGENT_NOT_NAMED: {
    message: (_: Record<never, never>) => 'AGENT is missing.',
    hint: '`terok agents list` lists them all.',
    exitCode: exitStatus.usage,
  },
  NO_PROJECTS: {
    message: (_: Record<never, never>) => 'There are no projects yet.',
    hint: 'Add one with `terok project wizard`, or `terok project add PROJECT REPOSITORY`.',
  },
  NO_TASKS: {
    message: (p: { project: string }) => `Project \`${p.project}\` has no tasks.`,
    hint: (p) => `Start one with \`terok task run ${p.project}\`.`,
  },
  DAEMON_NOT_RUNNING: {
    message: (_: Record<never, never>) => 'The lifecycle daemon does not run.',
    hint: 'Start it with `terok daemon start`, or let systemd do so with `terok daemon install`.',
  },
  DAEMON_NOT_WOKEN: {
    message: (_: Record<never, never>) => 'The lifecycle daemon could not be told, and no mark could be left for it.',
    hint: 'Look at `terok daemon status` and `terok doctor`.',
  },
  DAEMON_DID_NOT_START: {
    message: (p: { said: string }) => `The lifecycle daemon was started and does not answer${p.said === '' ? '.' : `: ${p.said}`}`,
    hint: 'Run `terok daemon run` to see what it says.',
  },
  DAEMON_STAYS: {
    message: (p: { waitedSeconds: number }) => `The lifecycle daemon was told to end and still runs after ${p.waitedSeconds} s.`,
    hint: 'See what it does with `terok daemon logs`.',
  },
  STEP_UNKNOWN: {
    message: (p: { step: string; nearest: string | null; known: readonly string[] }) => `There is no sleep step \`${printable(p.step)}\`.`,
    hint: (p) => (p.nearest === null ? `There are ${p.known.join(', ')}.` : `Did you mean \`${p.nearest}\`?`),
    exitCode: exitStatus.usage,
  },
  GIVEN_UP: {
    message: (_: Record<never, never>) => 'Nothing was done.',
    exitCode: exitStatus.interrupted,
  },
  TASK_NOT_NAMED: {
    message: (p: { project: string }) => `Which task of project \`${p.project}\`?`,
    hint: (p) => `Write \`${p.project} TASK\` or \`${p.project}/TASK\`; \`terok task list ${p.project}\` lists them.`,
    exitCode: exitStatus.usage,
  },
  TASK_NAME_MISSING: {
    message: (_: Record<never, never>) => 'NAME is missing.',
    hint: 'Write `PROJECT TASK NAME` or `PROJECT/TASK NAME`.',
    exitCode: exitStatus.usage,
  },
  TASK_NAMED_TWICE: {
    message: (p: { first: string; second: string }) => `\`${p.first}\` names a task already, so \`${p.second}\` is one word too many.`,
    hint: 'Write either `PROJECT TASK` or `PROJECT/TASK`.',
    exitCode: exitStatus.usage,
  },
  PROMPT_MISSING: {
    message: (_: Record<never, never>) => 'What should the agent do?',
    hint: 'Say it with `--prompt TEXT`, or name a file with `--prompt-file FILE` (`-` is the standard input).',
    exitCode: exitStatus.usage,
  },
  PROMPT_GIVEN_TWICE: {
    message: (_: Record<never, never>) => '`--prompt` and `--prompt-file` exclude each other.',
    hint: 'Leave one of them out.',
    exitCode: exitStatus.usage,
  },
  PROMPT_NOT_TAKEN: {
    message: (_: Record<never, never>) => '`--interactive` waits for people, and takes no prompt.',
    hint: 'Leave the prompt out, or `--interactive`.',
    exitCode: exitStatus.usage,
  },
  PROMPT_FILE_TOO_LARGE: {
    message: (p: { source: string; maxBytes: number }) => `The prompt from ${p.source} is larger than ${p.maxBytes} bytes.`,
    hint: 'Put the material into the repository and let the prompt name it.',
    exitCode: exitStatus.usage,
  },
  PROMPT_FILE_MISSING: {
    message: (p: { path: string }) => `There is no prompt file \`${p.path}\`.`,
    hint: 'Check the path; `-` reads the prompt from the standard input.',
    exitCode: exitStatus.usage,
  },
  PROMPT_FILE_UNREADABLE: {
    message: (p: { path: string; reason: string }) => `The prompt file \`${p.path}\` cannot be read: ${p.reason}.`,
    hint: 'Check what it is and who may read it.',
    exitCode: exitStatus.usage,
  },
  PROMPT_NOT_UTF8: {
    message: (p: { source: string }) => `The prompt from ${p.source} is not UTF-8 text.`,
    hint: 'Save it as UTF-8; `file FILE` tells what it is now.',
    exitCode: exitStatus.usage,
  },
  SETUP_INTERRUPTED: {
    message: (_: Record<never, never>) => 'The setup was interrupted; what was being made is taken back.',
    hint: 'Run `terok setup` again; what was finished before is not done twice.',
    exitCode: exitStatus.interrupted,
  },
  BUILD_INTERRUPTED: {
    message: (_: Record<never, never>) => 'The build was interrupted; nothing of it was left behind, and the image that was there stays.',
    exitCode: exitStatus.interrupted,
  },
  BUILD_BASE_OF_PROJECT: {
    message: (_: Record<never, never>) => 'The base of an image is the project’s to say.',
    hint: 'Set `image.base` in its project.yml, or leave the project out and name an agent with `--agent`.',
    exitCode: exitStatus.usage,
  },
  INTERRUPTED: {
    message: (_: Record<never, never>) => 'Interrupted before the task was started; nothing was left behind.',
    exitCode: exitStatus.interrupted,
  },
  WAIT_FAILED: {
    message: (p: { project: string; task: string; reason: string }) => `The end of \`${p.project}/${p.task}\` was not seen: ${p.reason}.`,
    hint: (p) => `\`terok task status ${p.project} ${p.task}\` shows how it is now.`,
  },
  WAIT_FOR_NOTHING: {
    message: (p: { project: string; task: string }) => `\`${p.project}/${p.task}\` was never run, so there is no end to wait for.`,
    hint: (p) => `Run it with \`terok task run ${p.project} --task ${p.task} --prompt TEXT\`.`,
  },
  CONFIRMATION_NEEDED: {
    message: (p: { action: string }) => `${p.action} needs a yes, and there is no terminal to ask at.`,
    hint: 'Add `--yes`.',
    exitCode: exitStatus.usage,
  },
  CONFIRMATION_DECLINED: {
    message: (_: Record<never, never>) => 'Nothing was done.',
  },
  SETUP_NEEDED: {
    message: (_: Record<never, never>) => 'terok is not set up on this machine yet.',
    hint: 'Run `terok setup`.',
    exitCode: exitStatus.setupNeeded,
  },
  SETUP_STAMP_UNREADABLE: {
    message: (p: { reason: string }) => p.reason,
    hint: 'Run `terok setup`; it writes a new one.',
    exitCode: exitStatus.setupNeeded,
  },
  DOWNGRADE_REFUSED: {
    message: (p: { changes: string }) =>
      `This terok is older than the one that set this machine up (${p.changes}), and may not understand what the newer one wrote.`,
    hint: 'Install the newer version again, or add `--allow-downgrade` to go on at your own risk.',
    exitCode: exitStatus.downgradeRefused,
  },
  INSTALLATION_MIXED: {
    message: (p: { changes: string }) =>
      `This installation is mixed up: the command was built with other versions than are installed beside it (${p.changes}).`,
    hint: 'Install `terok` again, with its dependencies.',
  },
  HOST_UNFIT: {
    message: (p: { findings: readonly string[] }) => p.findings.join('\n'),
    hint: 'Mend this, then run `terok setup` again; `terok doctor` shows everything it looks at.',
    exitCode: exitStatus.manualStep,
  },
  UNINSTALL_BUSY: {
    message: (p: { containers: readonly string[] }) => `There are tasks that run: ${p.containers.join(', ')}.`,
    hint: 'Stop them with `terok task stop`, or all at once with `terok panic now`.',
  },
  UNINSTALL_BLIND: {
    message: (_: Record<never, never>) => 'podman does not say which containers there are, so none of them may be left alone.',
    hint: 'See what `terok doctor` says of podman.',
  },
  STATUS_UNKNOWN: {
    message: (p: { status: string; nearest: string | null; known: readonly string[] }) => `No task ever has the status \`${p.status}\`.`,
    hint: (p) => (p.nearest === null ? `There are: ${p.known.join(', ')}.` : `Did you mean \`${p.nearest}\`?`),
    exitCode: exitStatus.usage,
  },
  WORKING_DIRECTORY_GONE: {
    message: (_: Record<never, never>) => 'The directory that this was started in has been removed.',
    hint: 'Go to one that is there (`cd`), and try again.',
  },
  HOME_UNKNOWN: {
    message: (_: Record<never, never>) => 'Where your home directory is, is not known.',
    hint: 'Set `HOME`.',
    exitCode: exitStatus.usage,
  },
  CONFIG_TEXT_INVALID: {
    message: (p: { problems: readonly string[] }) =>
      `The configuration is not valid:\n\n${p.problems.map((line) => `  ${line}`).join('\n')}`,
  },
  TEXT_NOT_UTF8: {
    message: (p: { line: number }) => `Line ${p.line} of the text is not UTF-8.`,
    hint: 'Save it as UTF-8.',
  },
  EDITOR_FAILED: {
    message: (p: { editor: string; how: string }) => `The editor \`${p.editor}\` ${p.how}.`,
    hint: 'Name the one you want in `VISUAL` or `EDITOR`.',
  },
  LOGIN_NEEDS_TERMINAL: {
    message: (_: Record<never, never>) => 'A login wants a terminal on all three of its streams.',
    hint: 'Run it at a terminal, and not in a pipe; `terok task logs` and `terok task diff` need none.',
    exitCode: exitStatus.usage,
  },
  WIZARD_NEEDS_TERMINAL: {
    message: (_: Record<never, never>) => 'The wizard asks questions, and there is no terminal to ask at.',
    hint: 'Write `terok project add PROJECT REPOSITORY` with flags instead.',
    exitCode: exitStatus.usage,
  },
  OUTPUT_FAILED: {
    message: (p: { reason: string }) => `The output could not be written: ${p.reason}.`,
    hint: 'Check where it goes, and whether there is room.',
  },
  DIFF_UNAVAILABLE: {
    message: (p: { project: string; task: string; against: string }) =>
      `There is no difference to show for \`${p.project}/${p.task}\` against ${p.against}: its workspace or that commit is not there.`,
    hint: (p) => `\`terok task status ${p.project} ${p.task}\` shows what is.`,
  },
  ARCHIVE_MISSING: {
    message: (p: { project: string; archive: string }) => `Project \`${p.project}\` has no archive \`${p.archive}\`.`,
    hint: (p) => `\`terok task archive list ${p.project}\` lists its archives.`,
  },
  ARCHIVED_LOGS_MISSING: {
    message: (p: { project: string; archive: string }) => `Project \`${p.project}\` has no archived logs under \`${p.archive}\`.`,
    hint: (p) => `\`terok task archive list ${p.project}\` lists its archives.`,
  },
  NOT_REMOVED: {
    message: (p: { what: string; reason: string }) => `${p.what} could not be removed: ${p.reason}.`,
  },
});
