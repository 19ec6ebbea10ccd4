/** `terok task …` */
import { command, type CommandTree } from '../row.ts';
import {
  againstFlag,
  agentFlag,
  archiveIdArgument,
  chosenProjectArgument,
  directoryFlag,
  fileFlag,
  taskFlag,
  durationFlag,
  jsonFlag,
  projectArgument,
  rawFlag,
  runNumberFlag,
  taskArguments,
  textFlag,
  tailFlag,
  yesFlag,
} from '../parameters.ts';

const oneTask = ['PROJECT TASK', 'PROJECT/TASK'] as const;

const promptFlags = {
  prompt: { ...textFlag, parse: (text: string): string => text, optional: true, placeholder: 'TEXT', brief: 'What to do' },
  promptFile: { ...fileFlag, optional: true, brief: 'File that says what to do; `-` is the standard input' },
} as const;
const followFlags = {
  timeLimit: { ...durationFlag, brief: 'Stop the agent after this long, such as `30m` (the project says when left out)' },
  detach: { kind: 'boolean', optional: true, withNegated: false, brief: 'Return as soon as it runs, and print its ID' },
  allowDowngrade: {
    kind: 'boolean',
    optional: true,
    withNegated: false,
    brief: 'Go on although a newer terok set this machine up',
  },
  raw: rawFlag,
  json: jsonFlag,
} as const;

export const taskCommands = {
  brief: 'Units of work, each in a container of its own',
  routes: {
    run: command({
      load: async () => (await import('../task-run.ts')).runTaskRun,
      json: async () => (await import('../../json/task-json.ts')).TaskRunJson,
      brief: 'Run an agent on a prompt and follow it to its end',
      description: [
        "Ends with the agent's exit code; 124 when its time was up. Ctrl-C stops the task and ends with 130.",
        'When the terminal, the pipe or the session goes (SIGHUP, SIGTERM), the task goes on without anybody watching.',
        'With `--json` the log goes to the standard error and one document to the standard output.',
      ].join('\n'),
      flags: {
        ...promptFlags,
        agent: { ...agentFlag, brief: "Who does it (the project's agent when left out)" },
        name: { ...textFlag, optional: true, placeholder: 'NAME', brief: 'Name of the new task (one is made up when left out)' },
        task: {
          ...taskFlag,
          brief: 'Run this one, made by `task new`, or go on with it when it has ended',
        },
        branch: { ...textFlag, optional: true, placeholder: 'BRANCH', brief: "Begin there instead of at the project's branch" },
        interactive: {
          kind: 'boolean',
          optional: true,
          withNegated: false,
          brief: 'Run no agent: open a shell in the container, which goes on when you leave it',
        },
        ...followFlags,
      },
      positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
    }),
    'follow-up': command({
      load: async () => (await import('../task-run.ts')).runTaskFollowUp,
      json: async () => (await import('../../json/task-json.ts')).TaskRunJson,
      brief: 'Go on with a task that has ended: the same agent, in the same session and workspace',
      description: 'Where the agent has no session to go on with, it begins a new one in the same workspace. Ends as `task run` does.',
      flags: { ...promptFlags, ...followFlags },
      positional: taskArguments,
      usage: oneTask,
    }),
    new: command({
      load: async () => (await import('../task-new.ts')).runTaskNew,
      json: async () => (await import('../../json/task-json.ts')).TaskNewJson,
      brief: 'Make a task without running it, and print its ID',
      flags: {
        name: { ...textFlag, optional: true, placeholder: 'NAME', brief: 'Its name (one is made up when left out)' },
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
    }),
    list: command({
      load: async () => (await import('../task-list.ts')).runTaskList,
      json: async () => (await import('../../json/task-json.ts')).TaskListJson,
      brief: 'List the tasks of a project',
      flags: {
        status: {
          ...textFlag,
          optional: true,
          placeholder: 'STATUS',
          brief: 'Only tasks with this status, such as `running` or `failed`',
          proposeCompletions: async () => (await import('@terok/orchestration')).taskStatuses.map((status) => status.replaceAll(' ', '_')),
        },
        mode: {
          kind: 'enum',
          values: ['cli', 'run', 'web', 'toad'],
          optional: true,
          brief: 'Only tasks of this mode: `run` follows a prompt, `cli` waits for people',
        },
        agent: { ...agentFlag, brief: 'Only tasks of this agent' },
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
    }),
    status: command({
      load: async () => (await import('../task-status.ts')).runTaskStatus,
      json: async () => (await import('../../json/task-json.ts')).TaskStatusJson,
      brief: 'Show everything about a task',
      flags: { json: jsonFlag },
      positional: taskArguments,
      usage: oneTask,
    }),
    logs: command({
      load: async () => (await import('../task-logs.ts')).runTaskLogs,
      brief: 'Print what a task printed',
      description: 'To a terminal in words and without anything that could command it; to a pipe or a file byte for byte.',
      flags: {
        follow: { kind: 'boolean', optional: true, withNegated: false, brief: 'Go on until the task ends' },
        tail: tailFlag,
        run: runNumberFlag,
        raw: rawFlag,
      },
      aliases: { f: 'follow' },
      positional: taskArguments,
      usage: oneTask,
    }),
    diff: command({
      load: async () => (await import('../task-diff.ts')).runTaskDiff,
      json: async () => (await import('../../json/task-json.ts')).TaskDiffJson,
      brief: 'Show what a task changed',
      flags: { against: againstFlag, json: jsonFlag },
      positional: taskArguments,
      usage: oneTask,
    }),
    fetch: command({
      load: async () => (await import('../task-fetch.ts')).runTaskFetch,
      json: async () => (await import('../../json/task-json.ts')).TaskFetchJson,
      brief: 'Bring the work of a task into a branch of your repository',
      description: 'Checks out nothing and runs no hook. Work that was not committed becomes a commit of its own, unless told otherwise.',
      flags: {
        branch: { ...textFlag, optional: true, placeholder: 'BRANCH', brief: 'Branch to fetch into (`terok/TASK` when left out)' },
        into: {
          ...directoryFlag,
          optional: true,
          brief: "Repository to fetch into (the project's when left out)",
        },
        committedOnly: { kind: 'boolean', optional: true, withNegated: false, brief: 'Leave out what was not committed' },
        json: jsonFlag,
      },
      positional: taskArguments,
      usage: oneTask,
    }),
    login: command({
      load: async () => (await import('../task-login.ts')).runTaskLogin,
      brief: 'Open a shell in the container of a running task',
      description:
        'The shell is a tmux session that stays when you leave it: detach with Ctrl-B and D, and come back with the same command. Ends with 0 when you have left it, and with another code when it was taken away.',
      flags: {},
      positional: taskArguments,
      usage: oneTask,
    }),
    stop: command({
      load: async () => (await import('../task-stop.ts')).runTaskStop,
      json: async () => (await import('../../json/task-json.ts')).TaskStopJson,
      brief: 'Stop a running task; its workspace is kept',
      flags: {
        timeout: { ...durationFlag, brief: 'How long it may take to end by itself, such as `10s` (the project says when left out)' },
        json: jsonFlag,
      },
      positional: taskArguments,
      usage: oneTask,
    }),
    restart: command({
      load: async () => (await import('../task-restart.ts')).runTaskRestart,
      json: async () => (await import('../../json/task-json.ts')).TaskRestartJson,
      brief: 'Bring the container of a task back, over the workspace it has',
      description: 'The container that is there is started again where it can be; else a new one is made. Nothing is fetched.',
      flags: {
        recreate: { kind: 'boolean', optional: true, withNegated: false, brief: 'Make a new container, from the image as it is now' },
        ensure: { kind: 'boolean', optional: true, withNegated: false, brief: 'Leave it alone if it runs' },
        allowDowngrade: followFlags.allowDowngrade,
        json: jsonFlag,
      },
      positional: taskArguments,
      usage: oneTask,
    }),
    rename: command({
      load: async () => (await import('../task-rename.ts')).runTaskRename,
      json: async () => (await import('../../json/task-json.ts')).TaskRenameJson,
      brief: 'Give a task another name',
      description: 'Its ID stays, and its container keeps its name.',
      flags: { json: jsonFlag },
      positional: {
        kind: 'tuple',
        parameters: [...taskArguments.parameters, { ...textFlag, optional: true, placeholder: 'NAME', brief: 'The new name' }],
      },
      usage: ['PROJECT TASK NAME', 'PROJECT/TASK NAME'],
    }),
    delete: command({
      load: async () => (await import('../task-delete.ts')).runTaskDelete,
      json: async () => (await import('../../json/task-json.ts')).TaskDeleteJson,
      brief: 'Delete a task; its work goes into the archive first',
      flags: {
        force: { kind: 'boolean', optional: true, withNegated: false, brief: 'Delete it even if its work cannot be archived' },
        yes: yesFlag,
        json: jsonFlag,
      },
      positional: taskArguments,
      usage: oneTask,
    }),
    wait: command({
      load: async () => (await import('../task-wait.ts')).runTaskWait,
      json: async () => (await import('../../json/task-json.ts')).TaskWaitJson,
      brief: 'Wait for a task to end, and end with its exit code',
      flags: { timeout: { ...durationFlag, brief: 'Give up after this long, such as `2h` (never when left out)' }, json: jsonFlag },
      positional: taskArguments,
      usage: oneTask,
    }),
    archive: {
      brief: 'What deleted tasks left behind',
      routes: {
        list: command({
          load: async () => (await import('../task-archive-list.ts')).runTaskArchiveList,
          json: async () => (await import('../../json/task-json.ts')).TaskArchiveListJson,
          brief: 'List the archives of a project, newest first',
          flags: { json: jsonFlag },
          positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
        }),
        show: command({
          load: async () => (await import('../task-archive-show.ts')).runTaskArchiveShow,
          json: async () => (await import('../../json/task-json.ts')).TaskArchiveShowJson,
          brief: 'Show what an archive holds',
          flags: { json: jsonFlag },
          positional: { kind: 'tuple', parameters: [projectArgument, archiveIdArgument] },
        }),
        restore: command({
          load: async () => (await import('../task-archive-restore.ts')).runTaskArchiveRestore,
          json: async () => (await import('../../json/task-json.ts')).TaskArchiveRestoreJson,
          brief: 'Make the work of an archived task a task again, or a branch',
          description: 'The archive stays. What git ignored was listed in it, and is not there to be restored.',
          flags: {
            name: { ...textFlag, optional: true, placeholder: 'NAME', brief: 'Name of the new task (the old one when left out)' },
            branch: { ...textFlag, optional: true, placeholder: 'BRANCH', brief: 'Fetch it into this branch instead of making a task' },
            into: { ...directoryFlag, optional: true, brief: "Repository of that branch (the project's when left out)" },
            allowDowngrade: followFlags.allowDowngrade,
            json: jsonFlag,
          },
          positional: { kind: 'tuple', parameters: [projectArgument, archiveIdArgument] },
        }),
        logs: command({
          load: async () => (await import('../task-archive-logs.ts')).runTaskArchiveLogs,
          brief: 'Print what an archived task printed',
          description: 'Each line with its time, as it was kept.',
          flags: { run: { ...runNumberFlag, brief: 'That of an earlier run, counted from 1 (the last when left out)' } },
          positional: { kind: 'tuple', parameters: [projectArgument, archiveIdArgument] },
        }),
      },
    },
  },
} as const satisfies CommandTree;

const routes = taskCommands.routes;

/** What people type many times a day, without the noun. */
export const taskShortForms = {
  run: { row: routes.run, for: 'task run' },
  new: { row: routes.new, for: 'task new' },
  ls: { row: routes.list, for: 'task list' },
  status: { row: routes.status, for: 'task status' },
  logs: { row: routes.logs, for: 'task logs' },
  diff: { row: routes.diff, for: 'task diff' },
  fetch: { row: routes.fetch, for: 'task fetch' },
  login: { row: routes.login, for: 'task login' },
  stop: { row: routes.stop, for: 'task stop' },
  wait: { row: routes.wait, for: 'task wait' },
  rm: { row: routes.delete, for: 'task delete' },
} as const satisfies CommandTree['shortForms'];
