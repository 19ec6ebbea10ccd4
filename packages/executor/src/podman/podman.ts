/** Runs podman. The one module of the house that names its binary. */
import type { Environment } from '@terok/sandbox';
import { stripControl } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import {
  describeEnd,
  toolEnvironment,
  type Command,
  type OpenProcess,
  type ProcessEnd,
  type ProcessOutcome,
  type Processes,
} from '../processes.ts';

export type PodmanSettings = {
  readonly binary: string;
  /** The whole environment podman gets; see `podmanEnvironment`. */
  readonly env: Environment;
  /** Where podman runs: its monitor leaves an empty file `oom` in its directory when a container runs out of memory. */
  readonly cwd: string;
  /** Written before every verb: runtime, cgroup manager, storage. */
  readonly globalArgs: readonly string[];
};

export type PodmanOptions = Pick<Command, 'input' | 'signal' | 'timeoutMs' | 'env'> & { readonly outputMaxBytes?: number };

export interface Podman {
  /** Standard output of a podman that exits 0, as text; anything else is thrown. */
  run(args: readonly string[], options?: Partial<PodmanOptions>): Promise<string>;
  /** How it ended and both outputs as bytes; only a missing podman is thrown. */
  attempt(args: readonly string[], options?: Partial<PodmanOptions>): Promise<ProcessOutcome>;
  /** A podman whose output is read as it comes: logs, builds, events. */
  open(args: readonly string[], options?: Partial<PodmanOptions>): OpenProcess;
  /** podman on the caller's own terminal. */
  onTerminal(args: readonly string[]): Promise<ProcessEnd>;
  /** The whole command line, for a person to repeat. */
  commandLine(args: readonly string[]): readonly string[];
  /** The same podman with other words before every verb. */
  withGlobalArgs(globalArgs: readonly string[]): Podman;
}

const timeoutDefaultMs = 60_000;

/** Where podman finds its storage, its registries and the user's session. */
export const podmanEnvironment = (env: Environment): Environment =>
  toolEnvironment(env, [
    ...['XDG_RUNTIME_DIR', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'DBUS_SESSION_BUS_ADDRESS'],
    ...['CONTAINERS_CONF', 'CONTAINERS_REGISTRIES_CONF', 'CONTAINERS_STORAGE_CONF', 'REGISTRY_AUTH_FILE'],
  ]);

export function openPodman(processes: Processes, settings: PodmanSettings): Podman {
  const { binary, globalArgs } = settings;
  const command = (args: readonly string[], { env, ...options }: Partial<PodmanOptions>) => ({
    binary,
    args: [...globalArgs, ...args],
    env: { ...settings.env, ...env },
    cwd: settings.cwd,
    ...options,
  });

  async function attempt(args: readonly string[], options: Partial<PodmanOptions> = {}): Promise<ProcessOutcome> {
    const outcome = await processes.run(command(args, { timeoutMs: timeoutDefaultMs, ...options }));
    if (outcome.end.kind === 'missing') throw executorErrors.PODMAN_MISSING({ binary });
    return outcome;
  }

  return {
    attempt,
    async run(args, options) {
      const outcome = await attempt(args, options);
      if (!succeeded(outcome.end)) throw podmanFailure(args, outcome);
      return textOf(outcome.stdout);
    },
    open: (args, options = {}) => processes.open(command(args, options)),
    onTerminal: (args) => processes.runOnTerminal(command(args, {})),
    commandLine: (args) => [binary, ...globalArgs, ...args],
    withGlobalArgs: (others) => openPodman(processes, { ...settings, globalArgs: others }),
  };
}

export const succeeded = (end: ProcessEnd): boolean => end.kind === 'exited' && end.exitCode === 0;

export function podmanFailure(args: readonly string[], { end, stderr }: Pick<ProcessOutcome, 'end' | 'stderr'>) {
  return executorErrors.PODMAN_FAILED({ verb: verbOf(args), how: describeEnd(end), stderr: lastLines(textOf(stderr), 20) });
}

/** Bytes of unknown origin as text; what is not UTF-8 becomes U+FFFD. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function lastLines(text: string, count: number): string {
  return stripControl(text).trimEnd().split('\n').slice(-count).join('\n');
}

/** The verb with its group, without anything a caller filled in. */
function verbOf([first = '', second = '']: readonly string[]): string {
  return ['container', 'image', 'system', 'volume'].includes(first) ? `${first} ${second}` : first;
}
