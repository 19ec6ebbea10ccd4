/** `terok project …` */
import { command, type CommandTree } from '../row.ts';
import { chosenProjectArgument, jsonFlag, directoryFlag, newProjectArgument, textFlag, yesFlag } from '../parameters.ts';

export const projectCommands = {
  brief: 'Repositories and the policies their tasks run under',
  routes: {
    add: command({
      load: async () => (await import('../project-add.ts')).runProjectAdd,
      json: async () => (await import('../../json/project-json.ts')).ProjectJson,
      brief: 'Add a repository as a project',
      flags: {
        branch: {
          ...textFlag,
          optional: true,
          placeholder: 'BRANCH',
          brief: "Where tasks begin (the repository's own branch when left out)",
        },
        base: { ...textFlag, optional: true, placeholder: 'IMAGE', brief: 'Base image of its tasks' },
        network: {
          kind: 'enum',
          values: ['none', 'open'],
          optional: true,
          brief: 'Network of its tasks (from config.yml when left out)',
        },
        json: jsonFlag,
      },
      positional: {
        kind: 'tuple',
        parameters: [newProjectArgument, { ...directoryFlag, placeholder: 'REPOSITORY', brief: 'Directory or URL of the git repository' }],
      },
    }),
    list: command({
      load: async () => (await import('../project-list.ts')).runProjectList,
      json: async () => (await import('../../json/project-json.ts')).ProjectListJson,
      brief: 'List the projects',
      flags: { json: jsonFlag },
    }),
    show: command({
      load: async () => (await import('../project-show.ts')).runProjectShow,
      json: async () => (await import('../../json/project-json.ts')).ProjectJson,
      brief: 'Show what a project says, with what it leaves out filled in',
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
    }),
    remove: command({
      load: async () => (await import('../project-remove.ts')).runProjectRemove,
      json: async () => (await import('../../json/project-json.ts')).ProjectRemoveJson,
      brief: 'Remove a project that has no tasks',
      description: 'Its repository is not touched; archives of its tasks stay.',
      flags: { yes: yesFlag, json: jsonFlag },
      positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
    }),
  },
} as const satisfies CommandTree;
