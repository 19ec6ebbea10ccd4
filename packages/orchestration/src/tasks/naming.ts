/** Names of tasks, for people: an ID is what tells two tasks apart, so names need not be unique. */
import { createHash } from 'node:crypto';
import type { Random } from '@terok/sandbox';
import { adjectives, nounCategories } from './naming-words.ts';

/** Characters of a task name at most. */
export const TASK_NAME_MAX_LEN = 60;

export type NameCategory = keyof typeof nounCategories;

/** Every category that nouns come from, by code point. */
export const NAME_CATEGORIES: readonly NameCategory[] = Object.freeze(Object.keys(nounCategories).filter(isNameCategory).toSorted());

/** A setting of categories as it is written: one name, several, or nothing. */
export type CategorySetting = string | readonly string[] | null | undefined;

/** How many categories a project draws from that has set none. */
const defaultCategoryCount = 3;

/**
 * A name as an identifier: lowercase letters, digits, `_` and `-`, blanks as hyphens, at most `TASK_NAME_MAX_LEN` characters; null
 * when nothing is left. A hyphen at the start stays, for `validateTaskName` to refuse.
 */
export function sanitizeTaskName(raw: string | null | undefined): string | null {
  const kept = (raw ?? '')
    .trim()
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/--+/g, '-');
  const name = withoutLastHyphen(withoutLastHyphen(kept).slice(0, TASK_NAME_MAX_LEN));
  return name === '' ? null : name;
}

/** What is wrong with a sanitised name, or null. A hyphen at its start would make it read as an option of a command. */
export function validateTaskName(sanitized: string): string | null {
  return sanitized.startsWith('-') ? 'name must not start with a hyphen' : null;
}

/** A name such as `talented-toucan`. An unknown category counts as none, and none at all as `general`. */
export function pickTaskName(random: Random, categories: readonly string[]): string {
  const known = categories.filter(isNameCategory);
  const category = known.length === 0 ? 'general' : pick(random, known);
  return `${pick(random, adjectives)}-${pick(random, pick(random, nounCategories[category]))}`;
}

/**
 * The categories that names of a project are made from: those of the project, else those set for all, else three that follow from
 * the project's ID, always the same; without a project, `general`. A setting in which no category is known is passed over.
 */
export function categoriesForProject(
  projectId: string | undefined,
  projectCategories: CategorySetting,
  globalCategories: CategorySetting,
): readonly NameCategory[] {
  const set = [projectCategories, globalCategories]
    .map((setting) => listed(setting).filter(isNameCategory))
    .find((known) => known.length > 0);
  return set ?? (projectId === undefined ? ['general'] : categoriesByHash(projectId));
}

/** The names in a setting that no category has, to tell the person who wrote them. */
export function unknownCategories(setting: CategorySetting): readonly string[] {
  return listed(setting).filter((name) => !isNameCategory(name));
}

export function isNameCategory(name: string): name is NameCategory {
  return Object.hasOwn(nounCategories, name);
}

function withoutLastHyphen(text: string): string {
  return text.endsWith('-') ? text.slice(0, -1) : text;
}

function listed(setting: CategorySetting): readonly string[] {
  const names = typeof setting === 'string' ? [setting] : (setting ?? []);
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

/** Sorted by a hash of project and category, the first few: the same for one project, and even over many. */
function categoriesByHash(projectId: string): readonly NameCategory[] {
  const rank = (category: NameCategory): string => createHash('sha256').update(`${projectId}\0${category}`).digest('hex');
  return NAME_CATEGORIES.map((category) => ({ category, rank: rank(category) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, defaultCategoryCount)
    .map(({ category }) => category)
    .toSorted();
}

function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[random.integer(from.length)];
  if (picked === undefined) throw new RangeError('A random source gave an index outside of its limit.');
  return picked;
}
