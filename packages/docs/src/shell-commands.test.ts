import { expect, test } from 'vitest';
import { shellCommands } from './shell-commands.ts';

const wordsOf = (script: string) => shellCommands(script).map(({ words }) => words);

test.each<[string, readonly (readonly string[])[]]>([
  ['terok task list demo   # all of them', [['terok', 'task', 'list', 'demo']]],
  ["terok run demo --prompt 'a # b'", [['terok', 'run', 'demo', '--prompt', 'a # b']]],
  ['terok run demo --prompt "a \\"b\\" $c"', [['terok', 'run', 'demo', '--prompt', 'a "b" $c']]],
  [
    'A=1 B=2 terok setup && echo ok',
    [
      ['terok', 'setup'],
      ['echo', 'ok'],
    ],
  ],
  [
    'cat x | terok run demo --prompt-file - > out 2>&1',
    [
      ['cat', 'x'],
      ['terok', 'run', 'demo', '--prompt-file', '-'],
    ],
  ],
  ['id=$(terok run demo --detach)', [['terok', 'run', 'demo', '--detach']]],
  [
    'echo "is $(terok version)"',
    [
      ['terok', 'version'],
      ['echo', 'is SUBSTITUTED'],
    ],
  ],
  [
    'for p in a b; do\n  terok ls "$p"\ndone',
    [
      ['for', 'p', 'in', 'a', 'b'],
      ['terok', 'ls', '$p'],
    ],
  ],
  [
    'if ! terok wait demo k3; then exit 1; fi',
    [
      ['terok', 'wait', 'demo', 'k3'],
      ['exit', '1'],
    ],
  ],
  ['terok run demo \\\n  --detach', [['terok', 'run', 'demo', '--detach']]],
  ["cat > f <<'EOF'\nterok no-such-verb\nEOF\nterok setup", [['cat'], ['terok', 'setup']]],
  ['', []],
])('%j', (script, expected) => expect(wordsOf(script)).toEqual(expected));

test('a command knows its line', () => {
  expect(shellCommands("a '\n' \\\n  b\n\nc <<E\nx\nE\nd").map(({ words: [first], line }) => [first, line])).toEqual([
    ['a', 1],
    ['c', 5],
    ['d', 8],
  ]);
});

test.each(["echo 'a", 'echo "a', 'echo $(a', 'cat <<E\na'])('%j has no end', (script) =>
  expect(() => shellCommands(script)).toThrow(SyntaxError),
);
