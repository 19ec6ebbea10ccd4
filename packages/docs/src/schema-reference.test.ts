import { expect, test } from 'vitest';
import { schemaPage, valueText } from './schema-reference.ts';

test.each([
  [{ type: 'string' }, 'string'],
  [{ type: ['string', 'number'] }, 'string or number'],
  [{ anyOf: [{ enum: ['crun', 'runc'] }, { type: 'null' }] }, '`crun`, `runc` or null'],
  [{ items: { type: 'string' } }, 'list of string'],
  [{ properties: { file: { type: 'string' } } }, '`{file}`'],
  [{}, 'anything'],
])('%j is %s', (schema, expected) => expect(valueText(schema)).toBe(expected));

test('each key has a row, with what it is when left out', () => {
  const shown = schemaPage('config.yml', 'Settings.', {
    properties: {
      run: { properties: { agent: { type: 'string', default: 'shell', description: 'Who works | when nobody says.' } } },
      secrets: { additionalProperties: { type: 'string' } },
    },
  });
  expect(shown).toContain('| `run.agent` | string | `"shell"` | Who works \\| when nobody says. |');
  expect(shown).toContain('| `secrets.NAME` | string |  |  |');
});
