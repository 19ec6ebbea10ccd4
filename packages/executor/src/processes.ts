/** Programs of the host, as this package needs them: one way to start one, and nothing inherited that was not named. */
import type { Environment } from '@terok/sandbox';

export type OutputChunk = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

export type Command = {
  readonly binary: string;
  readonly args: readonly string[];
  /** The whole environment of the child. */
  readonly env: Environment;
  readonly cwd?: string;
  /** What the child reads on standard input; without it, standard input is empty. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly timeoutMs?: number;
  /** How long it may take to tidy up once it is told to end; five seconds when left out. Then it is killed. */
  readonly killDelayMs?: number;
  readonly signal?: AbortSignal;
};

/** How a child ended. `missing`: the program is not there. A child that read no input is no failure of its own. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'output_too_large' };

export type ProcessOutcome = { readonly end: ProcessEnd; readonly stdout: Uint8Array; readonly stderr: Uint8Array };

export type OpenProcess = {
  /** Both streams as they come; the iteration ends when both are closed. Leaving it early ends the child. */
  readonly output: AsyncIterable<OutputChunk>;
  readonly ended: Promise<ProcessEnd>;
};

export interface Processes {
  /** Runs a program to its end and keeps both outputs as bytes; never rejects for what the program did. */
  run(command: Command & { readonly outputMaxBytes?: number }): Promise<ProcessOutcome>;
  /** Starts a program and hands its output over chunk by chunk. */
  open(command: Command): OpenProcess;
  /** Runs a program on this process's own terminal; for people, not for parsing. */
  runOnTerminal(command: Omit<Command, 'input' | 'timeoutMs'>): Promise<ProcessEnd>;
}

/** What any program of the host needs to find its files and the network; nothing else of the caller's environment reaches one. */
const toolVariables = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'XDG_CONFIG_HOME'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'CURL_CA_BUNDLE'],
];

/** The environment for a program: the usual variables and those named, in a neutral language so that its words can be read. */
export function toolEnvironment(env: Environment, others: readonly string[] = []): Environment {
  const kept = [...toolVariables, ...others].filter((name) => env[name] !== undefined);
  return { ...Object.fromEntries(kept.map((name) => [name, env[name]])), LC_ALL: 'C.UTF-8' };
}

/** One sentence part for an error: `ended with 125`, `took too long`. */
export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with ${end.exitCode}`;
    case 'killed':
      return `was ended by ${end.signal}`;
    case 'missing':
      return 'could not be started: there is no such program';
    case 'timed_out':
      return 'took too long and was ended';
    case 'aborted':
      return 'was cancelled';
    case 'output_too_large':
      return 'printed more than it may and was ended';
  }
}
