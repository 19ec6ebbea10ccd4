/**
 * The only writer of the record. An event becomes the next record, which is on the disk before anybody hears of it; then it is told
 * to the log and to whoever watches. Two events never come in between each other.
 */
import { formatInstant, TerokError } from '@terok/sandbox';
import { appendEvent, type EventLogContext, type LifecycleLogEvent } from './event-log.ts';
import { lifecycleErrors } from './errors.ts';
import { saveLifecycleState, type LifecycleContext, type LifecycleStateRecord } from './lifecycle-state.ts';
import { afterEvent, type Dispatched, type EventPayload, type LifecycleEvent } from './machine.ts';
import { oneAtATime } from './one-at-a-time.ts';

export type DispatchContext = LifecycleContext & EventLogContext;

/** An event with its moment, as its line in the log has it. */
export type ToldEvent = LifecycleLogEvent & { readonly ts: string };
/** Every event as it is logged: whoever watches hears it after it is kept. */
export type Watcher = (event: ToldEvent) => void;

export type DispatchCall = {
  readonly payload?: EventPayload;
  /** Told beside the trigger. */
  readonly cause?: string;
  /** Asked when it is this event's turn; false drops it. */
  readonly onlyIf?: () => boolean;
};

export interface Dispatcher {
  /** The record as it is on the disk. */
  record(): LifecycleStateRecord;
  /** Rejects, and changes nothing, when the record cannot be kept. */
  dispatch(event: LifecycleEvent, options?: DispatchCall): Promise<Dispatched>;
  /** Changes what is no transition, such as the progress of a sleep cycle. The same object back means that nothing changed. */
  update(change: (record: LifecycleStateRecord) => LifecycleStateRecord): Promise<LifecycleStateRecord>;
  /** Logs an event, and tells it to whoever watches. A line that cannot be written is counted in `eventsLost`, and fails nothing. */
  tell(event: LifecycleLogEvent): Promise<void>;
  /** Every event from now on, until the returned function is called. */
  watch(watcher: Watcher): () => void;
  eventsLost(): number;
  /** From here on nothing is written any more: what comes late is refused with DAEMON_STOPPING, or not told. */
  close(): void;
}

export type DispatchOptions = {
  /** The record as it was loaded. */
  readonly record: LifecycleStateRecord;
  /** How this daemon runs; written into the record. */
  readonly shadowRun: boolean;
};

export function dispatcher(ctx: DispatchContext, { record: loaded, shadowRun }: DispatchOptions): Dispatcher {
  const inTurn = oneAtATime();
  const logging = oneAtATime();
  const watchers = new Set<Watcher>();
  let record = loaded;
  let eventsLost = 0;
  let closed = false;

  const keep = async (next: LifecycleStateRecord): Promise<void> => {
    if (next === record) return;
    if (closed) throw lifecycleErrors.DAEMON_STOPPING({});
    await saveLifecycleState(ctx, next);
    record = next;
  };
  const tell = (event: LifecycleLogEvent): Promise<void> =>
    logging(async () => {
      if (closed) return;
      const told: ToldEvent = { ts: formatInstant(ctx.clock.now()), ...event };
      try {
        await appendEvent(ctx, told);
      } catch (error) {
        if (!(error instanceof TerokError)) throw error;
        eventsLost++; // the state is kept already; a full disk must not undo what happened
      }
      for (const watcher of watchers) watcher(told);
    });

  return {
    record: () => record,
    dispatch: (event, { payload = {}, cause, onlyIf = () => true } = {}) =>
      inTurn(async () => {
        if (!onlyIf()) return { record, transition: null };
        const dispatched = afterEvent(record, event, { now: ctx.clock.now(), shadowRun, payload });
        await keep(dispatched.record);
        const { transition } = dispatched;
        if (transition !== null) {
          await tell({ event: 'state_transition', ...transition, trigger: event, ...(cause === undefined ? {} : { cause }) });
          if (transition.to === 'HIBERNATION' && shadowRun) await tell(stayingAwake);
        }
        return dispatched;
      }),
    update: (change) =>
      inTurn(async () => {
        await keep(change(record));
        return record;
      }),
    tell,
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    eventsLost: () => eventsLost,
    close: () => {
      closed = true;
    },
  };
}

/** In the reference's words. */
const stayingAwake: LifecycleLogEvent = {
  event: 'shadow_run_warning',
  would_action: 'hibernate_kill_process',
  blocked_by: 'shadow_run=True',
  note: 'The process stays and looks around slowly: nothing here would start it again.',
};
