/**
 * What goes over the daemon's socket: one JSON object per line. A request has `v`, an `id` that comes back with its reply, the `op`
 * and its `args`; `client_version` is the release that asks. A reply has `v`, `version` (the daemon's release), `id`, and either `ok: true`
 * with a `result` or `ok: false` with an `error`. To those who subscribed, lines with an `event` come in between.
 */
import { z } from '@terok/sandbox';
import { LifecycleState } from '../lifecycle-state.ts';
import { sleepStepIds } from '../sleep/sleep-step.ts';

export const protocolVersion = 1;
/** Longest line the daemon takes, and longest one a client does: the digest is kept in a file of at most half of that. */
export const requestMaxBytes = 64 * 1024;
export const replyMaxBytes = 2 * 1024 * 1024;

const text = (maxLength: number) => z.string().check(z.minLength(1), z.maxLength(maxLength));
const sessionId = text(128);
const reason = text(500);
const seconds = z.int().check(z.minimum(1), z.maximum(86_400));
const stepId = z.enum(sleepStepIds);
const nullableText = z.nullable(z.string());
const nothing = z.strictObject({});

const lease = z.looseObject({ lease_id: z.string(), reason: z.string(), until_ts: z.string() });

const stepDecision = z.looseObject({ subject: z.string(), decision: z.string(), reason: z.string(), bytes: z.optional(z.number()) });
const stepProblem = z.looseObject({ subject: z.string(), problem: z.string(), fix: z.optional(z.string()) });

const status = z.looseObject({
  state: z.enum(LifecycleState),
  since_ts: z.string(),
  /** The older view of the state. */
  fsm_state: z.string(),
  pid: z.int(),
  started_ts: z.string(),
  uptime_sec: z.number(),
  idle_sec: z.number(),
  last_activity_ts: z.string(),
  resident: z.boolean(),
  paused_until_ts: nullableText,
  leases: z.array(lease),
  /** What keeps the house from sleeping, when it was last looked at; null when it was not. */
  vetoes: z.nullable(z.array(z.string())),
  cycle: z.looseObject({
    running_step: nullableText,
    complete: z.boolean(),
    last_completed_step: z.int(),
    started_ts: nullableText,
    /** When a step that failed is tried again. */
    retry_ts: nullableText,
  }),
  quarantine: z.nullable(z.looseObject({ until_ts: z.string(), reason: z.string(), since_ts: z.string() })),
  steps: z.array(z.looseObject({ id: z.string(), number: z.int(), title: z.string(), failures: z.int(), until_ts: nullableText })),
  digest_id: nullableText,
  clients: z.int(),
  /** What went wrong without stopping anything. Empty in a healthy daemon. */
  troubles: z.array(z.string()),
});

const digestOffer = z.looseObject({ digest: z.nullable(z.looseObject({})), digest_id: nullableText });

const moved = z.looseObject({ state: z.enum(LifecycleState) });

/** Every command: what it takes, and what it answers. */
export const commands = {
  status: { args: nothing, result: status },
  /** From here on every event of the log comes over this connection too. */
  subscribe: { args: nothing, result: z.looseObject({ state: z.enum(LifecycleState) }) },
  /** Somebody is there. */
  wake: { args: z.strictObject({ reason: z.optional(reason) }), result: moved },
  'sleep-now': { args: z.strictObject({ reason: z.optional(reason) }), result: moved },
  /** No sleep and no hibernation for so long. */
  pause: { args: z.strictObject({ for_sec: seconds }), result: z.looseObject({ paused_until_ts: z.string() }) },
  resume: { args: nothing, result: z.looseObject({ was_paused: z.boolean() }) },
  /** Counts as somebody who is there, for so long. */
  'keep-awake': { args: z.strictObject({ for_sec: seconds, reason }), result: lease },
  'release-lease': { args: z.strictObject({ lease_id: text(64) }), result: z.looseObject({ released: z.boolean() }) },
  'session-opened': { args: z.strictObject({ session_id: sessionId }), result: z.looseObject({}) },
  'consume-first-turn': { args: z.strictObject({ session_id: sessionId }), result: z.looseObject({ first_turn: z.boolean() }) },
  /** The digest that waits; with `due_only`, only one that is due to be shown. It waits on until it is acknowledged. */
  digest: {
    args: z.strictObject({ due_only: z.optional(z.boolean()) }),
    result: digestOffer,
  },
  /**
   * The digest that is due, to be shown by whoever asks and by nobody else: until this connection ends, or a digest is acknowledged, no other
   * connection is handed one. A session's first turn is over with it.
   */
  'claim-digest': { args: z.strictObject({ session_id: z.optional(sessionId) }), result: digestOffer },
  ack: { args: z.strictObject({ digest_id: text(64) }), result: z.looseObject({ acknowledged: z.boolean() }) },
  /** Runs one step by itself, and answers when it has ended. */
  'run-step': {
    args: z.strictObject({ id: stepId, dry_run: z.optional(z.boolean()) }),
    result: z.looseObject({
      outcome: z.enum(['completed', 'failed', 'timed_out', 'aborted']),
      error: nullableText,
      duration_sec: z.number(),
      bytes_reclaimed: z.number(),
      counts: z.record(z.string(), z.number()),
      /** The first of them; `counts` says how many there are. */
      decisions: z.array(stepDecision),
      problems: z.array(stepProblem),
    }),
  },
  /** Without a step: all of them. */
  'lift-quarantine': { args: z.strictObject({ id: z.optional(stepId) }), result: z.looseObject({ lifted: z.array(z.string()) }) },
  shutdown: { args: z.strictObject({ reason: z.optional(reason) }), result: z.looseObject({}) },
} as const;

export type CommandName = keyof typeof commands;
export type CommandArgs<N extends CommandName> = z.output<(typeof commands)[N]['args']>;
export type CommandResult<N extends CommandName> = z.output<(typeof commands)[N]['result']>;
export type DaemonStatus = CommandResult<'status'>;

export const request = z.looseObject({
  v: z.int(),
  id: z.union([z.int(), z.string().check(z.maxLength(128))]),
  op: z.string().check(z.maxLength(64)),
  args: z.optional(z.unknown()),
  client_version: z.optional(z.string().check(z.maxLength(64))),
});
export type Request = z.output<typeof request>;
export type RequestId = Request['id'];

const problem = z.looseObject({ code: z.string(), message: z.string(), hint: z.optional(z.string()) });
export type ReplyProblem = z.output<typeof problem>;

const said = {
  v: z.int(),
  version: z.string(),
  /** To a client of a newer release, of a daemon that nobody else would start again: it ends, and the client is to start the next one. */
  replace: z.optional(z.literal(true)),
};
const replyId = z.nullable(z.union([z.int(), z.string()]));

/** One line of the daemon: a reply, or an event. `id` is null where the request's could not be read. */
export const replyLine = z.union([
  z.object({ ...said, id: replyId, ok: z.literal(true), result: z.unknown() }),
  z.object({ ...said, id: replyId, ok: z.literal(false), error: problem }),
  z.object({ ...said, event: z.looseObject({ event: z.string() }) }),
]);
export type ReplyLine = z.output<typeof replyLine>;

export function isCommandName(op: string): op is CommandName {
  return Object.hasOwn(commands, op);
}
