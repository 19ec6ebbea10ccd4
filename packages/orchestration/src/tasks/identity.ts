/**
 * Task IDs: five characters of lowercase Crockford base 32. The first is a letter that is no hexadecimal digit, so that an ID is
 * never mistaken for a container ID or a commit; the second is a digit, so that it is never a word.
 */
import type { Files, Random } from '@terok/sandbox';
import { taskErrors } from '../errors.ts';
import { metaPath, dossierPath, taskStems, tasksMetaDir, type TaskStorePaths } from './meta-paths.ts';
import { isTaskId, type TaskId } from './task-id.ts';

export { isTaskId, type TaskId } from './task-id.ts';

/** What a prefix stands for among the IDs of a project. `many` is sorted by code point. */
export type TaskIdMatch =
  | { readonly kind: 'one'; readonly id: TaskId }
  | { readonly kind: 'none' }
  | { readonly kind: 'many'; readonly ids: readonly TaskId[] };

const heads = 'ghjkmnpqrstvwxyz';
const digits = '0123456789';
const crockford = '0123456789abcdefghjkmnpqrstvwxyz';
const positions = [heads, digits, crockford, crockford, crockford];

const idPrefix = /^[ghjkmnp-tv-z](?:[0-9][0-9a-hjkmnp-tv-z]{0,3})?$/;

/** How often a fresh ID is drawn before the random source itself must be at fault. */
const drawsMax = 100;

/**
 * What a person typed, in canonical form: hyphens go, letters become lowercase, I and L read as 1, O as 0. Only for text a person
 * typed: IDs from disk, labels or podman are canonical already, and one that is not must not become so by accident.
 */
export function normalizeTaskIdInput(raw: string): string {
  return withoutLookalikes(compact(raw));
}

/** One ID out of 5,242,880. Whether it is free is for `reserveTaskId` to find out. */
export function newTaskId(random: Random): TaskId {
  const id = positions.map((alphabet) => alphabet.charAt(random.integer(alphabet.length))).join('');
  if (!isTaskId(id)) throw new Error(`A random source gave an index outside of its limit: drew the task ID ${JSON.stringify(id)}.`);
  return id;
}

/** Draws IDs until `reserve` accepts one, which is where uniqueness is decided: by making the task's directory, exclusively. */
export async function reserveTaskId(random: Random, reserve: (id: TaskId) => Promise<boolean>): Promise<TaskId> {
  for (let draw = 0; draw < drawsMax; draw++) {
    const id = newTaskId(random);
    if (await reserve(id)) return id;
  }
  throw new Error(`Failed to generate unique task ID after ${drawsMax} attempts.`);
}

/**
 * The ID that a person means by `prefix`, which may be upper case, hyphenated, or hold look-alike letters. A whole ID costs one
 * `stat`, a part of one a single listing. Throws, in this order: TASK_ID_EMPTY, TASK_ID_HEAD, TASK_ID_INVALID, TASKS_NONE, and
 * TASK_UNMATCHED or TASK_AMBIGUOUS.
 */
export async function resolveTaskId(
  ctx: { readonly paths: TaskStorePaths; readonly files: Files },
  projectId: string,
  prefix: string,
): Promise<TaskId> {
  const wanted = parseTaskIdPrefix(prefix);
  const metaDir = tasksMetaDir(ctx, projectId);
  if (isTaskId(wanted) && (await recordExists(ctx.files, metaDir, wanted))) return wanted;

  const entries = await ctx.files.list(metaDir);
  if (entries.length === 0 && (await ctx.files.stat(metaDir)) === null) throw taskErrors.TASKS_NONE({ project: projectId });

  const possible = entries.filter(({ name }) => name.startsWith(wanted));
  const match = matchTaskId(taskStems(possible), wanted);
  switch (match.kind) {
    case 'one':
      return match.id;
    case 'none':
      throw taskErrors.TASK_UNMATCHED({ project: projectId, prefix: wanted });
    case 'many':
      throw taskErrors.TASK_AMBIGUOUS({ prefix: wanted, matches: match.ids });
  }
}

/** Which of the candidates start with a canonical prefix. A candidate that is no task ID does not count. */
export function matchTaskId(candidates: Iterable<string>, prefix: string): TaskIdMatch {
  const ids: TaskId[] = [];
  for (const candidate of candidates) if (candidate.startsWith(prefix) && isTaskId(candidate)) ids.push(candidate);

  const [only, ...others] = ids;
  if (only === undefined) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', id: only } : { kind: 'many', ids: ids.toSorted() };
}

/** The head is judged before look-alikes are replaced: `I3` cannot mean `13`, which no ID starts with either. */
function parseTaskIdPrefix(text: string): string {
  const compacted = compact(text);
  if (compacted === '') throw taskErrors.TASK_ID_EMPTY({});
  if (/^[ilo]/.test(compacted)) throw taskErrors.TASK_ID_HEAD({ text, heads });

  const prefix = withoutLookalikes(compacted);
  if (!idPrefix.test(prefix)) throw taskErrors.TASK_ID_INVALID({ text: prefix });
  return prefix;
}

function compact(raw: string): string {
  return raw.replaceAll('-', '').toLowerCase();
}

function withoutLookalikes(text: string): string {
  return text.replace(/[il]/g, '1').replaceAll('o', '0');
}

/** The bookkeeping half is written first and removed last, so it is the one to ask; the dossier alone still makes a task. */
async function recordExists(files: Files, metaDir: string, id: TaskId): Promise<boolean> {
  return (await files.stat(metaPath(metaDir, id))) !== null || (await files.stat(dossierPath(metaDir, id))) !== null;
}
