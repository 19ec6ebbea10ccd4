/** `terok panic …` */
import { command, type CommandTree } from '../row.ts';
import { jsonFlag } from '../parameters.ts';

export const panicCommands = {
  brief: 'Stop everything at once',
  routes: {
    now: command({
      load: async () => (await import('../panic.ts')).runPanicNow,
      json: async () => (await import('../../json/panic-json.ts')).PanicNowJson,
      brief: 'Stop every container of terok, and let none start until the panic is over',
      description: 'Asks nothing and removes nothing. Ends with 1 when some container may still run.',
      flags: { json: jsonFlag },
    }),
    clear: command({
      load: async () => (await import('../panic.ts')).runPanicClear,
      json: async () => (await import('../../json/panic-json.ts')).PanicClearJson,
      brief: 'End the panic: tasks may be started again',
      flags: { json: jsonFlag },
    }),
  },
} as const satisfies CommandTree;
