/** Flags and arguments that several commands take. A parser that throws a TerokError has its message shown as it is. */
import { shells, type Shell } from '../completion/shell.ts';
import { parseDuration } from '../output/duration.ts';
import {
  proposeAddresses,
  proposeAgents,
  proposeArchives,
  proposeDirectories,
  proposeFiles,
  proposeProjects,
  proposeTasks,
} from './proposals.ts';

const asTyped = (text: string): string => text;

/** What is empty was meant to be something: a variable that is not set, most often. */
const notEmpty = (text: string): string => {
  if (text === '') throw new SyntaxError('it is empty');
  return text;
};

export const textFlag = { kind: 'parsed', parse: notEmpty } as const;
export const fileFlag = { ...textFlag, placeholder: 'FILE', proposeCompletions: proposeFiles } as const;
export const directoryFlag = { ...textFlag, placeholder: 'DIRECTORY', proposeCompletions: proposeDirectories } as const;
export const agentFlag = { ...textFlag, optional: true, placeholder: 'AGENT', proposeCompletions: proposeAgents } as const;
export const taskFlag = { ...textFlag, optional: true, placeholder: 'TASK', proposeCompletions: proposeTasks } as const;

export const jsonFlag = { kind: 'boolean', optional: true, withNegated: false, brief: 'Print one JSON document' } as const;
export const rawFlag = {
  kind: 'boolean',
  optional: true,
  withNegated: false,
  brief: 'Show what the agent prints as it comes, not in words',
} as const;
export const yesFlag = { kind: 'boolean', optional: true, withNegated: false, brief: 'Do not ask' } as const;

export const durationFlag = {
  kind: 'parsed',
  optional: true,
  placeholder: 'DURATION',
  parse: (text: string): number => {
    const seconds = parseDuration(text);
    if (seconds === null) throw new SyntaxError('a time such as 90s, 30m or 1h30m is expected');
    return seconds;
  },
} as const;

export const tailFlag = {
  kind: 'parsed',
  optional: true,
  placeholder: 'LINES',
  brief: 'Only this many lines, the last ones',
  parse: (text: string): number => {
    if (!/^\d{1,9}$/.test(text)) throw new SyntaxError('a number of lines, 0 or more, is expected');
    return Number(text);
  },
} as const;

export const runNumberFlag = {
  kind: 'parsed',
  optional: true,
  placeholder: 'NUMBER',
  brief: 'That of an earlier run, counted from 1 (the last when left out); `terok task status` lists them',
  parse: (text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new SyntaxError('the number of a run, 1 or more, is expected');
    return Number(text);
  },
} as const;

export const againstFlag = {
  kind: 'enum',
  values: ['base', 'HEAD', 'PREV'],
  default: 'base',
  brief: 'What to compare with: the commit the task began at, its last commit, or the one before',
} as const;

export const projectArgument = { parse: asTyped, placeholder: 'PROJECT', brief: 'Project', proposeCompletions: proposeProjects } as const;
/** Of a project that is not there yet. */
export const newProjectArgument = {
  parse: asTyped,
  placeholder: 'PROJECT',
  brief: 'Its name: small letters, digits, `-` and `_`',
} as const;
/** Left out, it is chosen from a list at a terminal. */
export const chosenProjectArgument = {
  ...projectArgument,
  optional: true,
  brief: 'Project (left out, it is chosen from a list at a terminal)',
} as const;
export const archiveIdArgument = {
  parse: notEmpty,
  placeholder: 'ARCHIVE',
  brief: 'Archive, as `task archive list` names it, or the start of that',
  proposeCompletions: proposeArchives,
} as const;

/** `PROJECT TASK` or `PROJECT/TASK`; the task by its ID or the first characters of it. What is left out is chosen from a list at a terminal. */
export const taskArguments = {
  kind: 'tuple',
  parameters: [
    {
      parse: asTyped,
      optional: true,
      placeholder: 'PROJECT',
      brief: 'Project, or project and task: PROJECT/TASK (what is left out is chosen from lists at a terminal)',
      proposeCompletions: proposeAddresses,
    },
    {
      parse: asTyped,
      optional: true,
      placeholder: 'TASK',
      brief: 'Task, or the first characters of its ID',
      proposeCompletions: proposeTasks,
    },
  ],
} as const;

export const shellArgument = {
  parse: (text: string): Shell => {
    const shell = shells.find((name) => name === text);
    if (shell === undefined) throw new SyntaxError(`one of ${shells.join(', ')} is expected`);
    return shell;
  },
  placeholder: 'SHELL',
  brief: 'bash, zsh or fish',
  proposeCompletions: () => shells,
} as const;
