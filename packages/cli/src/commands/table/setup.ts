/** `terok setup` and what belongs to it. */
import { command, type CommandTree } from '../row.ts';
import { jsonFlag, textFlag, yesFlag } from '../parameters.ts';

export const setupCommands = {
  setup: command({
    load: async () => (await import('../setup.ts')).runSetup,
    brief: 'Make this machine ready: engine, directories, image',
    description:
      'Learns how containers start on this host, makes the directories and the image of the shell agent, and records that it was done. It can be run again at any time: what is fine stays.',
    flags: {
      images: { kind: 'boolean', default: true, brief: 'Make the image of the shell agent' },
      base: {
        ...textFlag,
        optional: true,
        placeholder: 'IMAGE',
        brief: 'Image to start from: a reference, `bootstrap` or `auto` (from config.yml when left out)',
      },
    },
  }),
  uninstall: command({
    load: async () => (await import('../uninstall.ts')).runUninstall,
    json: async () => (await import('../../json/uninstall-json.ts')).UninstallJson,
    brief: 'Take back what setup made; projects, tasks and archives stay',
    description:
      'Removes the images, what was learned about the engine, the completions and the mark that this machine is set up. Refuses while a task runs.',
    flags: {
      purge: { kind: 'boolean', optional: true, withNegated: false, brief: 'Destroy projects, tasks and archives too' },
      yes: yesFlag,
      json: jsonFlag,
    },
  }),
  doctor: command({
    load: async () => (await import('../doctor.ts')).runDoctor,
    json: async () => (await import('../../json/doctor-json.ts')).DoctorJson,
    brief: 'Look at this machine and say what to mend',
    description:
      'Ends with 0 when all is well, 1 when there are warnings, 2 when something keeps terok from working. Changes nothing unless asked to; what only the host can mend is left to you.',
    flags: {
      fix: { kind: 'boolean', optional: true, withNegated: false, brief: 'Mend what terok can mend, then look again' },
      json: jsonFlag,
    },
  }),
} as const satisfies CommandTree['routes'];
