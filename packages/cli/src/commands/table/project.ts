/** `terok project …` */
import { command, type CommandTree } from '../row.ts';
import {
  agentFlag,
  chosenProjectArgument,
  directoryFlag,
  jsonFlag,
  newProjectArgument,
  projectArgument,
  textFlag,
  yesFlag,
} from '../parameters.ts';

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
        base: { ...textFlag, optional: true, placeholder: 'IMAGE', brief: 'Base image of its tasks (from config.yml when left out)' },
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
    edit: command({
      load: async () => (await import('../project-edit.ts')).runProjectEdit,
      brief: 'Change the project.yml of a project in your editor',
      description: 'Opens a copy with `VISUAL` or `EDITOR`. It is written once it is valid; until then you can edit it again.',
      flags: {},
      positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
    }),
    derive: command({
      load: async () => (await import('../project-derive.ts')).runProjectDerive,
      json: async () => (await import('../../json/project-json.ts')).ProjectJson,
      brief: 'Make a project that begins as a copy of another',
      description: 'It has tasks, a mirror and an archive of its own; what the flags say is changed in the copy.',
      flags: {
        repository: {
          ...directoryFlag,
          optional: true,
          placeholder: 'REPOSITORY',
          brief: 'Directory or URL of its git repository (that of the copied one when left out)',
        },
        branch: { ...textFlag, optional: true, placeholder: 'BRANCH', brief: 'Where its tasks begin (as in the copied one when left out)' },
        agent: { ...agentFlag, brief: 'Who does its work (as in the copied one when left out)' },
        network: {
          kind: 'enum',
          values: ['none', 'open'],
          optional: true,
          brief: 'Network of its tasks (as in the copied one when left out)',
        },
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [projectArgument, { ...newProjectArgument, placeholder: 'NEW' }] },
    }),
    wizard: command({
      load: async () => (await import('../project-wizard.ts')).runProjectWizard,
      brief: 'Ask what a project needs to know, and add it',
      flags: {},
      positional: {
        kind: 'tuple',
        parameters: [{ ...newProjectArgument, optional: true, brief: `${newProjectArgument.brief} (it is asked for when left out)` }],
      },
    }),
    remove: command({
      load: async () => (await import('../project-remove.ts')).runProjectRemove,
      json: async () => (await import('../../json/project-json.ts')).ProjectRemoveJson,
      brief: 'Remove a project; its repository is not touched',
      description: 'Refuses while it has tasks, unless told to delete them too. What is in its archive stays there.',
      flags: {
        withTasks: {
          kind: 'boolean',
          optional: true,
          withNegated: false,
          brief: 'Delete its tasks first; their work goes into the archive, and none of them may run',
        },
        yes: yesFlag,
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [chosenProjectArgument] },
    }),
  },
} as const satisfies CommandTree;
