import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stripControl } from '@terok/sandbox';
import { logText } from './log-text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (...pieces: readonly string[]) => {
  const text = logText();
  return pieces.map((piece) => text.push(bytes(piece))).join('') + text.end();
};

test.each([
  ['plain', ['all is well\n'], 'all is well\n'],
  ['a colour cut in two', ['\u001B[3', '1mred\u001B[0m\n'], 'red\n'],
  ['a title cut in two', ['\u001B]0;own', 'ed\u0007text\n'], 'text\n'],
  ['a lone escape at the end', ['text\u001B'], 'text'],
  ['a progress bar', ['10 %\r20 %\r\n'], '10 %\n20 %\n'],
  ['a line end cut in two', ['one\r', '\ntwo'], 'one\ntwo'],
  ['an override of direction', ['\u202Egnp.exe'], '<U+202E>gnp.exe'],
  ['an unfinished title that hides nothing below it', ['\u001B]0;', 'x\nvisible\n'], '\nvisible\n'],
])('shows %s without obeying it', (_, pieces, expected) => expect(shown(...pieces)).toBe(expected));

test('a character cut in two is whole', () => {
  const text = logText();
  const [first, second] = [bytes('é').slice(0, 1), bytes('é').slice(1)];
  expect(text.push(first) + text.push(second) + text.end()).toBe('é');
});

test('an escape sequence without end is not kept waiting for ever', () => {
  const text = logText();
  text.push(bytes(`\u001B]${'x'.repeat(300)}`));
  expect(text.push(bytes('more\n'))).toBe('more\n');
});

const hostile = fc
  .array(
    fc.constantFrom('a', '\u001B', '[', ']', '0', ';', 'm', '\u0007', '\\', '\r', '\n', '\t', '\u009B', '\u009D', '\u202E', 'é', '漢'),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

test('nothing that comes out can command a terminal, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(hostile, fc.array(fc.nat(60), { maxLength: 6 }), (input, cuts) => {
      const whole = bytes(input);
      const text = logText();
      const edges = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b), whole.length];
      const out =
        edges
          .slice(1)
          .map((edge, index) => text.push(whole.slice(edges[index], edge)))
          .join('') + text.end();
      expect(out).toBe(stripControl(out));
    }),
    { numRuns: 1000 },
  );
});
