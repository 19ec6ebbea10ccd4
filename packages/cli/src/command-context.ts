/** What the command library hands to every command: its own notion of streams, and ours of a command's world. */
import type { CommandContext as LibraryContext } from '@stricli/core';
import type { Invocation } from './invocation.ts';

export type CommandContext = LibraryContext & {
  readonly invocation: Invocation;
  readonly proposals: Proposals;
  /** Runs the body of a command, and keeps its exit code or its failure. */
  finish(body: () => Promise<number | void>): Promise<void>;
};

/** What a word may become while it is typed. */
export interface Proposals {
  projects(): Promise<readonly string[]>;
  /** `typed` is the word up to the cursor. */
  addresses(typed: string): Promise<readonly string[]>;
  /** Of the project that is named before. */
  tasks(typed: string): Promise<readonly string[]>;
  /** Of the project that is named before. */
  archives(typed: string): Promise<readonly string[]>;
  agents(): Promise<readonly string[]>;
  /** The shell knows them better. */
  places(kind: PlaceKind): readonly string[];
}

export type PlaceKind = 'files' | 'directories';

const none = () => Promise.resolve([]);

/** Where nobody is typing. */
export const noProposals: Proposals = { projects: none, addresses: none, tasks: none, archives: none, agents: none, places: () => [] };
