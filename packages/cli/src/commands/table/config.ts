/** `terok config …` */
import { command, type CommandTree } from '../row.ts';
import { jsonFlag } from '../parameters.ts';

export const configCommands = {
  brief: 'Configuration and where things are',
  routes: {
    show: command({
      load: async () => (await import('../config-show.ts')).runConfigShow,
      json: async () => (await import('../../json/config-show-json.ts')).ConfigShowJson,
      brief: 'Show what is in force, and the place that each value comes from',
      flags: { json: jsonFlag },
    }),
    edit: command({
      load: async () => (await import('../config-edit.ts')).runConfigEdit,
      brief: 'Change your config.yml in your editor',
      description: 'Opens a copy with `VISUAL` or `EDITOR`. It is written once it is valid; until then you can edit it again.',
      flags: {},
    }),
    schema: command({
      load: async () => (await import('../config-schema.ts')).runConfigSchema,
      brief: 'Print the JSON Schema that an editor checks config.yml or project.yml with',
      flags: {
        of: { kind: 'enum', values: ['config', 'project'], default: 'config', brief: 'Of which file' },
      },
    }),
    paths: command({
      load: async () => (await import('../config-paths.ts')).runConfigPaths,
      json: async () => (await import('../../json/config-paths-json.ts')).ConfigPathsJson,
      brief: 'Show where everything is',
      flags: { json: jsonFlag },
    }),
  },
} as const satisfies CommandTree;
