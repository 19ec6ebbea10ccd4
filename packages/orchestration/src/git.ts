/**
 * git on the host, only ever on repositories of the user's or of ours, never in a task's workspace: what a container wrote is
 * looked at in a container. Hooks and background work are off, and nobody is asked for a password.
 */
import { describeEnd, toolEnvironment, type ProcessOutcome } from '@terok/executor';
import { printable, type Environment } from '@terok/sandbox';
import type { TaskContext } from './task-context.ts';
import { projectErrors } from './errors.ts';

type GitContext = Pick<TaskContext, 'processes' | 'env'>;
/** Without `cwd` git looks at no repository: the folder that the caller is in may be a task's workspace. */
export type GitOptions = { readonly cwd?: string; readonly timeoutMs?: number; readonly signal?: AbortSignal };

const timeoutDefaultMs = 5 * 60_000;
const safeSettings = [
  'core.hooksPath=/dev/null',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
];

export async function attemptGit(
  { processes, env }: GitContext,
  args: readonly string[],
  { cwd = '/', timeoutMs = timeoutDefaultMs, ...options }: GitOptions = {},
): Promise<ProcessOutcome> {
  const outcome = await processes.run({
    binary: 'git',
    // By `-C` and not as the child's directory, so that git itself says when it is not there.
    args: ['-C', cwd, ...safeSettings.flatMap((setting) => ['-c', setting]), ...args],
    env: gitEnvironment(env),
    timeoutMs,
    ...options,
  });
  if (outcome.end.kind === 'missing') throw projectErrors.GIT_MISSING({});
  return outcome;
}

/** Standard output of a git that exits 0, without its last newline. */
export async function runGit(ctx: GitContext, args: readonly string[], options?: GitOptions): Promise<string> {
  const outcome = await attemptGit(ctx, args, options);
  if (!exitedWith(outcome, 0))
    throw projectErrors.GIT_FAILED({
      verb: args.find((word) => !word.startsWith('-')) ?? '',
      how: describeEnd(outcome.end),
      said: saidBy(outcome),
    });
  return new TextDecoder().decode(outcome.stdout).replace(/\n$/, '');
}

export const exitedWith = ({ end }: Pick<ProcessOutcome, 'end'>, exitCode: number): boolean =>
  end.kind === 'exited' && end.exitCode === exitCode;

/** The last lines git printed on standard error, fit for a terminal. */
export function saidBy({ stderr }: Pick<ProcessOutcome, 'stderr'>): string {
  return new TextDecoder().decode(stderr).trim().split('\n').slice(-5).map(printable).join('\n');
}

/** A remote is reached as the user would reach it, but nobody is asked for a password. */
function gitEnvironment(env: Environment): Environment {
  return {
    ...toolEnvironment(env, ['SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'GIT_SSL_CAINFO', 'GIT_CONFIG_GLOBAL']),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
  };
}

/** The person that git on this host commits as; null when it was not told. */
export async function hostGitUser(ctx: GitContext): Promise<{ readonly name: string; readonly email: string } | null> {
  const setting = async (key: string): Promise<string> => {
    const outcome = await attemptGit(ctx, ['config', '--global', '--get', key], { timeoutMs: 5000 });
    return exitedWith(outcome, 0) ? printable(new TextDecoder().decode(outcome.stdout).trim()) : '';
  };
  const [name, email] = [await setting('user.name'), await setting('user.email')];
  return name === '' ? null : { name, email: email === '' ? 'nobody@localhost' : email };
}
