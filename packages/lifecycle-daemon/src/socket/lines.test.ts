import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineCutter, type Line } from './lines.ts';

const text = (line: string): Line => ({ kind: 'text', text: line });
const bytes = (input: string) => Buffer.from(input);

test('lines end in a newline, with or without a carriage return; the last may go without', () => {
  const cutter = lineCutter({ maxBytes: 10 });
  expect(cutter.push(bytes('one\ntwo\r\n\nth'))).toEqual([text('one'), text('two'), text('')]);
  expect(cutter.push(bytes('ree'))).toEqual([]);
  expect(cutter.end()).toEqual([text('three')]);
  expect(cutter.end()).toEqual([]);
});

test('a line of exactly the limit is one; a byte more is told at once, once, and the next line is read again', () => {
  const cutter = lineCutter({ maxBytes: 4 });
  expect(cutter.push(bytes('1234\n'))).toEqual([text('1234')]);
  expect(cutter.push(bytes('12345'))).toEqual([{ kind: 'too_long', maxBytes: 4 }]);
  expect(cutter.push(bytes('6'.repeat(1_000_000)))).toEqual([]);
  expect(cutter.push(bytes('7\nok\n'))).toEqual([text('ok')]);
  expect(cutter.push(bytes('12345'))).toHaveLength(1);
  expect(cutter.end()).toEqual([]);
});

test('bytes that are no text are told, and spoil no other line', () => {
  expect(lineCutter({ maxBytes: 10 }).push(Buffer.from([0xff, 0x0a, 0x6f, 0x6b, 0x0a]))).toEqual([{ kind: 'not_utf8' }, text('ok')]);
});

test('however the bytes arrive, the lines are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 })), fc.array(fc.integer({ min: 1, max: 7 })), (lines, sizes) => {
      const whole = bytes(lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join(''));
      const cutter = lineCutter({ maxBytes: 30 });
      const seen: Line[] = [];
      for (let [from, n] = [0, 0]; from < whole.length; n++) {
        const size = sizes[n % Math.max(1, sizes.length)] ?? 1;
        seen.push(...cutter.push(whole.subarray(from, from + size)));
        from += size;
      }
      expect([...seen, ...cutter.end()]).toEqual(lineCutter({ maxBytes: 30 }).push(whole));
      expect(seen).toHaveLength(lines.length);
    }),
  );
});
