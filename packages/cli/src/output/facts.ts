/** Names and values, one pair per line, the values aligned. */
import { printable } from '@terok/sandbox';
import type { Paint } from './colour.ts';
import type { Cell } from './table.ts';

/** The name is ours, in plain letters; the value may be anybody's text: what a terminal would obey is taken out of it here. */
export type Fact = readonly [name: string, value: Cell];

export function formatFacts(facts: readonly Fact[], paint: Paint): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${paint('faint', name.padEnd(width))}  ${shown(value, paint)}`.trimEnd() + '\n').join('');
}

function shown(value: Cell, paint: Paint): string {
  return typeof value === 'string' ? printable(value) : paint(value.style, printable(value.text));
}
