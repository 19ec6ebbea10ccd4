/** What went wrong, told to the person who can do something about it. Anything else that is thrown is a bug of ours. */
export class TerokError extends Error {
  override readonly name = 'TerokError';
  /** Permanent and in capitals: what a script may compare. */
  readonly code: string;
  /** What to do, with the command that does it. */
  readonly hint: string | undefined;
  /** What the command line ends with. */
  readonly exitCode: number;

  constructor(
    spec: { readonly code: string; readonly message: string; readonly hint?: string | undefined; readonly exitCode?: number },
    cause?: unknown,
  ) {
    super(spec.message, cause === undefined ? undefined : { cause });
    this.code = spec.code;
    this.hint = spec.hint;
    this.exitCode = spec.exitCode ?? exitStatus.failure;
  }
}

/** Every number the command line ends with on its own account; `task run` otherwise ends with the agent's. */
export const exitStatus = {
  ok: 0,
  failure: 1,
  usage: 2,
  setupNeeded: 3,
  downgradeRefused: 4,
  manualStep: 5,
  bug: 70,
  timeLimit: 124,
  interrupted: 130,
} as const;

/** One way to fail: what happened, what to do about it, and how the command line ends (1 when left out). */
export type ErrorRow<P> = {
  readonly message: (params: P) => string;
  readonly hint?: string | ((params: P) => string | undefined);
  readonly exitCode?: number;
};

/** Turns a package's error table into one maker per row; the reference page of errors is printed from the same table. */
export function defineErrors<P>(table: { readonly [Code in keyof P]: ErrorRow<P[Code]> }): ErrorMakers<P> {
  const makers = Object.entries<ErrorRow<never>>(table as Record<string, ErrorRow<never>>).map(([code, row]) => [code, makerOf(code, row)]);
  return Object.fromEntries(makers) as ErrorMakers<P>;
}

/** One maker per row of a table: its parameters in, a `TerokError` out. */
export type ErrorMakers<P> = { readonly [Code in keyof P]: (params: P[Code], cause?: unknown) => TerokError };

function makerOf<P>(code: string, { message, hint, exitCode }: ErrorRow<P>): (params: P, cause?: unknown) => TerokError {
  return (params, cause) =>
    new TerokError(
      {
        code,
        message: message(params),
        hint: typeof hint === 'function' ? hint(params) : hint,
        ...(exitCode === undefined ? {} : { exitCode }),
      },
      cause,
    );
}
