/** Programs to be measured: run to their end or talked to meanwhile, and gone when the bench is. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { printable } from '@terok/sandbox';
import type { Start } from '../command.ts';

export type Program = Start & { readonly cwd: string };

export type Programs = {
  /** What it printed, once it has ended with 0. Rejects with ProgramFailed. */
  readonly run: (program: Program) => Promise<string>;
  readonly open: (program: Program) => OpenProgram;
};

export type OpenProgram = {
  /** Waits until this is in what it printed. Rejects with ProgramFailed when it ends before. */
  readonly prints: (what: RegExp) => Promise<void>;
  readonly type: (text: string) => void;
  /** What it printed, once it has ended with 0. Rejects with ProgramFailed. */
  readonly ended: Promise<string>;
};

/** Its message is what the program said about it. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
}

const patienceSeconds = 300;

/**
 * To be called after what is to be cleared away has been announced: when the bench is interrupted, programs end before that, lest
 * one of them makes a container after all were removed.
 */
export function openPrograms(): Programs {
  const running = new Set<number>();
  process.prependListener('exit', () => running.forEach(endGroup));

  function start({ words: [binary = '', ...args], env, cwd }: Program) {
    const child = spawn(binary, args, { env, cwd, detached: true, stdio: 'pipe' });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    // One that ends without reading says by its end what there is to say.
    child.stdin.on('error', () => {});

    let late = false;
    const patience = setTimeout(() => {
      late = true;
      if (pid !== undefined) endGroup(pid);
    }, 1000 * patienceSeconds);
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', (error) => reject(new ProgramFailed(error.message, { cause: error })));
      child.once('close', (exitCode, signal) => {
        const how = late ? `it had not ended after ${patienceSeconds} s` : `it ended with ${exitCode ?? signal}`;
        if (exitCode === 0) resolve(printed.stdout);
        else reject(new ProgramFailed(late ? how : (saidBy(printed) ?? how)));
      });
    }).finally(() => {
      clearTimeout(patience);
      if (pid !== undefined) running.delete(pid);
    });
    // It may fail while nobody waits for its end.
    ended.catch(() => {});
    return { child, printed, ended };
  }

  return {
    run(program) {
      const { child, ended } = start(program);
      child.stdin.end();
      return ended;
    },

    open(program) {
      const { child, printed, ended } = start(program);
      return {
        ended,
        type: (text) => void child.stdin.write(text),
        prints: (what) =>
          new Promise<void>((resolve, reject) => {
            const look = () => (what.test(printed.stdout) ? resolve() : undefined);
            child.stdout.on('data', look);
            look();
            void ended
              .then(() => reject(new ProgramFailed(saidBy(printed) ?? 'it ended and printed nothing')), reject)
              .finally(() => child.stdout.off('data', look));
          }),
      };
    },
  };
}

/** The line that names the error, or the last one; null where it said nothing. */
function saidBy({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string | null {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map(printable)
    .filter((line) => line !== '');
  const named = lines.find((line) => /^(?:\[\S+\] )?(?:\w*error: |npm error (?!code ))/i.test(line));
  return named ?? lines.at(-1) ?? null;
}

/** Whatever of it still runs. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
