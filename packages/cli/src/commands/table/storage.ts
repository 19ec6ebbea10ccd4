/** `terok storage` */
import { command, type CommandTree } from '../row.ts';
import { jsonFlag } from '../parameters.ts';

export const storageCommands = {
  storage: command({
    load: async () => (await import('../storage.ts')).runStorage,
    json: async () => (await import('../../json/storage-json.ts')).StorageJson,
    brief: 'Show what projects, tasks, archives and images take on the disk',
    flags: { json: jsonFlag },
  }),
} as const satisfies CommandTree['routes'];
