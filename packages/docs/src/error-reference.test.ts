import { defineErrors } from '@terok/sandbox';
import { expect, test } from 'vitest';
import { errorReference, exitCodeReference } from './error-reference.ts';

const diskErrors = defineErrors({
  DISK_FULL: { message: (p: { path: string }) => `\`${p.path}\` is full.`, hint: 'Make room.' },
});

test('each row of a table is a row of the page', () => {
  expect(errorReference({ sandbox: [diskErrors] })).toContain(
    '## sandbox\n\n| Code | Exit | Message | Hint |\n| --- | --- | --- | --- |\n| `DISK_FULL` | 1 | `{path}` is full. | Make room. |',
  );
});

test('a code belongs to one row of one package', () => {
  expect(() => errorReference({ sandbox: [diskErrors], executor: [diskErrors] })).toThrow('DISK_FULL');
});

test('every exit code has a meaning', () => {
  expect(exitCodeReference().match(/^\| \d+ \| \S/gm)).toHaveLength(12);
});
