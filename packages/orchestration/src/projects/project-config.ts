/** A project: a repository and a policy. `project.yml` says what it wants; what it leaves out comes from config.yml. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import {
  configSections,
  cpusLimit,
  gpus,
  memoryLimit,
  parseYamlWith,
  pathSegment,
  podmanArgs,
  z,
  type Config,
  type ConfigProblem,
  type Paths,
} from '@terok/sandbox';

import { authorships, type Authorship } from '../containers/git-identity.ts';
import { HooksSection, hooksOf, type Hooks } from '../hooks/hook-config.ts';

const Text = z.string().check(z.trim(), z.minLength(1));
/** A section that stands there empty is one that is not there. */
const section = <S extends z.ZodMiniType>(schema: S) => z.optional(z.nullable(schema));

/** As written. The sections mean what they mean in config.yml and win over them. */
export const ProjectFile = z.strictObject({
  /** Absolute path or URL of the git repository. */
  repository: Text,
  /** Where tasks begin; the repository's own branch when left out. */
  branch: z.optional(Text),
  image: section(
    z.partial(
      z.strictObject({
        base: Text,
        /** Lines of a Containerfile, without FROM, that are built upon the image of the agents; they start as root. */
        snippet: z.string(),
        /** A file with such lines, before those of `snippet`; a path that is not absolute begins at the folder of project.yml. */
        snippet_file: Text,
      }),
    ),
  ),
  run: section(
    z.partial(
      z.strictObject({
        agent: Text,
        /** As the agent names it. */
        model: Text,
        /** Where the agent asks for its model, instead of its maker's address. */
        base_url: Text,
        time_limit: z.nullable(z.int().check(z.positive())),
        shutdown_timeout: z.int().check(z.nonnegative()),
        podman_args: podmanArgs,
        gpus,
      }),
    ),
  ),
  network: section(z.partial(z.strictObject({ mode: z.enum(['none', 'open']) }))),
  limits: section(z.partial(z.strictObject({ memory: memoryLimit, cpus: cpusLimit, pids: z.int().check(z.positive()) }))),
  git: section(z.partial(z.strictObject({ author_name: Text, author_email: Text, authorship: z.enum(authorships) }))),
  /** Name of a variable in the container → where its value is. Over those of config.yml, name by name. */
  secrets: section(configSections.secrets),
  /** Programs of the host that are run around each launch. */
  hooks: section(HooksSection),
  tasks: section(z.partial(z.strictObject({ name_categories: z.union([Text, z.array(Text)]) }))),
});
export type ProjectFile = z.output<typeof ProjectFile>;

/** As used: every question has an answer. */
export type ProjectConfig = {
  readonly id: string;
  /** Absolute path or URL. */
  readonly repository: string;
  /** Null: the repository's own. */
  readonly branch: string | null;
  readonly base: string;
  /** What its image holds beside its agents; the file's path is absolute. */
  readonly snippet: { readonly text: string | null; readonly file: string | null };
  readonly agent: string;
  /** Null: the agent's own choice. */
  readonly model: string | null;
  /** Null: its maker's. */
  readonly baseUrl: string | null;
  readonly secrets: Config['secrets'];
  readonly network: 'none' | 'open';
  readonly limits: { readonly memory: string; readonly cpus: string; readonly pids: number };
  /** Null: no limit. */
  readonly timeLimitSeconds: number | null;
  readonly stopGraceSeconds: number;
  /** As written; in place of those of config.yml. */
  readonly podmanArgs: readonly string[];
  readonly gpus: string;
  /** The person that commits may be by; null: whoever the git of this host knows. */
  readonly gitIdentity: { readonly name: string; readonly email: string } | null;
  readonly authorship: Authorship;
  readonly hooks: Hooks;
  readonly nameCategories: readonly string[] | null;
  /** Walls that this project lowers, by name. */
  readonly relaxations: readonly string[];
  /** Where it is written. */
  readonly file: string;
};

export type ProjectRead =
  | { readonly kind: 'read'; readonly project: ProjectConfig }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

export const projectFilePath = (paths: Pick<Paths, 'projects'>, projectId: string): string =>
  join(paths.projects, pathSegment('project', projectId), 'project.yml');

/** Pure: text in, a project or the places to look at out. */
export function parseProject(id: string, text: string, file: string, config: Config): ProjectRead {
  const parsed = parseYamlWith(ProjectFile, text, file);
  return 'problems' in parsed
    ? { kind: 'invalid', problems: parsed.problems }
    : { kind: 'read', project: normalised(id, parsed.value, file, config) };
}

function normalised(id: string, written: ProjectFile, file: string, config: Config): ProjectConfig {
  const network = written.network?.mode ?? config.network.mode;
  const name = written.git?.author_name ?? config.git.author_name;
  const email = written.git?.author_email ?? config.git.author_email;
  const secrets = { ...config.secrets, ...written.secrets };
  const names = Object.keys(secrets);
  return {
    id,
    repository: written.repository,
    branch: written.branch ?? null,
    base: written.image?.base ?? config.image.base,
    snippet: {
      text: written.image?.snippet ?? null,
      file: written.image?.snippet_file === undefined ? null : resolve(dirname(file), written.image.snippet_file),
    },
    agent: written.run?.agent ?? config.run.agent,
    model: written.run?.model ?? null,
    baseUrl: written.run?.base_url ?? null,
    secrets,
    network,
    limits: {
      memory: written.limits?.memory ?? config.limits.memory,
      cpus: written.limits?.cpus ?? config.limits.cpus,
      pids: written.limits?.pids ?? config.limits.pids,
    },
    timeLimitSeconds: written.run?.time_limit === undefined ? config.run.time_limit : written.run.time_limit,
    stopGraceSeconds: written.run?.shutdown_timeout ?? config.run.shutdown_timeout,
    podmanArgs: written.run?.podman_args ?? config.run.podman_args,
    gpus: written.run?.gpus ?? config.run.gpus,
    gitIdentity: name && email ? { name, email } : null,
    authorship: written.git?.authorship ?? config.git.authorship ?? (name && email ? 'human' : 'agent'),
    hooks: hooksOf(written.hooks),
    nameCategories: listOf(written.tasks?.name_categories),
    relaxations: [...(network === 'open' ? ['network: open'] : []), ...(names.length === 0 ? [] : [`secrets: ${names.join(', ')}`])],
    file,
  };
}

/** One name stands for a list of one. */
export const listOf = (names: string | readonly string[] | null | undefined): readonly string[] | null =>
  typeof names === 'string' ? [names] : (names ?? null);

/** Whether the repository is a folder of this host rather than a URL or `host:path`. */
export const isLocal = (repository: string): boolean =>
  isAbsolute(repository) || (!/^[a-z][a-z0-9+.-]*:\/\//i.test(repository) && !/^[^/]+:/.test(repository));
