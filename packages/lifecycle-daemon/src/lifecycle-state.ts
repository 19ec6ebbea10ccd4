/**
 * The daemon's one record, `lifecycle_state.json`: which of the four states it is in, since when, and how far its work in SLEEP got.
 * Only the daemon writes it. The keys are the reference's; those that we do not know survive.
 */
import { parseInstant, formatInstant, readText, TerokError, z, type Clock, type Files, type Paths } from '@terok/sandbox';
import { lifecycleErrors } from './errors.ts';
import { isPlainObject, nestsDeeperThan } from './plain-object.ts';

export const LifecycleState = { WAKE: 'WAKE', DROWSY: 'DROWSY', SLEEP: 'SLEEP', HIBERNATION: 'HIBERNATION' } as const;
export type LifecycleState = (typeof LifecycleState)[keyof typeof LifecycleState];

/** The number of the last step of a sleep cycle; the first is 1, and 0 means that none is done. */
export const LAST_SLEEP_STEP = 7;

const moment = z.string().check(z.refine((text) => parseInstant(text) !== null, 'Not a moment such as 2026-05-02T15:00:00.000+00:00'));

/** How far a sleep cycle got. A part that is left out has not been set yet. */
const SleepCycleProgress = z.looseObject({
  last_completed_step: z.optional(z.int().check(z.nonnegative(), z.maximum(LAST_SLEEP_STEP))),
  attempt: z.optional(z.int().check(z.nonnegative())),
  last_error: z.optional(z.nullable(z.string())),
  started_at: z.optional(moment),
});
export type SleepCycleProgress = Readonly<z.infer<typeof SleepCycleProgress>>;

/** The cycle is not tried again before `until_ts`. */
const Quarantine = z.looseObject({ until_ts: moment, reason: z.string(), since_ts: moment });
export type Quarantine = Readonly<z.infer<typeof Quarantine>>;

/** Moments are ISO 8601, UTC where they name no offset. */
const LifecycleStateRecord = z.looseObject({
  current_state: z.enum(LifecycleState),
  since_ts: moment,
  last_activity_ts: moment,
  /** Counts events that came from people; stays at the largest safe integer once it is there. */
  wrapper_event_seq: z.int().check(z.nonnegative()),
  sleep_cycle_progress: z.nullable(SleepCycleProgress),
  quarantine: z.nullable(Quarantine),
  /** Whether HIBERNATION is only entered and logged, while the process stays. Written for whoever looks, never read as a setting. */
  shadow_run: z.boolean(),
  /** Absent in files of schema 1. */
  schema_version: z.optional(z.int().check(z.positive())),
});
export type LifecycleStateRecord = Readonly<z.infer<typeof LifecycleStateRecord>>;

export type LifecycleContext = {
  readonly paths: Pick<Paths, 'lifecycleState' | 'daemonState'>;
  readonly files: Files;
  readonly clock: Clock;
};

export type LoadedLifecycleState = {
  readonly record: LifecycleStateRecord;
  /** The keys whose values could not be used and were replaced; the file still has them. Empty for a good file, and for none. */
  readonly recovered: readonly string[];
};

const schemaKnown = 1;
const fileMaxBytes = 64 * 1024;
const nestingMax = 32;

/** What makes a file as a whole useless, rather than one value in it. A link at its path is refused, and what cannot be read at all is said. */
const unusable: readonly string[] = ['FILE_TOO_LARGE', 'FILE_NOT_UTF8', 'FILE_NOT_REGULAR'];

export function lifecycleStatePath(paths: Pick<Paths, 'lifecycleState'>): string {
  return paths.lifecycleState;
}

/** Awake, and nothing has happened yet. */
export function defaultLifecycleState(now: Date): LifecycleStateRecord {
  return {
    current_state: LifecycleState.WAKE,
    since_ts: formatInstant(now),
    last_activity_ts: formatInstant(now),
    wrapper_event_seq: 0,
    sleep_cycle_progress: null,
    quarantine: null,
    shadow_run: false,
  };
}

/** The value as a record, a missing progress or quarantine spelled out as null. Throws LIFECYCLE_STATE_INVALID. */
export function validateLifecycleState(raw: unknown): LifecycleStateRecord {
  if (!isPlainObject(raw)) throw lifecycleErrors.LIFECYCLE_STATE_INVALID({ problem: 'it is not an object' });
  if (nestsDeeperThan(raw, nestingMax))
    throw lifecycleErrors.LIFECYCLE_STATE_INVALID({ problem: `it nests more than ${nestingMax} levels deep` });
  const record = withExplicitNulls(raw);
  const parsed = LifecycleStateRecord.safeParse(record);
  if (!parsed.success) throw lifecycleErrors.LIFECYCLE_STATE_INVALID({ problem: problemOf(parsed.error) });
  return { ...record, ...parsed.data };
}

/**
 * The record on disk. None there: the default. A damaged one is saved value by value: what is good stays, the rest is as in the
 * default, and `recovered` names it. Never writes. Throws FILE_IS_LINK and what keeps a good file from being read.
 */
export async function loadLifecycleState(ctx: LifecycleContext, path = lifecycleStatePath(ctx.paths)): Promise<LoadedLifecycleState> {
  const fallback = defaultLifecycleState(ctx.clock.now());
  const found = await readObject(ctx.files, path);
  switch (found.kind) {
    case 'absent':
      return { record: fallback, recovered: [] };
    case 'unusable':
      return { record: fallback, recovered: Object.keys(fallback) };
    case 'object':
      return salvaged(withExplicitNulls(found.value), fallback);
  }
}

/** Replaces the record in one step (mode 0600). Throws LIFECYCLE_STATE_INVALID or LIFECYCLE_STATE_NEWER, and then writes nothing. */
export async function saveLifecycleState(
  ctx: LifecycleContext,
  record: LifecycleStateRecord,
  path = lifecycleStatePath(ctx.paths),
): Promise<void> {
  const valid = validateLifecycleState(record);
  const { schema_version: found = schemaKnown } = valid;
  if (found > schemaKnown) throw lifecycleErrors.LIFECYCLE_STATE_NEWER({ path, found, known: schemaKnown });

  const text = `${JSON.stringify(valid, undefined, 2)}\n`;
  if (Buffer.byteLength(text) > fileMaxBytes)
    throw lifecycleErrors.LIFECYCLE_STATE_INVALID({ problem: `it is larger than ${fileMaxBytes} bytes` });
  await ctx.files.replace(path, text, { mode: 0o600 });
}

type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable' }
  | { readonly kind: 'object'; readonly value: Readonly<Record<string, unknown>> };

async function readObject(files: Files, path: string): Promise<Found> {
  try {
    const text = await readText(files, path, { maxBytes: fileMaxBytes });
    if (text === null) return { kind: 'absent' };
    const value = parseJson(text);
    return isPlainObject(value) && !nestsDeeperThan(value, nestingMax) ? { kind: 'object', value } : { kind: 'unusable' };
  } catch (error) {
    if (error instanceof TerokError && unusable.includes(error.code)) return { kind: 'unusable' };
    throw error;
  }
}

function salvaged(raw: Readonly<Record<string, unknown>>, fallback: LifecycleStateRecord): LoadedLifecycleState {
  const recovered = Object.entries(LifecycleStateRecord.shape)
    .filter(([key, schema]) => !z.safeParse(schema, ownValue(raw, key)).success)
    .map(([key]) => key);
  const good = Object.fromEntries(Object.entries(raw).filter(([key]) => !recovered.includes(key)));
  return { record: validateLifecycleState({ ...fallback, ...good }), recovered };
}

/** Files of the reference may leave these two out. */
function withExplicitNulls(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...raw, sleep_cycle_progress: ownValue(raw, 'sleep_cycle_progress') ?? null, quarantine: ownValue(raw, 'quarantine') ?? null };
}

function ownValue(raw: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(raw, key) ? raw[key] : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf({ issues }: z.core.$ZodError): string {
  const [first] = issues;
  return first === undefined ? 'nothing says why' : `${first.path.join('.')}: ${first.message}`;
}
