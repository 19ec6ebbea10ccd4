/** The files that configuration is read from. */
import type { DurablePaths } from './durable-paths.ts';

/** What names them. */
export type ConfigFilePaths = Pick<DurablePaths, 'systemConfigFile' | 'userConfigFile' | 'overrideConfigFile'>;

/** A longer file is refused. */
export const configMaxBytes = 1024 * 1024;

/** Lowest first. For root the system's file is also its own. */
export function layerFiles({ overrideConfigFile, systemConfigFile, userConfigFile }: ConfigFilePaths): readonly string[] {
  return overrideConfigFile === null ? [...new Set([systemConfigFile, userConfigFile])] : [overrideConfigFile];
}
