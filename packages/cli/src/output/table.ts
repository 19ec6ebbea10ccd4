/** Rows of cells as aligned text. On a terminal the widest flexible columns give way until a row fits; elsewhere nothing is cut. */
import { printable } from '@terok/sandbox';
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

type Shown = { readonly text: string; readonly style: Style | null };

/** Cells may hold anybody's text: what a terminal would obey is taken out of it here. `width` null means as wide as it comes. */
export async function formatTable(
  { columns, rows }: Table,
  { width, paint }: { readonly width: number | null; readonly paint: Paint },
): Promise<string> {
  const headings = columns.map(({ heading }): Shown => ({ text: heading, style: 'faint' }));
  const lines = [headings, ...rows.map((row) => columns.map((_, index) => shown(row[index] ?? '')))];
  const { textWidth, cutToWidth } = lines.every((line) => line.every(({ text }) => isAscii(text)))
    ? ascii
    : await import('./text-width.ts');

  const natural = columns.map((_, index) => lines.reduce((widest, line) => Math.max(widest, textWidth(line[index]?.text ?? '')), 0));
  const widths = width === null ? natural : fitWidths(natural, columns, width - gap.length * (columns.length - 1));
  const cell = ({ text, style }: Shown, column: Column, columnWidth: number): string => {
    const cut = cutToWidth(text, columnWidth);
    const padding = ' '.repeat(Math.max(0, columnWidth - textWidth(cut)));
    const painted = style === null ? cut : paint(style, cut);
    return column.align === 'right' ? padding + painted : painted + padding;
  };
  return lines
    .map(
      (line) =>
        `${line
          .map((each, index) => cell(each, columns[index]!, at(widths, index)))
          .join(gap)
          .trimEnd()}\n`,
    )
    .join('');
}

const shown = (cell: Cell): Shown =>
  typeof cell === 'string' ? { text: printable(cell), style: null } : { text: printable(cell.text), style: cell.style };

const isAscii = (text: string) => /^[ -~]*$/.test(text);

/** What `text-width.ts` says of such text: each character is one column. A cut one ends in a character that is not ASCII, and as wide. */
export const ascii = {
  textWidth: (text: string): number => text.length,
  cutToWidth: (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`),
};

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

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const at = (numbers: readonly number[], index: number) => numbers[index] ?? 0;
