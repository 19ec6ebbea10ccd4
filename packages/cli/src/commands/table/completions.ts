/** `terok completions` */
import { command, type CommandTree } from '../row.ts';
import { shellArgument } from '../parameters.ts';

export const completionsCommands = {
  completions: command({
    load: async () => (await import('../completions.ts')).runCompletions,
    brief: 'Print the completions for a shell, or install them',
    description:
      'They know commands, flags, projects, tasks with their names, archives and agents. For one shell only: `source <(terok completions bash)`.',
    flags: { install: { kind: 'boolean', optional: true, withNegated: false, brief: 'Write them where the shell looks for them' } },
    positional: { kind: 'tuple', parameters: [shellArgument] },
  }),
} as const satisfies CommandTree['routes'];
