/** Names and values, one pair per line, the values aligned. */
import stringWidth from 'string-width';
import type { Paint } from './colour.ts';

export type Fact = readonly [name: string, value: string];

/** Values hold single-line text already free of control characters. */
export function formatFacts(facts: readonly Fact[], paint: Paint): string {
  const width = Math.max(...facts.map(([name]) => stringWidth(name)));
  return facts.map(([name, value]) => `${paint('faint', name)}${' '.repeat(width - stringWidth(name))}  ${value}`.trimEnd() + '\n').join('');
}
