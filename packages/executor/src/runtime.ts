/** What the house asks of a container engine. Names are container names; nothing that is not ours is ever answered for. */
import type { OutputChunk } from './processes.ts';
import type { RunSpec } from './run-spec.ts';

/** podman's word, lower case. */
export type ContainerState = 'created' | 'initialized' | 'running' | 'paused' | 'stopping' | 'exited' | 'dead' | 'removing';

export type ContainerRow = {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAt: Date | null;
  /** Both are null unless the container has ended. */
  readonly exitCode: number | null;
  readonly finishedAt: Date | null;
};

/** Label → value; all must be there. */
export type LabelFilter = Readonly<Record<string, string>>;

export type WaitEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'never_started' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: string };

export type ExecResult = { readonly exitCode: number; readonly stdout: Uint8Array; readonly stderr: Uint8Array };
export type RemoveResult = { readonly name: string; readonly removed: boolean; readonly error: string | null };
/** Moments in a container's life; what happens inside of one (exec, attach) is not among them. */
export type ContainerEvent = {
  readonly name: string;
  readonly status: ContainerEventStatus;
  readonly labels: Readonly<Record<string, string>>;
};
export const containerEventStatuses = ['create', 'init', 'start', 'died', 'stop', 'kill', 'remove', 'pause', 'unpause'] as const;
export type ContainerEventStatus = (typeof containerEventStatuses)[number];

/** A program in a container with the caller's own streams: bytes go through as they come, in both directions. */
export type BridgeOptions = {
  readonly input: AsyncIterable<Uint8Array>;
  readonly write: (chunk: OutputChunk) => void | Promise<void>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type LogOptions = {
  readonly follow?: boolean;
  readonly tail?: number;
  /** Only what was printed since. */
  readonly since?: Date;
  readonly timestamps?: boolean;
  /** How long it may take, and its reader with it; beyond that it is an error. No limit when left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};
export type ExecOptions = { readonly timeoutMs?: number; readonly outputMaxBytes?: number; readonly signal?: AbortSignal };

/** `bytesMax`: what a copy may take on the host's disk; 1 GiB when left out. */
export type CopyOptions = { readonly bytesMax?: number };
/** What is no file and no folder, or has no name that can be printed: links, pipes, devices. */
export type CopyOutResult = { readonly leftOut: readonly string[] };

export interface Runtime {
  /** Every container with these labels, by one query; null when the query failed, which is not "none". */
  containers(labels: LabelFilter): Promise<readonly ContainerRow[] | null>;
  /** Bytes that each container with these labels has written to its own layer, by name; null when the query failed. */
  writtenBytes(labels: LabelFilter): Promise<ReadonlyMap<string, number> | null>;
  /** Makes the container; it does not run yet. */
  create(spec: RunSpec): Promise<void>;
  /** Makes the container's namespaces and mounts, with nothing of the workload in them yet. */
  init(name: string): Promise<void>;
  start(name: string): Promise<void>;
  /** Asks the container to end and ends it after the grace; returns when it is down. A paused one is resumed first. */
  stop(name: string, options: { readonly graceSeconds: number }): Promise<void>;
  wait(name: string, options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<WaitEnd>;
  /** Both streams as bytes. The iteration ends with the log, with the container when following, or when the signal says so. */
  logs(name: string, options?: LogOptions): AsyncIterable<OutputChunk>;
  /** Runs a program in a running container. */
  exec(name: string, argv: readonly [string, ...string[]], options?: ExecOptions): Promise<ExecResult>;
  /** Runs a program in a running container on the caller's streams; its exit code. */
  bridge(name: string, argv: readonly [string, ...string[]], options: BridgeOptions): Promise<number>;
  /**
   * Copies a file or a folder of the host into a folder of a running container, under its own name and with its modes. It is the
   * container's user who writes there, so that a container can be made to write nowhere but in itself.
   */
  copyIn(name: string, hostPath: string, directory: string): Promise<void>;
  /**
   * Copies a file or a folder of a container, running or not, into a folder of the host, under its own name. Whatever is in it:
   * nothing is written elsewhere or over what is there. Throws COPY_REFUSED, and then leaves nothing of it.
   */
  copyOut(name: string, source: string, directory: string, options?: CopyOptions): Promise<CopyOutResult>;
  /**
   * What happens to containers with these labels, as it happens, until the signal. When the stream breaks it is taken up again; what
   * was missed meanwhile is missed, so callers compare with `containers` now and then.
   */
  events(labels: LabelFilter, options: { readonly signal: AbortSignal }): AsyncIterable<ContainerEvent>;
  /** Makes, runs and removes a container, and returns what its program printed. */
  runOnce(spec: RunSpec, options?: ExecOptions): Promise<ExecResult>;
  /** Ends and removes each, whatever becomes of the others; one that is not there counts as removed. */
  remove(names: readonly string[]): Promise<readonly RemoveResult[]>;
  /** The words that run a program in a container on the caller's terminal. */
  execCommand(name: string, argv: readonly string[]): readonly string[];
}
