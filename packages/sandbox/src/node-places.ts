/**
 * Where everything is, for those who ask at every key: the configuration is understood only when it may have moved the state, for
 * understanding it takes three times as long as starting Node. What is here is synchronous, as that of the setup stamp and for the same reason.
 */
import { join } from 'node:path';
import process from 'node:process';
import { configMaxBytes, layerFiles, type ConfigFilePaths } from './config-files.ts';
import { durablePaths, type DurablePaths } from './durable-paths.ts';
import { fileFailure, meansAbsent } from './file-failure.ts';
import type { DirectoryEntry, Files } from './host.ts';
import type { HostOptions } from './node-context.ts';
import { fs } from './node-fs.ts';
import { hostLocations, workingDirectory } from './node-locations.ts';
import { readMany } from './node-read-many.ts';
import { kindOf, nodeSyncFiles } from './node-sync-files.ts';

/** The part of a `SandboxContext` that is enough to look names up. */
export type Places = { readonly paths: DurablePaths; readonly files: Pick<Files, 'list' | 'readMany'> };

/** The same paths as `hostContext` finds. Nothing is made or changed. */
export async function hostPlaces({ env = process.env, cwd = workingDirectory() }: Omit<HostOptions, 'clock'> = {}): Promise<Places> {
  const from = cwd === undefined ? {} : { cwd };
  const paths = durablePaths({ ...hostLocations(env), ...from });
  if (!env['TEROK_ROOT'] && mayMoveState(paths)) return (await import('./node-context.ts')).hostContext({ env, ...from });
  return { paths, files };
}

const files: Places['files'] = {
  list: async (directory, { startsWith = '' } = {}) => {
    try {
      return startsWith === '' ? allEntries(directory) : entriesNamed(startsWith, directory);
    } catch (error) {
      if (meansAbsent(error)) return [];
      throw fileFailure(error, 'list', directory);
    }
  },
  readMany,
};

const allEntries = (directory: string): readonly DirectoryEntry[] =>
  fs.readdirSync(directory, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) }));

/** Most of the time of a listing goes into what each entry is: only a few are asked. */
const entriesNamed = (startsWith: string, directory: string): readonly DirectoryEntry[] =>
  fs.readdirSync(directory).flatMap((name) => {
    const facts = name.startsWith(startsWith) ? fs.lstatSync(join(directory, name), { throwIfNoEntry: false }) : undefined;
    return facts === undefined ? [] : [{ name, kind: kindOf(facts) }];
  });

function mayMoveState(paths: ConfigFilePaths): boolean {
  return layerFiles(paths).some((file) => {
    // A configuration file may be a link, as everywhere.
    const bytes = fs.existsSync(file) ? nodeSyncFiles.read(fs.realpathSync(file), { maxBytes: configMaxBytes }) : null;
    return bytes !== null && namesRoot.test(Buffer.from(bytes).toString());
  });
}

/** There is no `paths.root` without this word, unless letters of it are written as escapes. */
const namesRoot = /(?<![\w-])root(?![\w-])|\\/;
