import { expect, test } from 'vitest';
import { fitted } from './fitted.ts';

test.each([
  [
    'prose',
    'Ends with 0 when all is well, 1 when there are warnings, 2 when something keeps terok from working. Changes nothing.',
    'Ends with 0 when all is well, 1 when there are warnings, 2 when something keeps\nterok from working. Changes nothing.',
  ],
  [
    'what stands beside a name',
    '     [--base]  Image to start from: a reference, `bootstrap` or `auto` (from config.yml when left out)',
    '     [--base]  Image to start from: a reference, `bootstrap` or `auto` (from\n               config.yml when left out)',
  ],
  [
    'a default',
    '     [--images/--no-images]  Make the image of the shell agent and of all others     [default = true]',
    '     [--images/--no-images]  Make the image of the shell agent and of all others\n                             [default = true]',
  ],
  [
    'choices',
    `  terok task ${Array.from({ length: 9 }, () => 'something').join('|')} ...`,
    '  terok task something|something|something|something|something|something|\n      something|something|something ...',
  ],
  ['what fits', '  [PROJECT]  Project\n\nUSAGE\n', '  [PROJECT]  Project\n\nUSAGE\n'],
  ['one long word', 'x'.repeat(100), 'x'.repeat(100)],
])('%s', (_, text, expected) => expect(fitted(text)).toBe(expected));

test('styles take no room, and nothing of them is lost', () => {
  const styled = `  \u001B[97mname\u001B[39m  \u001B[03m${'word '.repeat(20).trim()}\u001B[23m`;
  const plain = (text: string) => text.replaceAll(/\u001B\[[\d;]*m/g, '');
  expect(plain(fitted(styled))).toBe(fitted(plain(styled)));
  expect(fitted(styled).match(/\u001B\[[\d;]*m/g)).toHaveLength(4);
});
