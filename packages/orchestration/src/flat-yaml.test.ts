import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse as parseAnyYaml } from 'yaml';
import { parseFlatYaml } from './flat-yaml.ts';
import { parsePlainYaml, printPlainYaml } from './plain-yaml.ts';

const record = {
  mode: 'run',
  workspace: '/var/lib/terok/tasks/many/k3v8h',
  web_port: null,
  created_at: '2026-08-20T12:00:00.000+00:00',
  exit_code: 137,
  deleting: false,
  image: 'localhost/terok/0123abcd/l1-shell:0123456789abcdef',
  relaxations: ['network: open', 'secrets: API_KEY', 'plain'],
  rev: 4,
};

test('a record as we write it is read', () => {
  expect(parseFlatYaml(printPlainYaml(record))).toEqual(record);
});

describe('left to the YAML reader', () => {
  test.each([
    ['nothing to end the last line', 'mode: run'],
    ['an empty line', 'mode: run\n\n'],
    ['a comment', '# mode: run\n'],
    ['a comment behind', 'mode: run # not cli\n'],
    ['a key twice', 'mode: run\nmode: cli\n'],
    ['a key with nothing behind', 'mode:\n'],
    ['a key with nothing behind, and another', 'mode:\nagent: shell\n'],
    ['a mapping in a mapping', 'hooks:\n  post_stop: true\n'],
    ['a list of numbers', 'ports:\n  - 80\n'],
    ['a list that is not indented', 'names:\n- a\n'],
    ['a text over two lines', 'mode: run\n  and on\n'],
    ['a text over two lines in a list', 'names:\n  - a\n    b\n'],
    ['a literal by another spelling', 'mode: Null\n'],
    ['a literal for a key', 'null: 1\n'],
    ['a quote in quotes', "name: 'it''s'\n"],
    ['double quotes', 'name: "a"\n'],
    ['a flow', 'names: [a]\n'],
    ['an anchor', 'name: &a b\n'],
    ['a tag', 'name: !!str b\n'],
    ['a number by another spelling', 'rev: 0x10\n'],
    ['a number with a fraction', 'rev: 1.0\n'],
    ['a number with zeros before it', 'rev: 010\n'],
    ['a negative zero', 'rev: -0\n'],
    ['a number that is not exact', 'rev: 12345678901234567890\n'],
    ['a mapping on the line', 'name: a: b\n'],
    ['a key of every object', '__proto__: 1\n'],
    ['two documents', 'mode: run\n---\nmode: cli\n'],
    ['a carriage return', 'mode: run\r\n'],
    ['a tab', 'mode:\trun\n'],
  ])('%s', (_, text) => {
    expect(parseFlatYaml(text)).toBeNull();
  });
});

const letters = (units: string) => fc.string({ unit: fc.constantFrom(...units.split('')), minLength: 1, maxLength: 8 });
const oddWord = fc.oneof(
  fc.constantFrom('False', '~', '1e3', '0o7', '.inf', '<<', '=', '---', '...', '', "'", '-0', '010'),
  letters('abN1 :#/.-_@+=\'",&*!%[{~|>?`\té'),
  fc.string(),
);
const word = fc.oneof(
  { weight: 4, arbitrary: letters('abcNTrue1:/ .-_@+=') },
  { weight: 2, arbitrary: fc.constantFrom('null', 'true', 'yes', 'no', 'on', '0', '-1', '2026-08-20', '12:30:45', 'a b', 'a: b') },
  { weight: 1, arbitrary: oddWord },
);
const key = fc.oneof(
  { weight: 9, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_]{0,3}$/) },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom('null', 'true', '__proto__', 'constructor', '<<'), fc.string({ maxLength: 4 })) },
);
const pair = fc.tuple(key, word).map(([name, value]) => [`${name}: ${value}`]);
const quotedPair = fc.tuple(key, word).map(([name, value]) => [`${name}: '${value}'`]);
const list = fc.tuple(key, fc.array(word, { maxLength: 3 })).map(([name, items]) => [`${name}:`, ...items.map((item) => `  - ${item}`)]);
const block = fc.oneof(
  { weight: 4, arbitrary: pair },
  { weight: 4, arbitrary: quotedPair },
  { weight: 3, arbitrary: list },
  { weight: 1, arbitrary: fc.array(word, { maxLength: 1 }) },
);
/** Many as we write them, many nearly so. */
const document = fc.array(block, { maxLength: 4 }).map((blocks) => `${blocks.flat().join('\n')}\n`);

test('whatever the text: no answer, or that of two YAML readers', () => {
  fc.assert(
    fc.property(document, (text) => {
      const flat = parseFlatYaml(text);
      if (flat === null || Object.keys(flat).length === 0) return;
      expect(parsePlainYaml(text)).toEqual({ value: flat });
      expect(parseAnyYaml(text, { schema: 'core', version: '1.2' })).toEqual(flat);
    }),
    { numRuns: 5000 },
  );
});

test('what we write of such values comes back, by this reader or by none', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string(), { minLength: 1, maxLength: 3 }));
  const mapping = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), value, { minKeys: 1, maxKeys: 8 });
  fc.assert(
    fc.property(mapping, (values) => {
      const flat = parseFlatYaml(printPlainYaml(values));
      expect(flat ?? values).toEqual(values);
    }),
  );
});
