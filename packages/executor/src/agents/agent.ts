/** An agent, ready for use. */
import type { AgentFile, LogFormat } from './agent-file.ts';

export type Agent = {
  readonly name: string;
  readonly label: string;
  readonly install: AgentInstall;
  /** `stdin`: the prompt is on standard input. `file`: it is named among the words. */
  readonly prompt: 'stdin' | 'file';
  readonly start: readonly string[];
  /** Null: every prompt begins anew. */
  readonly resume: readonly string[] | null;
  readonly model: readonly string[];
  /** Who names a session; null: nobody, and none can be gone on with. */
  readonly session: 'given' | 'reported' | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Names of secrets of which it needs one; empty for an agent that needs none. */
  readonly keys: readonly string[];
  readonly endpoint: AgentEndpoint | null;
  readonly logFormat: LogFormat;
  readonly rootFilesystem: 'read_only' | 'writable';
  /** Who its commits are by, unless the project says otherwise. */
  readonly gitIdentity: { readonly name: string; readonly email: string };
};

export type AgentInstall = {
  readonly packages: readonly AgentPackage[];
  /** Name of a command → its file in the packages. */
  readonly commands: Readonly<Record<string, string>>;
  /** Path in the image → text. */
  readonly files: Readonly<Record<string, string>>;
};

/** One npm package at one version, known by the hash of its archive. */
export type AgentPackage = {
  readonly name: string;
  readonly version: string;
  /** `sha512-` and the hash in base64. */
  readonly integrity: string;
  /** Null: wanted on every one. */
  readonly architecture: 'x64' | 'arm64' | null;
  readonly directory: string;
};

export type AgentEndpoint = {
  readonly environment: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  /** Null: as without an endpoint. */
  readonly model: readonly string[] | null;
  readonly defaultModel: string | null;
};

/** The version of what an agent installs first, without the name of a platform behind it; null for one that installs nothing. */
export function agentVersion({ install }: Agent): string | null {
  return install.packages[0]?.version.replace(/-linux-(?:x64|arm64)$/, '') ?? null;
}

export function agentOf(name: string, file: AgentFile): Agent {
  const { install, run, endpoint } = file;
  return {
    name,
    label: file.label,
    install: {
      packages: (install?.packages ?? []).map(({ architecture = null, directory, ...rest }) => ({
        ...rest,
        architecture,
        directory: directory ?? rest.name,
      })),
      commands: install?.commands ?? {},
      files: install?.files ?? {},
    },
    prompt: run.prompt,
    start: run.start,
    resume: run.resume ?? null,
    model: run.model ?? [],
    session: run.session ?? null,
    environment: run.environment,
    keys: run.keys,
    endpoint:
      endpoint === undefined
        ? null
        : {
            environment: endpoint.environment,
            words: endpoint.words,
            model: endpoint.model ?? null,
            defaultModel: endpoint.default_model ?? null,
          },
    logFormat: file.log_format,
    rootFilesystem: file.root_filesystem,
    gitIdentity: file.git_identity,
  };
}
