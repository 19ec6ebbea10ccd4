import { defineErrors, exitStatus } from '@terok/sandbox';

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
    exitCode: exitStatus.usage,
  },
  TASK_ID_INVALID: {
    message: (p: { text: string }) => `Invalid task ID prefix ${quoted(p.text)}: expected 1-5 Crockford chars, such as \`k3v8h\`.`,
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

/** Text that a person typed, in quotes and with everything unprintable spelled out. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
