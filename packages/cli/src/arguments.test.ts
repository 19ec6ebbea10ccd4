import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseArguments } from './arguments.ts';

test.each([
  ['--prompt=', ['--prompt', '']],
  ['--prompt=a\nb', ['--prompt', 'a\nb']],
  ['--prompt=a', ['--prompt=a']],
  ['--prompt', ['--prompt']],
  ['plain=', ['plain=']],
])('reads %j as %j', (word, expected) => expect(normaliseArguments([word]).words).toEqual(expected));

test('leaves what follows `--` alone', () => {
  expect(normaliseArguments(['--prompt=', '--', '--prompt=', '--constructor'])).toEqual({
    words: ['--prompt', '', '--', '--prompt=', '--constructor'],
    unknown: [],
  });
});

test.each(['--constructor', '--toString', '--to-string=1', '--has-own-property', '--no-constructor', '--valueOf', '--__proto__'])(
  'knows %s for no flag',
  (flag) => {
    expect(normaliseArguments(['task', flag]).unknown).toEqual([flag.split('=', 1)[0]]);
  },
);

test('no value is lost or made', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z-]{1,8}$/), fc.string(), (flag, value) => {
      const { words } = normaliseArguments([`--${flag}=${value}`]);
      expect(words.join('=')).toBe(`--${flag}=${value}`);
    }),
  );
});
