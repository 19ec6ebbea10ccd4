/** `terok version` */
import { command, type CommandTree } from '../row.ts';
import { jsonFlag } from '../parameters.ts';

export const versionCommands = {
  version: command({
    load: async () => (await import('../version.ts')).runVersion,
    json: async () => (await import('../../json/version-json.ts')).VersionJson,
    brief: 'Show the version of every package',
    flags: { json: jsonFlag },
  }),
} as const satisfies CommandTree['routes'];
