import { expect, test } from 'vitest';
import { placeholders, withoutNaN } from './placeholder.ts';

type Facts = { readonly name: string; readonly list: readonly string[]; readonly size: number; readonly at: { readonly line: number } };
// It has every property, so it has these.
const facts = placeholders() as Facts;

test.each([
  [() => `in ${facts.name}.`, 'in {name}.'],
  [() => facts.name.trimEnd(), '{name}'],
  [() => facts.list.join(', '), '{list}'],
  [() => facts.list.map((item) => `- ${item}`).join('\n'), '- {list}'],
  [() => facts.list.slice(0, 3).join(', '), '{list}'],
  [() => `first ${facts.list[0]}`, 'first {list}'],
  [() => withoutNaN(`${facts.size / 1000} s`), '{number} s'],
  [() => `line ${facts.at.line}`, 'line {at.line}'],
  [() => String(/refused/.test(facts.name)), 'false'],
])('%s reads %s', (message, expected) => expect(message()).toBe(expected));
