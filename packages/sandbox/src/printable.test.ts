import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, stripControl } from './printable.ts';

describe('of text with several lines', () => {
  test.each([
    ['plain\ttext\n', 'plain\ttext\n'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b[2J\u001b[Hgone', 'gone'],
    ['\u009b31mred', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001bPq#0;data\u001b\\after', 'after'],
    ['\u001b]0;never ended\nnext line', '\nnext line'],
    ['\u001b(B\u001b7\u001bcreset', 'reset'],
    ['over\rwritten', 'overwritten'],
    ['dos\r\nline', 'dos\nline'],
    ['bell\u0007 back\b nul\u0000 del\u007f', 'bell back nul del'],
    ['a\u202egnp.exe', 'a<U+202E>gnp.exe'],
    ['a\u2066b\u2069', 'a<U+2066>b<U+2069>'],
    ['zero\u200bwidth', 'zero<U+200B>width'],
    ['line\u2028separator', 'line<U+2028>separator'],
    ['family \u{1f468}\u200d\u{1f469}', 'family \u{1f468}\u200d\u{1f469}'],
    ['lone \ud800 half', 'lone \ufffd half'],
    ['', ''],
  ])('%j shows as %j', (text, shown) => {
    expect(stripControl(text)).toBe(shown);
  });
});

test('one line stays one line', () => {
  expect(printable(' first\r\n\n\tsecond\u001b[0m ')).toBe('first second');
});

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u001b', '[', ']', '\u009b', ';', '0', 'm', '\r', '\n', '\u202e', '\u0007', '\\', 'P'),
    ),
  )
  .map((parts) => parts.join(''));

test('nothing that moves a cursor or hides text is ever left, and doing it again changes nothing', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = stripControl(text);
      expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\u2028]/);
      expect(stripControl(shown)).toBe(shown);
      expect(printable(text)).not.toMatch(/[\n\t]/);
    }),
    { numRuns: 2000 },
  );
});

test('plain text of any language passes unchanged', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'Z', '0', ' ', '\n', '\t', '.', 'é', 'ß', '漢', 'م', 'ह', '\u{1f600}') }),
      (text) => {
        expect(stripControl(text)).toBe(text);
      },
    ),
  );
});
