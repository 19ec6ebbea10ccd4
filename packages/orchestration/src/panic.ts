/**
 * The emergency brake: every container of this installation is stopped at once, and none is started until a person says so.
 * Nothing is removed, so that what happened can be looked at. It asks podman by label and no record: a task whose record is
 * damaged, or whose project is broken, is stopped like any other.
 */
import { dirname, join } from 'node:path';
import { installationLabels, labelNames, type ContainerRow } from '@terok/executor';
import { formatInstant, parseInstant, TerokError } from '@terok/sandbox';
import { isUp } from './containers/live-containers.ts';
import { projectErrors } from './errors.ts';
import type { TaskContext } from './task-context.ts';
import { isTaskId } from './tasks/identity.ts';
import { updateTask } from './tasks/meta.ts';

/** `since` is null where the file does not say: that it is there is what counts. */
export type PanicState = { readonly kind: 'calm' } | { readonly kind: 'panic'; readonly since: Date | null };

export type PanicResult = {
  /** Names of the containers that were running and are not any more. */
  readonly stopped: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  /** What podman says of every container could not be learned to the end: some may still run. */
  readonly unknown: boolean;
};

type PanicContext = Pick<TaskContext, 'files' | 'paths'>;

/** Panic lock: the moment it began and a newline, in the core directory. */
const panicPath = ({ paths }: Pick<TaskContext, 'paths'>): string => join(dirname(paths.coreProjects), 'panic.lock');
const panicMaxBytes = 4096;

/** Whatever stands at the place counts as panic, readable or not. */
export async function panicState(ctx: PanicContext): Promise<PanicState> {
  const [read] = await ctx.files.readMany([panicPath(ctx)], { maxBytes: panicMaxBytes });
  if (read !== undefined && 'bytes' in read) {
    if (read.bytes === null) return { kind: 'calm' };
    return { kind: 'panic', since: parseInstant(new TextDecoder().decode(read.bytes).trim()) };
  }
  return { kind: 'panic', since: null };
}

/** What every launch asks: at its beginning, before its container starts, and when it has. Throws PANIC. */
export async function refuseDuringPanic(ctx: PanicContext): Promise<void> {
  const state = await panicState(ctx);
  if (state.kind === 'panic') throw projectErrors.PANIC({ since: state.since === null ? null : formatInstant(state.since) });
}

/** A launch that asked just before the panic began may start its container just after, and takes it back by itself; it should not run even for that long. */
const calmLooks = 2;
const looksMax = 10;
const betweenLooksMs = 500;

/**
 * The lock comes first. Again during a panic it keeps the moment, and stops what runs all the same. Throws what kept the lock from
 * being written, such as a full disk, when everything is stopped.
 */
export async function panicNow(ctx: TaskContext): Promise<PanicResult> {
  const unlocked = await lockError(ctx);
  const result = await stopEverything(ctx);
  if (unlocked !== null) throw unlocked;
  return result;
}

async function lockError(ctx: TaskContext): Promise<TerokError | null> {
  try {
    if ((await panicState(ctx)).kind === 'calm') await ctx.files.replace(panicPath(ctx), `${formatInstant(ctx.clock.now())}\n`);
    return null;
  } catch (error) {
    if (error instanceof TerokError) return error;
    throw error;
  }
}

async function stopEverything(ctx: TaskContext): Promise<PanicResult> {
  const stopped = new Set<string>();
  const failed = new Map<string, string>();
  let running: readonly ContainerRow[] = [];
  let unknown = false;
  for (let looks = 0, calm = 0; looks < looksMax && calm < calmLooks; looks++) {
    if (looks > 0) await ctx.clock.sleep(betweenLooksMs);
    const rows = await ctx.runtime.containers(installationLabels(ctx.installationId));
    unknown = rows === null;
    running = (rows ?? running).filter(isUp);
    calm = unknown || running.length > 0 ? 0 : calm + 1;
    await Promise.all(
      running.map(async (row) => {
        const error = await stopError(ctx, row.name);
        if (error === null) {
          stopped.add(row.name);
          failed.delete(row.name);
          await noteStop(ctx, row);
        } else failed.set(row.name, error);
      }),
    );
  }
  // What could not be stopped, and has ended all the same, did not fail.
  const left = [...failed].filter(([name]) => running.some((row) => row.name === name));
  return { stopped: [...stopped], failed: left.map(([name, error]) => ({ name, error })), unknown };
}

/** Containers stay stopped; false when there was no panic. */
export async function panicClear(ctx: PanicContext): Promise<boolean> {
  return ctx.files.remove(panicPath(ctx));
}

async function stopError({ runtime }: TaskContext, name: string): Promise<string | null> {
  try {
    await runtime.stop(name, { graceSeconds: 0 });
    return null;
  } catch (error) {
    if (error instanceof TerokError) return error.message;
    throw error;
  }
}

/** Afterwards, for speed; a task whose record cannot take it is stopped all the same. */
async function noteStop(ctx: TaskContext, { labels }: ContainerRow): Promise<void> {
  const [project, task] = [labels[labelNames.project], labels[labelNames.task]];
  if (project === undefined || !isTaskId(task)) return;
  try {
    await updateTask(ctx, project, task, { stop_requested_at: formatInstant(ctx.clock.now()) });
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
  }
}
