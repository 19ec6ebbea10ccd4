/**
 * Where everything is, for those who ask at every key: the configuration is understood only when it may have moved the state, for
 * understanding it takes three times as long as starting Node.
 */
import process from 'node:process';
import { configMaxBytes, layerFiles, type ConfigFilePaths } from './config-files.ts';
import { readText } from './durable-file.ts';
import type { Files } from './host.ts';
import type { HostOptions, SandboxContext } from './node-context.ts';
import { nodeFiles } from './node-files.ts';
import { hostLocations } from './node-locations.ts';
import { resolvePaths } from './paths.ts';

/** The part of a `SandboxContext` that needs no configuration. */
export type Places = Pick<SandboxContext, 'paths' | 'files'>;

/** The same paths as `hostContext` finds. Nothing is made or changed. */
export async function hostPlaces({ env = process.env, cwd = process.cwd() }: Omit<HostOptions, 'clock'> = {}): Promise<Places> {
  const paths = resolvePaths({ ...hostLocations(env), cwd });
  if (!env['TEROK_ROOT'] && (await mayMoveState(nodeFiles, paths))) return (await import('./node-context.ts')).hostContext({ env, cwd });
  return { paths, files: nodeFiles };
}

async function mayMoveState(files: Files, paths: ConfigFilePaths): Promise<boolean> {
  for (const file of layerFiles(paths)) {
    const text = await readText(files, file, { maxBytes: configMaxBytes, followLink: true });
    if (text !== null && namesRoot.test(text)) return true;
  }
  return false;
}

/** There is no `paths.root` without this word, unless letters of it are written as escapes. */
const namesRoot = /root|\\/;
