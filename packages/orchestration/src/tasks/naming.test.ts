import { seededRandom } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  categoriesForProject,
  isNameCategory,
  NAME_CATEGORIES,
  pickTaskName,
  sanitizeTaskName,
  TASK_NAME_MAX_LEN,
  unknownCategories,
  validateTaskName,
  type CategorySetting,
} from './naming.ts';
import { sanitized } from './naming.test.vectors.ts';
import { adjectives, nounCategories } from './naming-words.ts';

describe('sanitising a name', () => {
  test('gives what the recorded vectors say', () => {
    for (const [raw, name] of sanitized) expect([raw, sanitizeTaskName(raw)]).toEqual([raw, name]);
  });

  test.each<[raw: string | null | undefined, name: string | null]>([
    [null, null],
    [undefined, null],
    ['', null],
    ['   ', null],
    ['@#$%^&', null],
    ['---', null],
    ['fix auth bug', 'fix-auth-bug'],
    ['fix_auth_bug', 'fix_auth_bug'],
    ['fix@auth#bug!', 'fixauthbug'],
    ['Fix-Auth-Bug', 'fix-auth-bug'],
    ['fix---auth---bug', 'fix-auth-bug'],
    ['fix-bug-', 'fix-bug'],
    ['-fix-bug', '-fix-bug'],
    ['  Fix__Auth  Bug!! ', 'fix__auth-bug'],
    ['42', '42'],
    ['a\tb\nc', 'abc'],
    ['Größe', 'gre'],
    ['../../etc', 'etc'],
    ['a'.repeat(100), 'a'.repeat(60)],
    [`${'a'.repeat(59)}-b`, 'a'.repeat(59)],
  ])('%j becomes %j', (raw, name) => {
    expect(sanitizeTaskName(raw)).toBe(name);
  });

  test('leaves an identifier of at most sixty characters, once and for all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z \-_]{0,90}$/)), (raw) => {
        const name = sanitizeTaskName(raw);
        if (name === null) return;
        expect(name).toMatch(/^[a-z0-9_-]+$/);
        expect(name).not.toMatch(/--|-$/);
        expect(name.length).toBeLessThanOrEqual(TASK_NAME_MAX_LEN);
        expect(sanitizeTaskName(name)).toBe(name);
      }),
    );
  });
});

test.each([
  ['fix-bug', null],
  ['42', null],
  ['_x', null],
  ['-fix-bug', 'name must not start with a hyphen'],
])('%j as a name: %j', (name, problem) => {
  expect(validateTaskName(name)).toBe(problem);
});

describe('a generated name', () => {
  test('is an adjective and a noun, and passes for a name that a person gave', () => {
    for (let seed = 0; seed < 500; seed++) {
      const name = pickTaskName(seededRandom(seed), NAME_CATEGORIES);
      expect(name).toMatch(/^[a-z]+-[a-z0-9]+$/);
      expect([sanitizeTaskName(name), validateTaskName(name)]).toEqual([name, null]);
    }
  });

  test('comes from the categories it was asked for', () => {
    const random = seededRandom(3);
    const nouns: ReadonlySet<string> = new Set(nounCategories.animals.flat());
    for (let turn = 0; turn < 200; turn++) expect(nouns).toContain(pickTaskName(random, ['animals']).split('-')[1]);
  });

  test('reaches every list of a joined category', () => {
    const random = seededRandom(3);
    const nouns = new Set(Array.from({ length: 400 }, () => pickTaskName(random, ['science']).split('-')[1]));
    for (const list of nounCategories.science) expect(list.some((noun) => nouns.has(noun))).toBe(true);
  });

  test('is made even when no category is known', () => {
    const nouns: ReadonlySet<string> = new Set(nounCategories.general.flat());
    for (const categories of [[], ['dinosaurs'], ['toString', '__proto__']]) {
      expect(nouns).toContain(pickTaskName(seededRandom(1), categories).split('-')[1]);
    }
  });
});

describe('the categories of a project', () => {
  test.each<[project: CategorySetting, global: CategorySetting, categories: readonly string[]]>([
    [['food'], ['music'], ['food']],
    ['food', 'music', ['food']],
    [null, ['music', 'art'], ['music', 'art']],
    ['  ', 'music', ['music']],
    [[], 'music', ['music']],
    [['dinosaurs'], 'music', ['music']],
    [['dinosaurs', 'food'], 'music', ['food']],
  ])('%j over %j is %j', (project, global, categories) => {
    expect(categoriesForProject('demo', project, global)).toEqual(categories);
  });

  test('follow from its ID when nobody set any', () => {
    const ofDemo = categoriesForProject('demo', null, undefined);
    expect(categoriesForProject('demo', [], '')).toEqual(ofDemo);
    expect(new Set(ofDemo).size).toBe(3);
    expect(ofDemo.every(isNameCategory)).toBe(true);

    const projects = Array.from({ length: 100 }, (_, number) => categoriesForProject(`project-${number}`, null, null));
    expect(new Set(projects.map((categories) => categories.join())).size).toBeGreaterThan(90);
    expect(new Set(projects.flat()).size).toBe(NAME_CATEGORIES.length);
  });

  test('are general without a project', () => {
    expect(categoriesForProject(undefined, null, null)).toEqual(['general']);
  });

  test('that nobody knows can be told', () => {
    expect(unknownCategories(['food', 'dinosaurs', 'constructor'])).toEqual(['dinosaurs', 'constructor']);
    expect(unknownCategories(null)).toEqual([]);
  });
});

describe('the words', () => {
  test('are enough of each, and one lowercase word each', () => {
    expect(adjectives.length).toBeGreaterThanOrEqual(500);
    expect(adjectives.every((word) => /^[a-z]+$/.test(word))).toBe(true);
    expect(new Set(adjectives).size).toBe(adjectives.length);

    const nouns = Object.values(nounCategories).flatMap((lists) => lists.flat());
    expect(new Set(nouns).size).toBeGreaterThanOrEqual(500);
    expect(nouns.every((word) => /^[a-z][a-z0-9]*$/.test(word))).toBe(true);
    for (const lists of Object.values(nounCategories))
      for (const list of lists) expect([list.length >= 40, new Set(list).size]).toEqual([true, list.length]);
  });

  test('make a name of any pair that fits', () => {
    const longest = (list: readonly string[]): number => Math.max(...list.map((word) => word.length));
    const nouns = Object.values(nounCategories).flatMap((lists) => lists.flat());
    expect(longest(adjectives) + 1 + longest(nouns)).toBeLessThanOrEqual(TASK_NAME_MAX_LEN);
  });

  test('are sorted into the categories that projects may name', () => {
    expect(NAME_CATEGORIES.join(' ')).toMatchInlineSnapshot(
      `"animals architecture art astronomy biology chemistry computer_science countries economy food general geography history literature math medicine microbiology molecular_biology music physics plants science scientists sports technology"`,
    );
  });
});
