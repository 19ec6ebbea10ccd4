import { expect, test } from 'vitest';
import { instructionsOf } from './containerfile.ts';

const read = (text: string) => instructionsOf(text).map(({ line, text: of, unfinished }) => [line, of, unfinished]);

test.each<[string, string, readonly unknown[]]>([
  ['nothing', '', []],
  ['comments and blank lines', '\n# RUN x\n   \n', []],
  [
    'one after the other',
    'FROM a\n\nrun  b  c\n',
    [
      [1, 'FROM a', false],
      [3, 'run b c', false],
    ],
  ],
  [
    'one over several lines',
    'RUN a && \\\n    b\nUSER x',
    [
      [1, 'RUN a && b', false],
      [3, 'USER x', false],
    ],
  ],
  ['comments and blank lines inside of one', 'RUN a; \\\n# said\n\n  b', [[1, 'RUN a; b', false]]],
  ['blanks behind a backslash', 'RUN a \\  \n b', [[1, 'RUN a b', false]]],
  [
    'one that goes on for ever',
    'USER x\nRUN a \\',
    [
      [1, 'USER x', false],
      [2, 'RUN a', true],
    ],
  ],
])('%s is read as podman reads it', (_, text, expected) => {
  expect(read(text)).toEqual(expected);
});

test('the keyword is told in capitals', () => {
  expect(instructionsOf('run x').map(({ keyword }) => keyword)).toEqual(['RUN']);
});
