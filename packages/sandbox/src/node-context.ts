/** The host as this process finds it: built once, by a front end, and handed down from there. */
import process from 'node:process';
import type { Config } from './config-sections.ts';
import { loadConfig } from './config.ts';
import type { Clock, Environment, Files, Random } from './host.ts';
import { systemClock } from './node-clock.ts';
import { nodeFiles } from './node-files.ts';
import { hostLocations, workingDirectory } from './node-locations.ts';
import { cryptoRandom } from './node-random.ts';
import { resolvePaths, type Paths } from './paths.ts';
import type { ConfigProblem } from './yaml-source.ts';

/** All that the rest of the house needs of the world below it. */
export type SandboxContext = {
  readonly paths: Paths;
  readonly config: Config;
  /** What is wrong with the configuration files; to be told once. */
  readonly configProblems: readonly ConfigProblem[];
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
};

/** What is there before any configuration is read: for those who mend it. */
export type BareHost = Omit<SandboxContext, 'config' | 'configProblems'>;

/** Each is taken from this process when left out. */
export type HostOptions = { readonly env?: Environment; readonly clock?: Clock; readonly cwd?: string };

/** Reads where things are and what is configured. Nothing is made or changed. */
export async function hostContext({
  env = process.env,
  clock = systemClock,
  cwd = workingDirectory(),
}: HostOptions = {}): Promise<SandboxContext> {
  const host = { ...hostLocations(env), ...(cwd === undefined ? {} : { cwd }) };
  const { config, problems } = await loadConfig(nodeFiles, resolvePaths(host));
  return Object.freeze({
    files: nodeFiles,
    clock,
    random: cryptoRandom,
    paths: resolvePaths({ ...host, config }),
    config,
    configProblems: problems,
  });
}

/** As `hostContext`, whatever the configuration says: where that moves the state root, these paths are not moved. */
export function bareHost({ env = process.env, clock = systemClock, cwd = workingDirectory() }: HostOptions = {}): BareHost {
  const host = { ...hostLocations(env), ...(cwd === undefined ? {} : { cwd }) };
  return Object.freeze({ paths: resolvePaths(host), files: nodeFiles, clock, random: cryptoRandom });
}
