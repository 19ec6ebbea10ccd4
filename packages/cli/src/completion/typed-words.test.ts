import { expect, test } from 'vitest';
import { splitFlagValue, typedWords } from './typed-words.ts';

const flags = [
  { name: '--tail', letter: null, takesValue: true },
  { name: '--follow', letter: '-f', takesValue: false },
];
const flagOf = (word: string) => flags.find(({ name, letter }) => word === name || word === letter);

test.each([
  [['a', '--tail', '3', 'b'], { positionals: ['a', 'b'], used: ['--tail'] }],
  [['--tail=3', 'a'], { positionals: ['a'], used: ['--tail'] }],
  [['--tail', '-3', 'a'], { positionals: ['a'], used: ['--tail'] }],
  [['a', '--tail'], { positionals: ['a'], used: ['--tail'], awaiting: '--tail' }],
  [['-f', '-', 'a'], { positionals: ['-', 'a'], used: ['--follow'] }],
  [['-f', 'a', '--', '--tail'], { positionals: ['a', '--tail'], used: ['--follow'], understood: false }],
  [['--unknown', 'a'], { positionals: ['a'], understood: false }],
  [['-f', '--follow'], { used: ['--follow'], understood: false }],
  [['--follow=yes'], { understood: false }],
  [['--tail', '--follow'], { used: ['--tail'], awaiting: '--tail', understood: false }],
])('%j is %j', (words, expected) => {
  const { positionals = [], used = [], awaiting = null, understood = true }: Expected = expected;
  expect(typedWords(words, flagOf)).toEqual({ positionals, used: new Set(used), awaiting, understood });
});

type Expected = { positionals?: string[]; used?: string[]; awaiting?: string | null; understood?: boolean };

test.each([
  [['run', '--agent=sh'], { words: ['run', '--agent', 'sh'], before: '--agent=' }],
  [['run', '--agent='], { words: ['run', '--agent', ''], before: '--agent=' }],
  [['run', 'a=b'], { words: ['run', 'a=b'], before: '' }],
  [[], { words: [''], before: '' }],
])('%j is split into %j', (typed, expected) => expect(splitFlagValue(typed)).toEqual(expected));
