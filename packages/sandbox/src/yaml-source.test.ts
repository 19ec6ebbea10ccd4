import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from './schema.ts';
import { parseYamlWith, readYaml } from './yaml-source.ts';

const schema = z.strictObject({
  repository: z.string(),
  limits: z.optional(z.strictObject({ memory: z.optional(z.string()), pids: z.optional(z.int()) })),
  mounts: z.optional(z.array(z.strictObject({ source: z.string() }))),
  env: z.optional(z.record(z.string(), z.strictObject({ file: z.string() }))),
});

test('a good file is its value', () => {
  expect(parseYamlWith(schema, 'repository: /r\nlimits: {pids: 5}\n', 'project.yml')).toEqual({
    value: { repository: '/r', limits: { pids: 5 } },
  });
});

describe('points at what is wrong', () => {
  test.each([
    ['an empty file', '', 'project.yml:1:1 repository', 'Invalid input: expected string, received undefined', undefined],
    ['a missing key', 'limits: {}\n', 'project.yml:1:1 repository', 'Invalid input: expected string, received undefined', undefined],
    [
      'a wrong value',
      'repository: /r\nlimits:\n  pids: many\n',
      'project.yml:3:3 limits.pids',
      'Invalid input: expected number, received string',
      undefined,
    ],
    [
      'an unknown key',
      'repository: /r\nlimits:\n  memroy: 1g\n',
      'project.yml:3:3 limits.memroy',
      'Unknown key `memroy`',
      'Did you mean `memory`?',
    ],
    [
      'an unknown key in a list',
      'repository: /r\nmounts:\n  - surce: x\n    source: y\n',
      'project.yml:3:5 mounts.0.surce',
      'Unknown key `surce`',
      'Did you mean `source`?',
    ],
    [
      'an unknown key in a map of maps',
      'repository: /r\nenv: {A: {fil: x, file: y}}\n',
      'project.yml:2:11 env.A.fil',
      'Unknown key `fil`',
      'Did you mean `file`?',
    ],
    [
      'a list item',
      'repository: /r\nmounts:\n  - {source: 5}\n',
      'project.yml:3:6 mounts.0.source',
      'Invalid input: expected string, received number',
      undefined,
    ],
    [
      'broken YAML',
      'repository: [\n',
      'project.yml:2:1 ',
      'Flow sequence in block collection must be sufficiently indented and end with a ]',
      undefined,
    ],
    ['the same key twice', 'repository: a\nrepository: b\n', 'project.yml:2:1 ', 'Map keys must be unique', undefined],
    [
      'an alias of nothing',
      'repository: *x\n',
      'project.yml:1:1 ',
      'Unresolved alias (the anchor must be set before the alias): x',
      undefined,
    ],
    ['no map', '- a\n', 'project.yml:1:1 ', 'Invalid input: expected object, received array', undefined],
  ])('%s', (_, text, at, message, hint) => {
    const read = parseYamlWith(schema, text, 'project.yml');
    const [problem] = 'problems' in read ? read.problems : [];
    expect(`${problem?.file}:${problem?.line}:${problem?.column} ${problem?.path}`).toBe(at);
    expect(problem?.message).toBe(message);
    expect(problem?.hint).toBe(hint);
    expect(problem?.severity).toBe('error');
  });
});

test('words stay words: nothing of YAML 1.1 is taken for a truth value or a date', () => {
  expect(readYaml('[yes, no, on, off, 2026-05-02, 0o17, 1_000]', 'f')).toMatchObject({
    source: { value: ['yes', 'no', 'on', 'off', '2026-05-02', 15, '1_000'] },
  });
});

test('a bomb of aliases is refused', () => {
  const text = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...Array.from('bcdefgh', (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(', ')}]`),
  ].join('\n');
  expect(readYaml(text, 'f')).toMatchObject({ kind: 'damaged' });
});

test('nesting beyond all reason has an answer', () => {
  expect(readYaml('['.repeat(50_000), 'f')).toMatchObject({ kind: 'damaged' });
});

test('any text has an answer, and every problem a place inside the file', () => {
  const yamlish = fc
    .array(
      fc.constantFrom(
        '*',
        '&',
        '!',
        'a',
        ': ',
        '- ',
        '\n',
        '  ',
        '{',
        '}',
        '[',
        ']',
        '"',
        '? ',
        '|',
        '>',
        '#',
        '%',
        '---',
        '<<',
        '1',
        'repository',
        'limits',
        'mounts',
      ),
    )
    .map((words) => words.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), yamlish), (text) => {
      const read = parseYamlWith(schema, text, 'f');
      const problems = 'problems' in read ? read.problems : [];
      expect('value' in read || problems.length > 0).toBe(true);
      for (const { line, column } of problems) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split('\n').length);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 1500, examples: [['*!'], ['a: &a [*a]'], ['<<: *x'], ['? [a]\n: b']] },
  );
});
