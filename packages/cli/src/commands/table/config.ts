/** `terok config …` */
import { command, type CommandTree } from '../row.ts';
import { jsonFlag } from '../parameters.ts';

export const configCommands = {
  brief: 'Configuration and where things are',
  routes: {
    paths: command({
      load: async () => (await import('../config-paths.ts')).runConfigPaths,
      json: async () => (await import('../../json/config-paths-json.ts')).ConfigPathsJson,
      brief: 'Show where everything is',
      flags: { json: jsonFlag },
    }),
  },
} as const satisfies CommandTree;
