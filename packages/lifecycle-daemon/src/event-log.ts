/**
 * What the daemon did, one JSON object per line, one file per day of UTC. The daemon is its only writer. Older days are compressed and,
 * much later, removed; a crash in the middle of that leaves every line readable once, and the next round finishes it.
 */
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { appendJsonLine, formatInstant, keepCorruptCopy, parseInstant, type Clock, type Files, type Paths } from '@terok/sandbox';
import { isPlainObject } from './plain-object.ts';
import { sleepEventKinds, type SleepEvent } from './sleep/sleep-event.ts';

/** Everything that the log can say. The keys are those of the file. */
export type LifecycleLogEvent =
  | SleepEvent
  | { readonly event: 'daemon_started'; readonly pid: number; readonly version: string; readonly resident: boolean }
  | { readonly event: 'daemon_stopped'; readonly reason: string }
  | {
      readonly event: 'state_transition';
      readonly from: string;
      readonly to: string;
      readonly trigger: string;
      /** What brought the trigger about, such as the command of a client. */
      readonly cause?: string;
    }
  | { readonly event: 'shadow_run_warning'; readonly would_action: string; readonly blocked_by: string; readonly note: string }
  | { readonly event: 'state_recovered'; readonly fields: readonly string[]; readonly kept_as: string }
  | { readonly event: 'wake_signal_consumed'; readonly phase: 'start' | 'tick' }
  | { readonly event: 'clock_jump'; readonly ahead_ms: number }
  | {
      readonly event: 'first_turn_pending_expired';
      readonly dropped_count: number;
      readonly session_ids: readonly string[];
      readonly ttl_sec: number;
      readonly phase: 'startup' | 'tick';
    }
  | { readonly event: 'paused'; readonly until_ts: string }
  | { readonly event: 'resumed'; readonly reason: 'asked' | 'expired' }
  | { readonly event: 'lease_taken'; readonly lease_id: string; readonly until_ts: string; readonly reason: string }
  | { readonly event: 'lease_ended'; readonly lease_id: string; readonly reason: 'asked' | 'expired' }
  | { readonly event: 'digest_built'; readonly digest_id: string }
  | { readonly event: 'digest_acknowledged'; readonly digest_id: string }
  | { readonly event: 'client_dropped'; readonly reason: string }
  | { readonly event: 'digest_failed'; readonly problem: string }
  | { readonly event: 'probe_failed'; readonly probe: string; readonly problem: string }
  | { readonly event: 'tick_failed'; readonly problem: string }
  | { readonly event: 'log_compressed'; readonly compressed: number; readonly removed: number };

/** The daemon's own kinds as a value; with those of sleep, nothing else gets into the log. */
const ownEventKinds: Readonly<Record<Exclude<LifecycleLogEvent, SleepEvent>['event'], true>> = {
  daemon_started: true,
  daemon_stopped: true,
  state_transition: true,
  shadow_run_warning: true,
  state_recovered: true,
  wake_signal_consumed: true,
  clock_jump: true,
  first_turn_pending_expired: true,
  paused: true,
  resumed: true,
  lease_taken: true,
  lease_ended: true,
  digest_built: true,
  digest_acknowledged: true,
  client_dropped: true,
  digest_failed: true,
  probe_failed: true,
  tick_failed: true,
  log_compressed: true,
};
const eventKinds: ReadonlySet<string> = new Set([...Object.keys(ownEventKinds), ...sleepEventKinds]);

export type EventLogContext = { readonly paths: Pick<Paths, 'events'>; readonly files: Files; readonly clock: Clock };

/** One line of the log as it was read: `ts` and `event` are there, the rest is what that kind of event says. */
export type LoggedEvent = Readonly<Record<string, unknown>> & { readonly ts: string; readonly event: string };

/** The file of the day that `now` falls on. */
export function eventLogPath(paths: Pick<Paths, 'events'>, now: Date): string {
  return join(paths.events, `lifecycle-events-${dayOf(now)}.jsonl`);
}

/** Adds one line, stamped with the moment unless it brings one. Throws a TypeError for what is none of the known kinds. */
export async function appendEvent(
  { paths, files, clock }: EventLogContext,
  event: LifecycleLogEvent & { readonly ts?: string },
): Promise<void> {
  if (!isPlainObject(event) || !eventKinds.has(event.event)) throw new TypeError(`no event of the lifecycle log: ${JSON.stringify(event)}`);
  const now = clock.now();
  await appendJsonLine(
    files,
    eventLogPath(paths, now),
    { ts: formatInstant(now), ...event },
    { maxBytes: dayFileMaxBytes, keep: turnedFilesKept },
  );
}

/** What was logged on one day of UTC (`2026-05-02`), oldest first. Lines that cannot be read are left out. */
export async function readEvents({ paths, files }: Pick<EventLogContext, 'paths' | 'files'>, day: string): Promise<readonly LoggedEvent[]> {
  const ofTheDay = (await logFiles(paths, files)).filter((file) => file.day === day).toSorted((a, b) => b.turned - a.turned);
  const events: LoggedEvent[] = [];
  for (const turned of new Set(ofTheDay.map((file) => file.turned))) {
    const plain = ofTheDay.find((file) => file.turned === turned && !file.compressed);
    const packed = ofTheDay.find((file) => file.turned === turned && file.compressed);
    const text = await merged(files, plain?.path ?? null, packed?.path ?? null);
    events.push(
      ...text
        .toString('utf8')
        .split('\n')
        .map(parseLine)
        .filter((event) => event !== null),
    );
  }
  return events;
}

/** What was logged from a moment on, in the order of the log. */
export async function eventsSince(ctx: Pick<EventLogContext, 'paths' | 'files'>, since: Date): Promise<readonly LoggedEvent[]> {
  const days = (await eventDays(ctx)).filter((day) => day >= dayOf(since));
  const events = await Promise.all(days.map((day) => readEvents(ctx, day)));
  return events.flat().filter(({ ts }) => (parseInstant(ts)?.getTime() ?? -Infinity) >= since.getTime());
}

/** The days of which there is a log, oldest first. */
export async function eventDays({ paths, files }: Pick<EventLogContext, 'paths' | 'files'>): Promise<readonly string[]> {
  return [...new Set((await logFiles(paths, files)).map(({ day }) => day))].toSorted();
}

/** How many files a round compressed, and how many it removed. */
export type LogRotation = { readonly compressed: number; readonly removed: number };

/**
 * Compresses the days that are at least `compressAfterDays` old, and removes those of at least `keepDays`. Today's file is never touched,
 * nor one whose name says no day. Interrupted anywhere, it loses no line and doubles none, and can be done again.
 */
export async function rotateEventLog(
  ctx: EventLogContext,
  { compressAfterDays = 7, keepDays = 400 }: { readonly compressAfterDays?: number; readonly keepDays?: number } = {},
): Promise<LogRotation> {
  const today = dayOf(ctx.clock.now());
  const found = (await logFiles(ctx.paths, ctx.files)).map((file) => ({ ...file, ageDays: daysBetween(file.day, today) }));

  const old = found.filter(({ ageDays }) => ageDays >= Math.max(1, keepDays));
  for (const { path } of old) await ctx.files.remove(path);

  const ripe = found.filter(
    ({ ageDays, compressed }) => ageDays >= Math.max(1, compressAfterDays) && ageDays < Math.max(1, keepDays) && !compressed,
  );
  for (const { path } of ripe) await compress(ctx, path);
  return { compressed: ripe.length, removed: old.length };
}

const dayFileMaxBytes = 4 * 1024 * 1024;
const turnedFilesKept = 3;
const readMaxBytes = 2 * dayFileMaxBytes;
const unpackedMaxBytes = 8 * readMaxBytes;
const dayMs = 86_400_000;
const fileName = /^lifecycle-events-(\d{4}-\d{2}-\d{2})\.jsonl(?:\.(\d))?(\.gz)?$/;
const gzipBytes = promisify(gzip);
const gunzipBytes = promisify(gunzip);

type LogFile = { readonly path: string; readonly day: string; readonly turned: number; readonly compressed: boolean };

async function logFiles(paths: Pick<Paths, 'events'>, files: Files): Promise<readonly LogFile[]> {
  const entries = await files.list(paths.events);
  return entries.flatMap(({ name, kind }) => {
    const [, day = '', turned = '0', packed] = fileName.exec(name) ?? [];
    if (kind !== 'file' || parseInstant(`${day}T00:00:00Z`) === null) return [];
    return [{ path: join(paths.events, name), day, turned: Number(turned), compressed: packed !== undefined }];
  });
}

/** The compressed file is whole before the plain one goes; a plain one beside a compressed one is what a crash or a clock set back left. */
async function compress({ files, clock }: EventLogContext, path: string): Promise<void> {
  const packed = `${path}.gz`;
  const hasPacked = (await files.stat(packed)) !== null;
  if (hasPacked && (await unpacked(files, packed)) === null) await keepCorruptCopy(files, clock, packed);
  const content = await merged(files, path, hasPacked ? packed : null);
  await files.replace(packed, await gzipBytes(content), { mode: 0o600 });
  await files.remove(path);
}

/** The lines of both, each once, whichever of the two a crash left more of. */
async function merged(files: Files, path: string | null, packed: string | null): Promise<Buffer> {
  const plain = path === null ? null : Buffer.from((await files.read(path, { maxBytes: readMaxBytes })) ?? []);
  const before = packed === null ? null : await unpacked(files, packed);
  if (before === null) return plain ?? Buffer.alloc(0);
  if (plain === null || endsWith(before, plain)) return before;
  if (startsWith(plain, before)) return plain;
  const torn = before.length > 0 && before.at(-1) !== newline;
  return Buffer.concat([before, Buffer.from(torn ? '\n' : ''), plain]);
}

/** Null when it is no compressed file, or one that stops in the middle. */
async function unpacked(files: Files, path: string): Promise<Buffer | null> {
  const bytes = await files.read(path, { maxBytes: readMaxBytes });
  try {
    return bytes === null ? null : await gunzipBytes(bytes, { maxOutputLength: unpackedMaxBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(?:Z_|ERR_BUFFER)/.test(error.code)) return null;
    throw new Error(`could not unpack ${basename(path)}`, { cause: error });
  }
}

const newline = 0x0a;

function endsWith(whole: Buffer, part: Buffer): boolean {
  return part.length <= whole.length && whole.subarray(whole.length - part.length).equals(part);
}

function startsWith(whole: Buffer, part: Buffer): boolean {
  return part.length <= whole.length && whole.subarray(0, part.length).equals(part);
}

function parseLine(line: string): LoggedEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!isPlainObject(value)) return null;
    const { ts, event } = value;
    return typeof ts === 'string' && typeof event === 'string' ? { ...value, ts, event } : null;
  } catch {
    return null; // an empty line, or one that a crash tore
  }
}

function dayOf(now: Date): string {
  return formatInstant(now).slice(0, 10);
}

function daysBetween(day: string, today: string): number {
  const at = (text: string): number => parseInstant(`${text}T00:00:00Z`)?.getTime() ?? Number.NaN;
  return Math.round((at(today) - at(day)) / dayMs);
}
