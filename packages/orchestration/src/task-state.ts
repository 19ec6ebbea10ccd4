/** What a task's state is called. Derived from facts whenever somebody asks, never stored. */
import { parseInstant } from '@terok/sandbox';
import type { TaskRecord } from './tasks/meta-record.ts';

export const taskStatuses = [
  'created',
  'starting',
  'init',
  'running',
  'paused',
  'completed',
  'failed',
  'stopped',
  'interrupted',
  'timed_out',
  'not found',
  'deleting',
  'damaged',
  'unknown',
] as const;
export type EffectiveStatus = (typeof taskStatuses)[number];

/** Facts about one task; what is left out is false or null. */
export type TaskState = {
  /** Podman's word for the container in lower case; null: there is none; `unknown`: podman could not be asked. */
  readonly containerState?: string | null;
  readonly exitCode?: number | null;
  /** The record cannot be read, so that nothing else about the task is known. */
  readonly damaged?: boolean;
  readonly deleting?: boolean;
  /** The first boot was through. */
  readonly initialized?: boolean;
  /** Somebody is launching it right now, and podman has made no container yet. */
  readonly starting?: boolean;
  /** A person asked it to stop, and it was not started again since. */
  readonly stopRequested?: boolean;
  /** The run was cut short from the keyboard, and it was not started again since. */
  readonly interrupted?: boolean;
  /** The run ended because its time was up. */
  readonly timedOut?: boolean;
};

type Facts = Required<TaskState>;
type Cell<K extends keyof Facts> = Facts[K] | ((value: Facts[K]) => boolean);
type StatusRow = { readonly when: { readonly [K in keyof Facts]?: Cell<K> }; readonly status: EffectiveStatus };

const some = (containerState: string | null): boolean => containerState !== null;
const nonZero = (exitCode: number | null): boolean => exitCode !== null && exitCode !== 0;

/**
 * The first row whose every cell holds decides (the reference's effective-status table, with the states that it knew no word for).
 * What is alive goes before what was recorded, and how a run was ended before the code it ended with.
 */
const statusTable: readonly StatusRow[] = [
  { when: { damaged: true }, status: 'damaged' },
  { when: { deleting: true }, status: 'deleting' },
  { when: { containerState: 'unknown' }, status: 'unknown' },
  { when: { containerState: 'running', initialized: true }, status: 'running' },
  { when: { containerState: 'running' }, status: 'init' },
  { when: { containerState: 'paused' }, status: 'paused' },
  { when: { containerState: null, starting: true }, status: 'starting' },
  { when: { interrupted: true }, status: 'interrupted' },
  { when: { stopRequested: true }, status: 'stopped' },
  { when: { timedOut: true }, status: 'timed_out' },
  { when: { containerState: some, exitCode: 0 }, status: 'completed' },
  { when: { containerState: some, exitCode: nonZero }, status: 'failed' },
  { when: { containerState: some }, status: 'stopped' },
  { when: { initialized: false }, status: 'created' },
  { when: { exitCode: 0 }, status: 'completed' },
  { when: { exitCode: nonZero }, status: 'failed' },
  { when: {}, status: 'not found' },
];

/** The same for going through: a listing asks for every task. */
const rows = statusTable.map(({ when, status }) => ({
  cells: Object.entries(when).map(([fact, cell]) => ({ fact: fact as keyof Facts, holds: question(cell) })),
  status,
}));

const nothingKnown: Facts = {
  containerState: null,
  exitCode: null,
  damaged: false,
  deleting: false,
  initialized: false,
  starting: false,
  stopRequested: false,
  interrupted: false,
  timedOut: false,
};

/** The one status that the facts amount to. */
export function effectiveStatus(state: TaskState): EffectiveStatus {
  const facts: Facts = { ...nothingKnown, ...state };
  for (const { cells, status } of rows) if (cells.every((cell) => cell.holds(facts[cell.fact]))) return status;
  throw new Error('The last row of the status table takes everything.');
}

/** What podman says about a task's container, and whether a launch is under way. */
export type LiveContainer = {
  readonly containerState: string | null;
  /** Podman's own, for a container that has exited; it outranks the record's. */
  readonly exitCode?: number | null;
  /** When the caller knows better than the record, which is asked otherwise. */
  readonly starting?: boolean;
};

/** The facts in a record, joined with those that podman knows. */
export function taskState(record: TaskRecord, { containerState, exitCode = null, starting = isLaunching(record) }: LiveContainer): Facts {
  return {
    containerState,
    exitCode: exitCode ?? record.exit_code ?? null,
    damaged: false,
    deleting: Boolean(record.deleting),
    initialized: Object.hasOwn(record, 'ready_at') || typeof record.finished_at === 'string',
    starting,
    stopRequested: record.ended === 'stopped' || isSinceStart(record, record.stop_requested_at),
    interrupted: record.ended === 'interrupted' || isSinceStart(record, record.interrupted_at),
    timedOut: record.ended === 'time_limit',
  };
}

/** Whether the last thing recorded is that somebody set out to launch it: nothing came of that yet. */
export function isLaunching(record: TaskRecord): boolean {
  const launchingAt = parseInstant(record.launching_at ?? '');
  if (launchingAt === null) return false;
  const outcomes = [record.started_at, record.finished_at, record.stop_requested_at, record.interrupted_at, record.ready_at];
  const last = latest(...outcomes.map((outcome) => (typeof outcome === 'string' ? outcome : null)));
  return last === null || last < launchingAt;
}

function question(cell: unknown): (value: unknown) => boolean {
  return isQuestion(cell) ? cell : (value) => value === cell;
}

function isQuestion(cell: unknown): cell is (value: unknown) => boolean {
  return typeof cell === 'function';
}

/** Whether a recorded moment is there and not before the last start. A moment that cannot be read did happen, whenever it was. */
function isSinceStart(record: TaskRecord, recorded: string | null | undefined): boolean {
  if (recorded === undefined || recorded === null) return false;
  const startedAt = latest(record.launching_at, record.started_at, record.restarted_at);
  const moment = parseInstant(recorded);
  return startedAt === null || moment === null || moment.getTime() >= startedAt.getTime();
}

function latest(...recorded: readonly (string | null | undefined)[]): Date | null {
  const moments = recorded.flatMap((text) => parseInstant(text ?? '') ?? []);
  return moments.reduce<Date | null>((last, moment) => (last === null || moment > last ? moment : last), null);
}
