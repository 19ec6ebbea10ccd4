import { expect, test } from 'vitest';
import { session } from '../testing/session.ts';
import { recordHelp } from './record.ts';
import { helpAsked, helpText } from './recorded-help.ts';

const help = await recordHelp();

test.each(Object.keys(help))('what is recorded of `terok %s --help` is what it prints, with colours and without', async (name) => {
  for (const colour of [false, true]) {
    const printed = await session(`${name} --help`, { environment: { FORCE_COLOR: colour ? '1' : '0' } });
    const text = helpText(help, name, { colour }) ?? '';
    expect(printed).toBe(`$ terok ${name} --help\n--- stdout\n${text}=> 0\n`);
    expect(text.includes('\u001B[')).toBe(colour);
  }
});

test('groups, commands and short forms are recorded', () => {
  expect(Object.keys(help)).toEqual(expect.arrayContaining(['', 'task', 'task run', 'run', 'daemon steps list']));
});

test.each([
  [[], ''],
  [['--help'], ''],
  [['-h'], ''],
  [['task', 'run', '--help'], 'task run'],
  [['task', 'follow-up', '-h'], 'task follow-up'],
  [['task'], null],
  [['--help', 'task'], null],
  [['task run', '--help'], null],
  [['task', '--json', '--help'], null],
  [['run', 'demo', '--', '--help'], null],
])('%j asks for the help of %j', (words, asked) => expect(helpAsked(words)).toBe(asked));

test.each(['constructor', 'nonsense', 'task nonsense', '__proto__'])('there is no help of `%s`', (name) => {
  expect(helpText(help, name, { colour: false })).toBeNull();
});
