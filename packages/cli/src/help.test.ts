import { expect, test } from 'vitest';
import { isRow, type CommandTree } from './commands/row.ts';
import { commandTable } from './commands/table.ts';
import { commandReference } from './reference.ts';
import { session } from './testing/session.ts';

test('the help of every command', async () => {
  const shown = [
    ...(await Promise.all(groupsOf(commandTable, []).map((words) => session([...words, '--help'].join(' '))))),
    ...(await commandReference()).map(({ words, help }) => `$ ${words} --help\n${help}`),
  ];
  await expect(shown.join('\n')).toMatchFileSnapshot('./help.test.snapshot.txt');
  expect(shown.flatMap((text) => text.split('\n')).filter((line) => line.length > 80)).toEqual([]);
});

test('a short form is the long one', async () => {
  for (const [short, long] of [
    ['ls', 'task list'],
    ['rm', 'task delete'],
    ['run', 'task run'],
  ]) {
    const [ofShort, ofLong] = await Promise.all([session(`${short} --help`), session(`${long} --help`)]);
    expect(ofShort.replaceAll(`terok ${short}`, `terok ${long}`)).toBe(ofLong);
  }
});

function groupsOf({ routes }: CommandTree, words: readonly string[]): readonly (readonly string[])[] {
  return [words, ...Object.entries(routes).flatMap(([name, entry]) => (isRow(entry) ? [] : groupsOf(entry, [...words, name])))];
}
