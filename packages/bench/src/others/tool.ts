/** What a tool is to the bench: something that makes a place for commands, runs them in it, and takes it away. */

/** What is looked at, in the order of the report, and what it is called there. */
export const measures = {
  version: 'version',
  create: 'create, to the end of the first command',
  exec: 'a command in what runs, by a program',
  call: 'a command in what runs, by the library',
  stop: 'stop, and keep',
  remove: 'stop and remove',
} as const;

export type Measure = keyof typeof measures;

/** By what a tool does it, or why it has nothing to compare. */
export type Way = { readonly by: string } | { readonly none: string };

/** Counts the time of the work as this measure of the tool; may be nested. */
export type Timed = <T>(measure: Measure, work: () => Promise<T>) => Promise<T>;

export type Tool = {
  /** With its version. */
  readonly name: string;
  readonly ways: Readonly<Record<Measure, Way>>;
  readonly version: (timed: Timed) => Promise<void>;
  /** From nothing to nothing; what it does outside of `timed` does not count. Rejects with ProgramFailed. */
  readonly life: (timed: Timed) => Promise<void>;
};

/** One that is not even there: what was said when it was to be installed. */
export type AbsentTool = { readonly name: string; readonly said: string };
