import { expect, test } from 'vitest';
import { jsonPage } from './json-reference.ts';

test('each command has its keys, those of the entries of a list too, and its schema', () => {
  const schema = {
    properties: {
      project_id: { type: 'string' },
      tasks: { items: { properties: { task_id: { type: 'string' }, exit_code: { type: ['integer', 'null'] } } } },
    },
  };
  expect(jsonPage([{ words: 'terok task list', file: 'json/task-list.schema.json', schema }])).toContain(
    [
      '## terok task list\n',
      '| Key | Value |',
      '| --- | --- |',
      '| `project_id` | string |',
      '| `tasks[].task_id` | string |',
      '| `tasks[].exit_code` | integer or null |',
      '\n[JSON Schema](json/task-list.schema.json)',
    ].join('\n'),
  );
});
