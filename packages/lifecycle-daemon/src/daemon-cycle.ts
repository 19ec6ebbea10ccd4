/** The sleep cycle beside the ticks: begun when it is due, ended within a second when somebody comes, taken up again when a step may be tried again. */
import type { Clock } from '@terok/sandbox';
import type { Dispatcher } from './dispatch.ts';
import { runSleepCycle, runSleepStep, type SleepCycleResult } from './sleep/run-sleep-cycle.ts';
import type { SleepStep, SleepStepId } from './sleep/sleep-step.ts';
import { stepSlot, type StepEnd } from './sleep/step-slot.ts';
import type { SleepEvent } from './sleep/sleep-event.ts';

export interface Cycle {
  /** Begins the cycle, or goes on with it, unless it runs, is complete, or has to wait. Not waited for. */
  begin(): void;
  isRunning(): boolean;
  /** Every step of this sleep is done or was passed over. */
  isComplete(): boolean;
  /** When it goes on, where it has to wait for that. */
  retryAt(): Date | null;
  /** The step that runs, or was left behind and has not ended. */
  occupant(): SleepStepId | null;
  /** Resolves within a second, when nothing of the cycle runs any more but what was left behind. */
  abort(): Promise<void>;
  /** Resolves when the step that runs is done, of the cycle or by itself; no other of the cycle is begun. */
  endAfterStep(): Promise<void>;
  /** Somebody came and went: the next sleep has a cycle of its own. */
  renew(): void;
  /** The clock was set: what was to be waited for is asked again. */
  forgetWaiting(): void;
  /** One step by itself. STEP_BUSY while another has not ended. */
  runStep(step: SleepStep, options: { readonly dryRun: boolean; readonly signal: AbortSignal }): Promise<StepEnd>;
}

export type CycleOptions = {
  readonly steps: readonly SleepStep[];
  readonly dispatcher: Dispatcher;
  /** The cycle ended, one way or another. A failure is none of a step's, but for instance a record that could not be kept. */
  readonly onEnd: (failure: { readonly error: unknown } | null) => void;
};

/** How long a cycle waits that could not be kept, or found a step that was left behind. */
const againMs = 60_000;

export function cycleOf(ctx: { readonly clock: Clock }, { steps, dispatcher, onEnd }: CycleOptions): Cycle {
  const slot = stepSlot(ctx.clock);
  let running: { readonly stop: AbortController; readonly ended: Promise<void> } | null = null;
  let alone: Promise<void> = Promise.resolve();
  let ending = false;
  let complete = false;
  let retryAt: Date | null = null;

  const again = (): Date => new Date(ctx.clock.now().getTime() + againMs);
  const take = (result: SleepCycleResult): void => {
    switch (result.kind) {
      case 'complete':
        complete = true;
        break;
      case 'aborted':
        break;
      case 'waiting':
      case 'held':
        retryAt = result.until;
        break;
      case 'busy':
        retryAt = again();
        break;
    }
  };
  const run = async (stop: AbortController): Promise<void> => {
    const onEvent = async (event: SleepEvent): Promise<void> => {
      await dispatcher.tell(event);
      if (ending && event.event !== 'sleep_step_started') stop.abort();
    };
    let failure: { readonly error: unknown } | null = null;
    try {
      take(await runSleepCycle(ctx, { steps, update: (change) => dispatcher.update(change), slot, signal: stop.signal, onEvent }));
    } catch (error) {
      retryAt = again();
      failure = { error };
    } finally {
      running = null;
      onEnd(failure);
    }
  };

  return {
    begin: () => {
      const waits = retryAt !== null && retryAt.getTime() > ctx.clock.now().getTime();
      if (running !== null || complete || waits || ending) return;
      retryAt = null;
      const stop = new AbortController();
      running = { stop, ended: Promise.resolve() };
      running = { stop, ended: run(stop) };
    },
    isRunning: () => running !== null,
    isComplete: () => complete,
    retryAt: () => retryAt,
    occupant: () => slot.occupant(),
    abort: async () => {
      running?.stop.abort();
      await running?.ended;
    },
    endAfterStep: async () => {
      ending = true;
      await running?.ended;
      await alone;
    },
    renew: () => {
      complete = false;
      retryAt = null;
    },
    forgetWaiting: () => {
      retryAt = null;
    },
    runStep: (step, { dryRun, signal }) => {
      const end = runSleepStep(step, { slot, signal, onEvent: (event) => dispatcher.tell(event), dryRun });
      alone = Promise.allSettled([alone, end]).then(() => undefined);
      return end;
    },
  };
}
