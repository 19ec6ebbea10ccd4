/** Every value of the configuration as it is in force, and the place that it comes from. */
import type { ConfigFilePaths } from './config-files.ts';
import { checkLayers, readConfigLayers, type Config } from './config.ts';
import { isPlain } from './config-merge.ts';
import type { Files } from './host.ts';
import type { ConfigProblem, Position, YamlSource } from './yaml-source.ts';

/** One value in force. */
export type ConfigValue = {
  readonly path: readonly string[];
  /** A scalar or a list; of an empty map the map. */
  readonly value: unknown;
  /** Null: no file says it, or what the file says cannot be used. */
  readonly from: (Position & { readonly file: string }) | null;
};

/** Reads the files again; throws as `loadConfig` does. */
export async function configValues(files: Files, paths: ConfigFilePaths): Promise<readonly ConfigValue[]> {
  const layers = await readConfigLayers(files, paths);
  const { config, problems } = checkLayers(layers);
  return valuesOf(config, layers, problems);
}

/** Pure. */
function valuesOf(config: Config, layers: readonly YamlSource[], problems: readonly ConfigProblem[]): readonly ConfigValue[] {
  const unused = new Set(problems.filter(({ severity }) => severity === 'error').map(({ path }) => path.split('.', 1)[0]));
  return leaves(config, []).map(({ path, value }) => ({ path, value, from: unused.has(path[0]) ? null : placeOf(layers, path, value) }));
}

function leaves(value: unknown, path: readonly string[]): readonly { readonly path: readonly string[]; readonly value: unknown }[] {
  if (!isPlain(value) || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** In the highest layer that has the path. A null there takes away what is below: what is in force is the default then. */
function placeOf(layers: readonly YamlSource[], path: readonly string[], value: unknown): ConfigValue['from'] {
  const layer = layers.findLast((each) => each.has(path));
  if (layer === undefined || (value !== null && valueAt(layer.value, path) === null)) return null;
  return { file: layer.file, ...layer.positionOf(path) };
}

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((owner, key) => (isPlain(owner) ? owner[key] : undefined), value);
