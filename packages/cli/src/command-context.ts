/** What the command library hands to every command: its own notion of streams, and ours of a command's world. */
import type { CommandContext as LibraryContext } from '@stricli/core';
import type { Invocation } from './invocation.ts';

export type CommandContext = LibraryContext & {
  readonly invocation: Invocation;
  /** Runs the body of a command, and keeps its exit code or its failure. */
  finish(body: () => Promise<number | void>): Promise<void>;
};
