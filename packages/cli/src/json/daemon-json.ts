/** What `terok daemon … --json` and `terok digest --json` print. */
import { Digest } from '@terok/lifecycle-daemon';
import { z } from '@terok/sandbox';

const moment = z.nullable(z.string());

export const DaemonStatusJson = z.strictObject({
  running: z.boolean(),
  /** Where none runs: the state it was in at its end; null where there never was one. */
  state: z.nullable(z.string()),
  since: moment,
  /** The rest is null where none runs. */
  version: z.nullable(z.string()),
  pid: z.nullable(z.number()),
  started_at: moment,
  idle_s: z.nullable(z.number()),
  resident: z.nullable(z.boolean()),
  paused_until: moment,
  leases: z.array(z.strictObject({ lease: z.string(), reason: z.string(), until: z.string() })),
  /** What keeps it from sleeping; null when that was not looked at lately. */
  kept_awake_by: z.nullable(z.array(z.string())),
  running_step: z.nullable(z.string()),
  digest: z.nullable(z.string()),
  clients: z.nullable(z.number()),
  troubles: z.array(z.string()),
});
export type DaemonStatusJson = z.infer<typeof DaemonStatusJson>;

/** `started`: false where it ran already. */
export const DaemonStartJson = z.strictObject({ pid: z.number(), started: z.boolean() });
export type DaemonStartJson = z.infer<typeof DaemonStartJson>;

export const DaemonStateJson = z.strictObject({ state: z.string() });
export type DaemonStateJson = z.infer<typeof DaemonStateJson>;

/** `marked`: no daemon listens, and a mark waits for the next one. */
export const DaemonWakeJson = z.strictObject({ woken: z.enum(['told', 'marked']) });
export type DaemonWakeJson = z.infer<typeof DaemonWakeJson>;

export const DaemonPauseJson = z.strictObject({ paused_until: z.string() });
export type DaemonPauseJson = z.infer<typeof DaemonPauseJson>;

export const DaemonResumeJson = z.strictObject({ was_paused: z.boolean() });
export type DaemonResumeJson = z.infer<typeof DaemonResumeJson>;

export const DaemonKeepAwakeJson = z.strictObject({ lease: z.string(), until: z.string() });
export type DaemonKeepAwakeJson = z.infer<typeof DaemonKeepAwakeJson>;

export const DaemonReleaseJson = z.strictObject({ released: z.boolean() });
export type DaemonReleaseJson = z.infer<typeof DaemonReleaseJson>;

export const DaemonStepsJson = z.strictObject({
  steps: z.array(
    z.strictObject({
      step: z.string(),
      number: z.number(),
      title: z.string(),
      failures: z.number(),
      /** Not tried before. */
      until: moment,
    }),
  ),
});
export type DaemonStepsJson = z.infer<typeof DaemonStepsJson>;

export const DaemonStepRunJson = z.strictObject({
  step: z.string(),
  dry_run: z.boolean(),
  outcome: z.enum(['completed', 'failed', 'timed_out', 'aborted']),
  error: z.nullable(z.string()),
  duration_s: z.number(),
  bytes_reclaimed: z.number(),
  decisions: z.array(z.strictObject({ subject: z.string(), decision: z.string(), reason: z.string(), bytes: z.optional(z.number()) })),
  problems: z.array(z.strictObject({ subject: z.string(), problem: z.string(), fix: z.optional(z.string()) })),
});
export type DaemonStepRunJson = z.infer<typeof DaemonStepRunJson>;

export const DaemonStepsResetJson = z.strictObject({ lifted: z.array(z.string()) });
export type DaemonStepsResetJson = z.infer<typeof DaemonStepsResetJson>;

/** One line of the daemon's log; what else an event says stands beside these two. */
export const DaemonLogLineJson = z.looseObject({ ts: z.string(), event: z.string() });
export type DaemonLogLineJson = z.infer<typeof DaemonLogLineJson>;

/** Null: there is nothing to tell. */
export const DigestJson = z.strictObject({ digest: z.nullable(Digest) });
export type DigestJson = z.infer<typeof DigestJson>;
