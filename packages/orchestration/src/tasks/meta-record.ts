/** The record of a task as it is on disk: keys in snake case, those that we do not know kept as they are. */
import { isDeepStrictEqual } from 'node:util';
import { isMapping } from './mapping.ts';

type Shape<T> = { readonly accepts: (value: unknown) => value is T; readonly words: string };

const text: Shape<string | null> = { accepts: (value) => value === null || typeof value === 'string', words: 'text or null' };
const wholeNumber: Shape<number | null> = {
  accepts: (value): value is number | null => value === null || Number.isSafeInteger(value),
  words: 'a whole number or null',
};
const number: Shape<number | null> = {
  accepts: (value): value is number | null => value === null || Number.isFinite(value),
  words: 'a number or null',
};
const texts: Shape<readonly string[] | null> = {
  accepts: (value): value is readonly string[] | null =>
    value === null || (Array.isArray(value) && value.every((item) => typeof item === 'string')),
  words: 'a list of texts or null',
};
/** Read by truth or not at all: no spelling of it makes a record unreadable. */
const anything: Shape<unknown> = { accepts: (value): value is unknown => value !== undefined, words: 'a value' };

/** How the work of a task ended. */
const endReasons = ['agent', 'time_limit', 'stopped', 'interrupted', 'terok_error'] as const;
export type EndReason = (typeof endReasons)[number];
const end: Shape<EndReason | null> = {
  accepts: (value): value is EndReason | null => value === null || endReasons.some((known) => known === value),
  words: `one of ${endReasons.join(', ')}, or null`,
};

/**
 * Every key that we read, with the shape it must have. Moments are ISO 8601 with an offset, `_s` is seconds. The first three are
 * what the dossier holds.
 */
const keys = {
  project_id: text,
  task_id: text,
  name: text,
  /** Null until the first launch: `cli` or `run`; `web` and `toad` in old files. */
  mode: text,
  /** The absolute path of the task's directory, not of the workspace in it. */
  workspace: text,
  web_port: wholeNumber,
  web_token: text,
  created_at: text,
  /** When the first boot was through. That the key is there is what counts. */
  ready_at: anything,
  unrestricted: anything,
  debug: anything,
  agent: text,
  provider: text,
  backend: text,
  preset: text,
  exit_code: wholeNumber,
  deleting: anything,
  /** What the archive of a deletion under way is or will be called. */
  archive_name: text,
  /** One more with every change, so that two writers can tell whether they saw the same record. */
  rev: wholeNumber,
  launch_id: text,
  launching_at: text,
  /** What the record said of the run before, for as long as a launch may come to nothing. */
  before_launch: anything,
  started_at: text,
  /** When its container was started again after it had ended. */
  restarted_at: text,
  stop_requested_at: text,
  interrupted_at: text,
  finished_at: text,
  time_limit_s: number,
  base_commit: text,
  branch: text,
  image: text,
  ended: end,
  relaxations: texts,
  prompt_sha256: text,
  /** Where the work went when it was last fetched, and its tip there. */
  fetched_branch: text,
  fetched_tip: text,
  /** The container's name where it is not the usual one. */
  container_name: text,
  /** What the agent prints, and the session it worked in: its own word, checked before it is used. */
  log_format: text,
  /** What became of the project's hooks, launch by launch. */
  hooks: anything,
  /** Why terok itself stopped the task: `disk_low`. */
  stop_reason: text,
  session_id: text,
  /** The session that the last launch was to go on with; null when it was to begin one. */
  resumed_session: text,
  /** As it was asked for when the task was launched; null: as the project says. */
  model: text,
} as const satisfies Readonly<Record<string, Shape<unknown>>>;

const shapes: ReadonlyMap<string, Shape<unknown>> = new Map(Object.entries(keys));

type Keys = { readonly [K in keyof typeof keys]?: (typeof keys)[K] extends Shape<infer T> ? T : never };

export type TaskRecord = Keys & Readonly<Record<string, unknown>>;

/** What to change in a record: `undefined` leaves a value alone, null is a value like any other. */
export type TaskChange = { readonly [K in keyof Keys]?: Keys[K] | undefined } & Readonly<Record<string, unknown>>;

export type CheckedRecord = { readonly record: TaskRecord } | { readonly reason: string };

/**
 * Makes a record of plain data, that of an old release included: `project_name` was once the name of `project_id`, and an empty
 * project, ID or name counts as none. The reason, where there is one, names the key at fault.
 */
export function checkTaskRecord(plain: unknown): CheckedRecord {
  if (!isMapping(plain)) return { reason: 'it is not a mapping' };
  const record = hasOldNames(plain) ? withoutOldNames(plain) : plain;
  for (const key of Object.keys(record)) {
    const shape = shapes.get(key);
    if (shape !== undefined && !shape.accepts(record[key])) return { reason: `\`${key}\` must be ${shape.words}` };
  }
  return { record };
}

/** What the dossier holds is there or has text in it; but for old releases, and people who write by hand. */
const dossierKeys = ['project_id', 'task_id', 'name'] as const;

const hasOldNames = (plain: Readonly<Record<string, unknown>>): boolean =>
  Object.hasOwn(plain, 'project_name') || dossierKeys.some((key) => Object.hasOwn(plain, key) && isBlank(plain[key]));

function withoutOldNames({ project_name, ...plain }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const named = { ...plain, project_id: isBlank(plain['project_id']) ? project_name : plain['project_id'] };
  return Object.fromEntries(Object.entries(named).filter(([key, value]) => !(dossierKeys.some((one) => one === key) && isBlank(value))));
}

/** The record after a change: the same object when nothing would be different. */
export function changedRecord(record: TaskRecord, change: TaskChange): TaskRecord {
  const differing = Object.entries(change).filter(
    ([key, value]) => value !== undefined && !(Object.hasOwn(record, key) && isDeepStrictEqual(record[key], value)),
  );
  return differing.length === 0 ? record : { ...record, ...Object.fromEntries(differing) };
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** The text under a key; null when there is none, or something else. */
export function textAt(record: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = record[key];
  return typeof value === 'string' ? value : null;
}
