/** What is configured: the system's file, the person's over it, or one file instead of both. */
import { configMaxBytes, layerFiles, type ConfigFilePaths } from './config-files.ts';
import { configSections, type Config, type SectionName } from './config-sections.ts';
import { isPlain, mergeLayers } from './config-merge.ts';
import { readText } from './durable-file.ts';
import { sandboxErrors } from './errors.ts';
import type { Files } from './host.ts';
import { nearestName } from './nearest-name.ts';
import { problemsOf, readYaml, type ConfigProblem, type Position, type YamlPath, type YamlSource } from './yaml-source.ts';

export type { Config } from './config-sections.ts';
export type { ConfigProblem } from './yaml-source.ts';
/** A complete configuration, and what is wrong with the files it came from. */
export type ConfigRead = { readonly config: Config; readonly problems: readonly ConfigProblem[] };

/**
 * Reads every layer. A broken section falls back to its defaults alone, and `problems` says so. CONFIG_UNREADABLE when a file is no YAML map at all, and
 * CONFIG_SECRETS_INVALID when `secrets` is broken: a task must not start with less than it was promised.
 */
export async function loadConfig(files: Files, paths: ConfigFilePaths): Promise<ConfigRead> {
  return checkLayers(await readConfigLayers(files, paths));
}

/** Every file that is there, lowest first. */
export async function readConfigLayers(files: Files, paths: ConfigFilePaths): Promise<readonly YamlSource[]> {
  const layers: YamlSource[] = [];
  for (const file of layerFiles(paths)) {
    const text = await readText(files, file, { maxBytes: configMaxBytes, followLink: true });
    if (text !== null) layers.push(readLayer(text, file));
    else if (file === paths.overrideConfigFile) throw sandboxErrors.CONFIG_UNREADABLE({ at: file, problem: missingOverride });
  }
  return layers;
}

/** Pure: what is wrong with the text of a configuration file, were it the only one. */
export function configTextProblems(text: string, file: string): readonly ConfigProblem[] {
  const read = readYaml(text, file);
  if (read.kind === 'damaged') return read.problems;
  const value = read.source.value ?? {};
  if (!isPlain(value)) return [{ severity: 'error', file, line: 1, column: 1, path: '', message: noMap }];
  return checkSections([{ ...read.source, value }]).problems;
}

const missingOverride = 'There is no such file, and `TEROK_CONFIG_FILE` names it';

function readLayer(text: string, file: string): YamlSource {
  const read = readYaml(text, file);
  if (read.kind === 'damaged') {
    const [first] = read.problems;
    throw sandboxErrors.CONFIG_UNREADABLE({ at: first === undefined ? file : atText(first), problem: first?.message ?? 'not YAML' });
  }
  const value = read.source.value ?? {};
  if (!isPlain(value)) throw sandboxErrors.CONFIG_UNREADABLE({ at: `${file}:1:1`, problem: noMap });
  return { ...read.source, value };
}

const noMap = 'The file is not a map of sections';

/** Pure: layers in, lowest first; the configuration and what is wrong with it out. CONFIG_SECRETS_INVALID when that is in `secrets`. */
export function checkLayers(layers: readonly YamlSource[]): ConfigRead {
  const read = checkSections(layers);
  const broken = read.problems.find(({ path, severity }) => severity === 'error' && /^secrets(?:\.|$)/.test(path));
  if (broken !== undefined)
    throw sandboxErrors.CONFIG_SECRETS_INVALID({ at: `${atText(broken)}: ${broken.path}`, problem: broken.message });
  return read;
}

function checkSections(layers: readonly YamlSource[]): ConfigRead {
  const merged = layers.reduce<Readonly<Record<string, unknown>>>(
    (lower, { value }) => mergeLayers(lower, isPlain(value) ? value : {}),
    {},
  );
  const locate = (path: YamlPath) => locateIn(layers, path);
  const problems: ConfigProblem[] = unknownSections(Object.keys(merged), locate);

  const section = <K extends SectionName>(name: K): Config[K] => {
    const schema = configSections[name];
    const checked = schema.safeParse(Object.hasOwn(merged, name) ? merged[name] : {});
    if (checked.success) return checked.data as Config[K];
    const found = problemsOf(checked.error.issues, schema, [name], locate);
    const ends = name === 'secrets' ? '' : `; all of \`${name}\` is taken as its defaults`;
    problems.push(...found.map((problem) => ({ ...problem, message: `${problem.message}${ends}` })));
    return schema.parse({}) as Config[K];
  };

  const config: Config = {
    paths: section('paths'),
    podman: section('podman'),
    image: section('image'),
    limits: section('limits'),
    run: section('run'),
    network: section('network'),
    git: section('git'),
    tasks: section('tasks'),
    archive: section('archive'),
    orphans: section('orphans'),
    secrets: section('secrets'),
    lifecycle: section('lifecycle'),
  };
  return { config, problems };
}

function unknownSections(names: readonly string[], locate: (path: YamlPath) => Position & { readonly file: string }): ConfigProblem[] {
  return names
    .filter((name) => !Object.hasOwn(configSections, name))
    .map((name) => {
      const near = nearestName(name, Object.keys(configSections));
      const place = locate([name]);
      return {
        severity: 'note',
        ...place,
        path: name,
        message: `Unknown section \`${name}\``,
        ...(near === null ? {} : { hint: `Did you mean \`${near}\`?` }),
      };
    });
}

/** In the highest layer that says anything at the path; else at its nearest owner. */
function locateIn(layers: readonly YamlSource[], path: YamlPath): Position & { readonly file: string } {
  for (let length = path.length; length > 0; length--) {
    const head = path.slice(0, length);
    const layer = layers.findLast((each) => each.has(head));
    if (layer !== undefined) return { file: layer.file, ...layer.positionOf(head) };
  }
  return { file: layers.at(-1)?.file ?? '', line: 1, column: 1 };
}

export function atText({ file, line, column }: Position & { readonly file: string }): string {
  return `${file}:${line}:${column}`;
}
