/** What the person does while a task runs before them: watch, ask for its end (Ctrl-C), or leave (the terminal, the pipe or the session goes). */
import type { Note } from '../output/note.ts';
import type { World } from '../world/world.ts';

export interface Attention {
  /** Aborted at the first Ctrl-C. */
  readonly interrupt: AbortSignal;
  /** Aborted when nobody watches any more. */
  readonly departure: AbortSignal;
  /** 128 and the number of the signal that took the person away; of a lost output, that of SIGPIPE. */
  departureExitCode(): number;
  /** Puts the defaults back. */
  end(): void;
}

export function watchAttention({ onSignal, stdout }: Pick<World, 'onSignal' | 'stdout'>, note: Note): Attention {
  const interrupt = new AbortController();
  const departure = new AbortController();
  let exitCode: number = departureExitCodes.lost;
  const leave = (code: number) => () => {
    if (!departure.signal.aborted) exitCode = code;
    departure.abort();
  };

  const forgets = [
    onSignal('SIGINT', () => {
      note.say(interrupt.signal.aborted ? 'Still stopping; the work of the task is kept.' : 'Stopping …');
      interrupt.abort();
    }),
    onSignal('SIGHUP', leave(departureExitCodes.SIGHUP)),
    onSignal('SIGTERM', leave(departureExitCodes.SIGTERM)),
    stdout.onLost(leave(departureExitCodes.lost)),
  ];
  return {
    interrupt: interrupt.signal,
    departure: departure.signal,
    departureExitCode: () => exitCode,
    end: () => forgets.forEach((forget) => forget()),
  };
}

const departureExitCodes = { SIGHUP: 129, lost: 141, SIGTERM: 143 } as const;

/** Fulfilled once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
