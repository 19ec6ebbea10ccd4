/** Names and values, one pair per line, the values aligned. */
import type { Paint } from './colour.ts';

/** The name is ours, in plain letters; the value is single-line text already free of control characters. */
export type Fact = readonly [name: string, value: string];

export function formatFacts(facts: readonly Fact[], paint: Paint): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${paint('faint', name.padEnd(width))}  ${value}`.trimEnd() + '\n').join('');
}
