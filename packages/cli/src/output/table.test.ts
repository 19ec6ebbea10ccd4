import stringWidth from 'string-width';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { paintWith } from './colour.ts';
import { ascii, fitWidths, formatTable, type Table } from './table.ts';
import { cutToWidth, textWidth } from './text-width.ts';

const plain = paintWith(false);
const tasks: Table = {
  columns: [{ heading: 'TASK' }, { heading: 'NAME', shrinksTo: 4 }, { heading: 'EXIT', align: 'right' }],
  rows: [
    [{ text: 'k3v8h', style: 'strong' }, 'a-rather-long-name', '0'],
    ['m1234', '日本語', '137'],
  ],
};

test('aligns columns and cuts nothing where there is no terminal', async () => {
  expect(await formatTable(tasks, { width: null, paint: plain })).toMatchInlineSnapshot(`
    "TASK   NAME                EXIT
    k3v8h  a-rather-long-name     0
    m1234  日本語               137
    "
  `);
});

test('takes the room from the columns that may give it', async () => {
  expect(await formatTable(tasks, { width: 24, paint: plain })).toMatchInlineSnapshot(`
    "TASK   NAME         EXIT
    k3v8h  a-rather-l…     0
    m1234  日本語        137
    "
  `);
});

test('rows that cannot fit stay whole in their rigid columns', async () => {
  expect(await formatTable(tasks, { width: 5, paint: plain })).toContain('k3v8h  a-r…     0');
});

test('colour adds no width', async () => {
  const lines = (await formatTable(tasks, { width: 24, paint: paintWith(true) })).split('\n');
  expect(lines.slice(0, 3).map((line) => stringWidth(line))).toEqual([24, 24, 24]);
});

test('a text is never wider than asked for, and only cut when it is too wide', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const cut = cutToWidth(text, width);
      expect(stringWidth(cut)).toBeLessThanOrEqual(width);
      expect(cut === text).toBe(stringWidth(text) <= width);
    }),
  );
});

test('text that is all ASCII is as wide, and cut, as any other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      expect(ascii.textWidth(text)).toBe(textWidth(text));
      expect(ascii.cutToWidth(text, width)).toBe(cutToWidth(text, width));
      expect(textWidth(ascii.cutToWidth(text, width))).toBe(Math.min(text.length, width));
    }),
  );
});

test('columns only shrink, never below what they may, and no further than needed', () => {
  const columns = fc.array(
    fc.record({ natural: fc.integer({ min: 0, max: 60 }), shrinksTo: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }) }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(columns, fc.integer({ min: -10, max: 200 }), (given, available) => {
      const natural = given.map((column) => column.natural);
      const widths = fitWidths(
        natural,
        given.map(({ shrinksTo }) => ({ heading: '', ...(shrinksTo === undefined ? {} : { shrinksTo }) })),
        available,
      );
      const total = widths.reduce((sum, width) => sum + width, 0);
      given.forEach((column, index) => {
        expect(widths[index]).toBeLessThanOrEqual(column.natural);
        expect(widths[index]).toBeGreaterThanOrEqual(Math.min(column.natural, column.shrinksTo ?? column.natural));
      });
      const shrunk = widths.some((width, index) => width < (natural[index] ?? 0));
      expect(shrunk && total < available).toBe(false);
    }),
  );
});
