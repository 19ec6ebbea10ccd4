import { expect, test } from 'vitest';
import { session } from './testing/session.ts';

test('an unknown command names the nearest', async () => {
  expect(await session('tsk list demo')).toMatchInlineSnapshot(`
    "$ terok tsk list demo
    --- stderr
    error: \`terok\` has no command \`tsk\`.
    hint: Did you mean \`terok task\`?
    => 2
    "
  `);
  expect(await session('task lst demo')).toMatchInlineSnapshot(`
    "$ terok task lst demo
    --- stderr
    error: \`terok task\` has no command \`lst\`.
    hint: Did you mean \`terok task list\`?
    => 2
    "
  `);
});

test('an unknown flag names the nearest', async () => {
  expect(await session('task run demo --promt x')).toMatchInlineSnapshot(`
    "$ terok task run demo --promt x
    --- stderr
    error: There is no flag \`--promt\`; did you mean \`--prompt\`?
    hint: See \`terok task run --help\`.
    => 2
    "
  `);
  expect(await session('task run demo --constructor x')).toMatchInlineSnapshot(`
    "$ terok task run demo --constructor x
    --- stderr
    error: There is no flag \`--constructor\`.
    hint: See \`terok --help\`.
    => 2
    "
  `);
});

test('a missing or superfluous word is said', async () => {
  expect(await session('project show')).toMatchInlineSnapshot(`
    "$ terok project show
    --- stderr
    error: PROJECT is missing.
    hint: \`terok project list\` lists them all.
    => 2
    "
  `);
  expect(await session('project show a b')).toMatchInlineSnapshot(`
    "$ terok project show a b
    --- stderr
    error: \`b\` is one word too many.
    hint: See \`terok project show --help\`.
    => 2
    "
  `);
  expect(await session('task run demo --prompt')).toMatchInlineSnapshot(`
    "$ terok task run demo --prompt
    --- stderr
    error: \`--prompt\` needs a value.
    hint: See \`terok task run --help\`.
    => 2
    "
  `);
});

test('a value that does not fit says what would', async () => {
  expect(await session('task run demo --prompt x --time-limit soon')).toMatchInlineSnapshot(`
    "$ terok task run demo --prompt x --time-limit soon
    --- stderr
    error: \`soon\` does not fit \`--time-limit\`: a time such as 90s, 30m or 1h30m is expected.
    hint: See \`terok task run --help\`.
    => 2
    "
  `);
  expect(await session('project add demo /r --network wide')).toMatchInlineSnapshot(`
    "$ terok project add demo /r --network wide
    --- stderr
    error: \`wide\` does not fit \`--network\`: one of none, open is expected.
    hint: See \`terok project add --help\`.
    => 2
    "
  `);
  expect(await session('task logs demo k3 --tail -1')).toMatchInlineSnapshot(`
    "$ terok task logs demo k3 --tail -1
    --- stderr
    error: \`-1\` does not fit \`--tail\`: a number of lines, 0 or more, is expected.
    hint: See \`terok task logs --help\`.
    => 2
    "
  `);
});

test('what was typed cannot command the terminal', async () => {
  expect(await session("'\u001B]0;owned\u0007x'")).not.toContain('\u001B');
  expect(await session("task logs demo k3 --tail '\u001B[31m'")).not.toContain('\u001B');
});

test('a prompt is asked for before anything else is touched', async () => {
  expect(await session('task run demo')).toMatchInlineSnapshot(`
    "$ terok task run demo
    --- stderr
    error: What should the agent do?
    hint: Say it with \`--prompt TEXT\`, or name a file with \`--prompt-file FILE\` (\`-\` is the standard input).
    => 2
    "
  `);
  expect(await session('task run demo --prompt-file nowhere.sh')).toMatchInlineSnapshot(`
    "$ terok task run demo --prompt-file nowhere.sh
    --- stderr
    error: There is no prompt file \`nowhere.sh\`.
    hint: Check the path; \`-\` reads the prompt from the standard input.
    => 2
    "
  `);
});

test('anything unforeseen is a bug of ours, with its stack and the versions', async () => {
  const shown = await session('config paths');
  expect(shown).toContain('error: This is a bug in terok.');
  expect(shown).toContain('Error: this test has no host\n    at ');
  expect(shown).toMatch(/@terok\/sandbox \d+\.\d+\.\d+/);
  expect(shown).toMatch(/=> 70\n$/);
});

test('the version is one line', async () =>
  expect(await session('--version')).toMatch(/^\$ terok --version\n--- stdout\n\d+\.\d+\.\d+\n=> 0\n$/));
