/**
 * Every command, as data: its words, what it takes, what loads it. Parser, help and reference all derive from this one table; loading it
 * loads none of the commands.
 */
import type { CommandTree } from './row.ts';
import { agentsCommands } from './table/agents.ts';
import { completionsCommands } from './table/completions.ts';
import { configCommands } from './table/config.ts';
import { daemonCommands, digestCommands } from './table/daemon.ts';
import { panicCommands } from './table/panic.ts';
import { imageCommands } from './table/image.ts';
import { projectCommands } from './table/project.ts';
import { setupCommands } from './table/setup.ts';
import { storageCommands } from './table/storage.ts';
import { taskCommands, taskShortForms } from './table/task.ts';
import { versionCommands } from './table/version.ts';

/** In the order that the help shows. */
export const commandTable = {
  brief: 'Run AI coding agents unattended in hardened containers.',
  routes: {
    ...setupCommands,
    project: projectCommands,
    task: taskCommands,
    image: imageCommands,
    agents: agentsCommands,
    daemon: daemonCommands,
    ...digestCommands,
    panic: panicCommands,
    ...storageCommands,
    config: configCommands,
    ...completionsCommands,
    ...versionCommands,
  },
  shortForms: taskShortForms,
} as const satisfies CommandTree;
