/** The world outside a command, in our words: streams, signals and the rooms below, which are opened when they are first needed. */
import type { ExecutorContext, Processes } from '@terok/executor';
import type { BareHost, Environment, SandboxContext } from '@terok/sandbox';
import type { LiveNames } from '../completion/live-names.ts';

/** Signals a person or a session sends to the command line; anything else keeps what the system does by default. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface OutputStream {
  readonly isTerminal: boolean;
  /** Width in columns; of a stream that is no terminal, null. */
  columns(): number | null;
  /** Fulfilled once more can be written. After the reader has gone, writing does nothing. */
  write(content: string | Uint8Array): Promise<void>;
  /** Calls `listener` once when the reader is gone (a closed pipe, a terminal that hung up); returns what forgets it again. */
  onLost(listener: () => void): () => void;
}

export interface InputStream {
  readonly isTerminal: boolean;
  /** The bytes up to the end of the input, in the pieces they come in. */
  chunks(): AsyncIterable<Uint8Array>;
  /** One line without its end; null at the end of the input. */
  line(): Promise<string | null>;
}

/** `label` and `hint` are single-line text already free of control characters. */
export type Choice<T> = { readonly value: T; readonly label: string; readonly hint?: string };

export type TextQuestion = {
  /** What is there to be changed or taken as it is. */
  readonly initial?: string;
  /** What an answer may look like; shown while there is none. */
  readonly example?: string;
  /** What is wrong with an answer; null takes it. */
  readonly check?: (answer: string) => string | null;
};

/** Both answer null when the person gives up (Ctrl-C, Escape, the end of the input). */
export interface Dialog {
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T | null>;
  ask(question: string, options?: TextQuestion): Promise<string | null>;
}

export interface World {
  readonly environment: Environment;
  readonly pid: number;
  /** The words that start this command again from anywhere: a Node and a file, both absolute. */
  readonly ownCommand: readonly [string, ...string[]];
  /** Whether a process of this number runs; one that we started, and not long ago. */
  readonly isAlive: (pid: number) => boolean;
  /** The same for every command that is run in one session at a terminal, and for no other. */
  readonly terminalSession: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** The bytes of a file that the person named, links and pipes followed, in pieces. Failures are Node's, with a `code`. */
  readonly readFile: (path: string) => AsyncIterable<Uint8Array>;
  /** Where a path leads, links followed; the path as it is where that cannot be found out. */
  readonly realPath: (path: string) => Promise<string>;
  /** Runs a program at the terminal of this process. */
  readonly runOnTerminal: Processes['runOnTerminal'];
  /** Calls `listener` at every such signal, in place of the default; returns what puts the default back. */
  readonly onSignal: (signal: Signal, listener: () => void) => () => void;
  /** Ends the process at once, whatever still runs in it. */
  readonly exit: (code: number) => never;
  /** For a person at a terminal. */
  openDialog(): Promise<Dialog>;
  /** Sooner than all the host. */
  openNames(): Promise<LiveNames>;
  /** Whatever the configuration says. */
  openBareHost(): Promise<BareHost>;
  openHost(): Promise<SandboxContext>;
  openEngine(host: SandboxContext): Promise<ExecutorContext>;
}
