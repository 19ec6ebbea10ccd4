import { expect, test } from 'vitest';
import { commandReference } from './reference.ts';
import { session } from './testing/session.ts';

test('the help of every command', async () => {
  const groups = ['--help', 'project --help', 'task --help', 'task archive --help', 'config --help'];
  const shown = [
    ...(await Promise.all(groups.map((words) => session(words)))),
    ...(await commandReference()).map(({ words, help }) => `$ ${words} --help\n${help}`),
  ];
  await expect(shown.join('\n')).toMatchFileSnapshot('./help.test.snapshot.txt');
});
