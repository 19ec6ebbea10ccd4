/** What a sleep cycle tells the event log, and whoever watches. Durations in seconds, moments as in every record of ours. */
import type { SleepStepId, StepProblem } from './sleep-step.ts';

/** Which step: its name and its number. */
type OfStep = { readonly step: SleepStepId; readonly step_num: number };

export type SleepEvent =
  | ({ readonly event: 'sleep_step_started' } & OfStep)
  | ({
      readonly event: 'sleep_step_completed';
      readonly duration_sec: number;
      /** How often each decision was made: `{ "remove": 2, "keep": 7 }`. */
      readonly decisions: Readonly<Record<string, number>>;
      readonly bytes_reclaimed: number;
      /** At most twenty. */
      readonly problems: readonly StepProblem[];
    } & OfStep)
  /** Told apart from a success by its error. */
  | ({ readonly event: 'sleep_step_completed'; readonly duration_sec: number; readonly error: string; readonly attempt: number } & OfStep)
  | ({ readonly event: 'sleep_step_skipped'; readonly reason: 'quarantined' | 'not_registered'; readonly until_ts: string | null } & OfStep)
  | ({ readonly event: 'sleep_step_deferred'; readonly duration_sec: number; readonly left_behind: boolean } & OfStep)
  | ({
      readonly event: 'quarantine_entered';
      readonly reason: string;
      readonly until_ts: string;
      readonly ttl_hours: number;
    } & OfStep)
  | {
      readonly event: 'quarantine_lifted';
      /** Null: of the cycle as a whole. */
      readonly step: SleepStepId | null;
      readonly reason: 'auto_recovery_after_ttl' | 'manual_reset';
      readonly prior_until_ts: string | null;
    }
  | { readonly event: 'sleep_cycle_completed'; readonly completed: readonly SleepStepId[]; readonly skipped: readonly SleepStepId[] };

/** Every kind, for logs that take no other. */
export const sleepEventKinds = [
  'sleep_step_started',
  'sleep_step_completed',
  'sleep_step_skipped',
  'sleep_step_deferred',
  'quarantine_entered',
  'quarantine_lifted',
  'sleep_cycle_completed',
] as const satisfies readonly SleepEvent['event'][];
