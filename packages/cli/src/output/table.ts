/** Rows of cells as aligned text. On a terminal the widest flexible columns give way until a row fits; elsewhere nothing is cut. */
import { printable } from '@terok/sandbox';
import stringWidth from 'string-width';
import type { Paint, Style } from './colour.ts';

export type Cell = string | { readonly text: string; readonly style: Style };
export type Column = {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  /** Columns that may be cut down to this many to make a row fit. */
  readonly shrinksTo?: number;
};
export type Table = { readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] };

const gap = '  ';

/** Cells may hold anybody's text: what a terminal would obey is taken out of it here. `width` null means as wide as it comes. */
export function formatTable({ columns, rows }: Table, { width, paint }: { readonly width: number | null; readonly paint: Paint }): string {
  const headings: readonly Cell[] = columns.map((column) => ({ text: column.heading, style: 'faint' }));
  const lines = [headings, ...rows];
  const natural = columns.map((_, index) => Math.max(...lines.map((line) => stringWidth(textOf(line[index])))));
  const widths = width === null ? natural : fitWidths(natural, columns, width - gap.length * (columns.length - 1));

  return lines
    .map(
      (line) =>
        `${columns
          .map((column, index) => formatCell(line[index] ?? '', column, widths[index] ?? 0, paint))
          .join(gap)
          .trimEnd()}\n`,
    )
    .join('');
}

/** Takes columns off the widest flexible one until the sum fits or nothing can give any more. */
export function fitWidths(natural: readonly number[], columns: readonly Column[], available: number): readonly number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - available; excess > 0; excess--) {
    const widest = columns.reduce<number | null>((best, column, index) => {
      if (column.shrinksTo === undefined || at(widths, index) <= Math.max(1, column.shrinksTo)) return best;
      return best === null || at(widths, index) > at(widths, best) ? index : best;
    }, null);
    if (widest === null) break;
    widths[widest] = at(widths, widest) - 1;
  }
  return widths;
}

/** The text itself where it fits, else as much of it as does, ending in `…`. */
export function cutToWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function formatCell(cell: Cell, column: Column, width: number, paint: Paint): string {
  const text = cutToWidth(textOf(cell), width);
  const padding = ' '.repeat(Math.max(0, width - stringWidth(text)));
  const painted = typeof cell === 'string' ? text : paint(cell.style, text);
  return column.align === 'right' ? padding + painted : painted + padding;
}

const textOf = (cell: Cell | undefined) => (cell === undefined ? '' : printable(typeof cell === 'string' ? cell : cell.text));
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const at = (numbers: readonly number[], index: number) => numbers[index] ?? 0;
