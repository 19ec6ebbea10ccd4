import { memoryFiles, seededRandom } from '@terok/sandbox/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTaskId, matchTaskId, newTaskId, normalizeTaskIdInput, reserveTaskId, resolveTaskId, type TaskId } from './identity.ts';
import { storeContext } from '../testing/store-context.ts';
import { tasksMetaDir } from './meta.ts';
import { identified } from './naming.test.vectors.ts';

describe('a task ID', () => {
  test('has the shape that no container ID, commit or word has', () => {
    for (let seed = 0; seed < 200; seed++) expect(newTaskId(seededRandom(seed))).toMatch(/^[ghjkmnp-tv-z][0-9][0-9a-hjkmnp-tv-z]{3}$/);
  });

  test('reaches every character of its alphabets', () => {
    const random = seededRandom(1);
    const drawn = Array.from({ length: 4000 }, () => newTaskId(random));
    expect(new Set(drawn.map((id) => id.charAt(0))).size).toBe(16);
    expect(new Set(drawn.map((id) => id.charAt(1))).size).toBe(10);
    expect(new Set(drawn.flatMap((id) => Array.from(id.slice(2)))).size).toBe(32);
  });

  test.each([
    ['k3v8h', true],
    ['g1v01', true],
    [null, false],
    [undefined, false],
    [42, false],
    ['', false],
    ['k3v8', false],
    ['k3v8hh', false],
    ['abcde', false],
    ['deadb', false],
    ['k3v8i', false],
    ['k3v8u', false],
    ['K3V8H', false],
    ['kkv8h', false],
    ['k3v8h\n', false],
    ['\nk3v8h', false],
  ])('%j is one: %j', (text: unknown, expected) => {
    expect(isTaskId(text)).toBe(expected);
  });

  test('is judged and normalised as the recorded vectors say', () => {
    for (const [text, isId, normalized] of identified) {
      expect([text, isTaskId(text), normalizeTaskIdInput(text)]).toEqual([text, isId, normalized]);
    }
  });

  test.each([
    ['K3V8H', 'k3v8h'],
    ['k3-v8h', 'k3v8h'],
    ['K3-V8-H', 'k3v8h'],
    ['K3VOH', 'k3v0h'],
    ['k3vIh', 'k3v1h'],
    ['k3vLh', 'k3v1h'],
    ['g1V0L', 'g1v01'],
    ['', ''],
    ['k3vUh', 'k3vuh'],
  ])('typed as %j reads %j', (raw, canonical) => {
    expect(normalizeTaskIdInput(raw)).toBe(canonical);
  });

  test('stays itself when it is normalised, once or twice', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, anything) => {
        const id = newTaskId(seededRandom(seed));
        expect(normalizeTaskIdInput(id)).toBe(id);
        expect(normalizeTaskIdInput(normalizeTaskIdInput(anything))).toBe(normalizeTaskIdInput(anything));
      }),
    );
  });
});

describe('reserving an ID', () => {
  test('passes over one that is taken', async () => {
    const taken = newTaskId(seededRandom(7));
    const id = await reserveTaskId(seededRandom(7), async (candidate) => candidate !== taken);
    expect(isTaskId(id)).toBe(true);
    expect(id).not.toBe(taken);
  });

  test('gives up after a hundred draws, as a bug and not as a mistake of the caller', async () => {
    let draws = 0;
    const reserving = reserveTaskId(seededRandom(7), async () => {
      draws++;
      return false;
    });
    await expect(reserving).rejects.toThrow('Failed to generate unique task ID after 100 attempts');
    await expect(reserving).rejects.not.toHaveProperty('code');
    expect(draws).toBe(100);
  });
});

describe('resolving what was typed', () => {
  const stored = ['k3v8h', 'k3v9z', 'g1v01', 'z9zzz'];
  const files = Object.fromEntries(stored.map((id) => [`/state/core/projects/demo/tasks/${id}_meta.yml`, 'mode: run\n']));

  test.each([
    ['k3v8h', 'k3v8h'],
    ['k3v8', 'k3v8h'],
    ['g', 'g1v01'],
    ['K3V8H', 'k3v8h'],
    ['k3-v8h', 'k3v8h'],
    ['K3V8', 'k3v8h'],
    ['G1-VOL', 'g1v01'],
  ])('%j is %s', async (typed, id) => {
    expect(await resolveTaskId(storeContext(memoryFiles(files)), 'demo', typed)).toBe(id);
  });

  test.each([
    ['', 'TASK_ID_EMPTY', 'Invalid task ID prefix: the task ID is empty.'],
    ['--', 'TASK_ID_EMPTY', 'Invalid task ID prefix: the task ID is empty.'],
    ['i', 'TASK_ID_HEAD', 'no task ID starts with I, L or O'],
    ['l', 'TASK_ID_HEAD', 'no task ID starts with I, L or O'],
    ['-O3', 'TASK_ID_HEAD', '"-O3": no task ID starts with I, L or O'],
    ['u', 'TASK_ID_INVALID', 'Invalid task ID prefix "u": expected 1-5 Crockford chars'],
    ['1', 'TASK_ID_INVALID', 'Invalid task ID prefix'],
    ['a', 'TASK_ID_INVALID', 'Invalid task ID prefix'],
    ['k3v8hh', 'TASK_ID_INVALID', 'Invalid task ID prefix'],
    ['k3v8h\n', 'TASK_ID_INVALID', 'Invalid task ID prefix "k3v8h\\n"'],
    ['../../etc', 'TASK_ID_INVALID', 'Invalid task ID prefix'],
    ['k3\u001b[2J', 'TASK_ID_INVALID', 'Invalid task ID prefix "k3\\u001b[2j"'],
    ['k3v8z', 'TASK_UNMATCHED', "No task matching 'k3v8z' in project demo"],
    ['h', 'TASK_UNMATCHED', "No task matching 'h' in project demo"],
    ['k3v', 'TASK_AMBIGUOUS', "Ambiguous task ID 'k3v' — matches: k3v8h, k3v9z"],
    ['K', 'TASK_AMBIGUOUS', "Ambiguous task ID 'k' — matches: k3v8h, k3v9z"],
  ])('%j is refused as %s', async (typed, code, message) => {
    const error = await resolveTaskId(storeContext(memoryFiles(files)), 'demo', typed).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: containing(message) });
  });

  test('a project without records has no tasks, whole ID or not', async () => {
    for (const typed of ['k', 'k3v8h']) {
      await expect(resolveTaskId(storeContext(memoryFiles()), 'demo', typed)).rejects.toMatchObject({
        code: 'TASKS_NONE',
        message: 'No tasks found for project demo.',
      });
    }
  });

  test('what is wrong with the text is said before anything is looked up', async () => {
    const untouchable = {
      ...memoryFiles(),
      stat: () => Promise.reject(new Error('looked')),
      list: () => Promise.reject(new Error('looked')),
    };
    await expect(resolveTaskId(storeContext(untouchable), 'demo', '../../etc')).rejects.toMatchObject({ code: 'TASK_ID_INVALID' });
  });

  test('a project name cannot lead out of the store', async () => {
    await expect(resolveTaskId(storeContext(memoryFiles(files)), '../demo', 'k3v8h')).rejects.toMatchObject({
      code: 'PATH_SEGMENT_UNSAFE',
    });
  });

  test('a whole ID costs one look at one file, a part of it one listing', async () => {
    const calls: string[] = [];
    const memory = memoryFiles(files);
    const counted = {
      ...memory,
      stat: (path: string) => (calls.push('stat'), memory.stat(path)),
      list: (path: string) => (calls.push('list'), memory.list(path)),
      read: () => Promise.reject(new Error('read')),
    };
    await resolveTaskId(storeContext(counted), 'demo', 'k3v8h');
    expect(calls).toEqual(['stat']);
    calls.length = 0;
    await resolveTaskId(storeContext(counted), 'demo', 'k3v8');
    expect(calls).toEqual(['list']);
  });

  test('either half of a record makes a task', async () => {
    const metaDir = tasksMetaDir(storeContext(memoryFiles()), 'demo');
    const context = storeContext(memoryFiles({ [`${metaDir}/m2abc_dossier.json`]: '{}' }));
    expect(await resolveTaskId(context, 'demo', 'm2abc')).toBe('m2abc');
    expect(await resolveTaskId(context, 'demo', 'm2')).toBe('m2abc');
  });

  test('a file that only looks like a task does not count', async () => {
    const metaDir = '/state/core/projects/demo/tasks';
    const context = storeContext(
      memoryFiles({
        [`${metaDir}/k3v8h_meta.yml`]: '',
        [`${metaDir}/kzzz.bak_meta.yml`]: '',
        [`${metaDir}/k3v9z_meta.yml.1.tmp`]: '',
        [`${metaDir}/k3v9z.txt`]: '',
      }),
    );
    expect(await resolveTaskId(context, 'demo', 'k')).toBe('k3v8h');
  });
});

test('a prefix finds exactly the IDs that start with it', () => {
  const id = fc.integer().map((seed) => newTaskId(seededRandom(seed)));
  fc.assert(
    fc.property(
      fc.uniqueArray(id, { maxLength: 20 }),
      fc.array(fc.string()),
      fc.integer({ min: 1, max: 5 }),
      id,
      (ids, strangers, length, other) => {
        const prefix = (ids[0] ?? other).slice(0, length);
        const expected = ids.filter((each) => each.startsWith(prefix)).toSorted();
        const match = matchTaskId([...ids, ...strangers.filter((text) => !isTaskId(text))], prefix);
        expect(idsOf(match)).toEqual(expected);
      },
    ),
  );
});

function idsOf(match: ReturnType<typeof matchTaskId>): readonly TaskId[] {
  switch (match.kind) {
    case 'none':
      return [];
    case 'one':
      return [match.id];
    case 'many':
      return match.ids;
  }
}

function containing(fragment: string): unknown {
  return expect.stringContaining(fragment);
}
