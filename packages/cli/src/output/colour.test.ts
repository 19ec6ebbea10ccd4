import { expect, test } from 'vitest';
import { colourWanted, paintWith } from './colour.ts';

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '' }, false, false],
  [{ TERM: 'dumb' }, true, false],
])('%j, terminal %j: colour %j', (environment, isTerminal, expected) => expect(colourWanted(environment, isTerminal)).toBe(expected));

test('without colour a text is itself', () => {
  expect(paintWith(false)('bad', 'failed')).toBe('failed');
  expect(paintWith(true)('bad', 'failed')).toBe('\u001B[31mfailed\u001B[39m');
});
