/** What a person types wrong gets one error that says what, and one hint that says what to do. */
import { taskNew } from '@terok/orchestration';
import { expect, test } from 'vitest';
import { memoryHost, projectDisk } from './testing/memory-host.ts';
import { session } from './testing/session.ts';

const record = (taskId: string) => ({ [`/state/core/projects/demo/tasks/${taskId}_dossier.json`]: JSON.stringify({ task: taskId }) });
const host = await memoryHost({ disk: { ...projectDisk, ...record('k3v8h'), ...record('k3zzz') } });
const first = await taskNew(await host.engine(), 'demo', { name: 'first' });

test.each([
  ['restart demo k3', '`terok` has no command `restart`.', 'Did you mean `terok task restart`?', 2],
  ['project restart demo', '`terok project` has no command `restart`.', 'Did you mean `terok task restart`?', 2],
  ["project add new /repository --base ''", '`--base` is given, and empty.', 'See `terok project add --help`.', 2],
  ["project add new ''", 'REPOSITORY is given, and empty.', 'See `terok project add --help`.', 2],
  ["task archive show demo ''", 'ARCHIVE is given, and empty.', 'See `terok task archive show --help`.', 2],
  ["run demo --prompt x --time-limit ''", '`--time-limit` is given, and empty.', 'See `terok run --help`.', 2],
  ["'' demo", '`terok` has no command ``.', 'See `terok --help`.', 2],
  ['project derive demo copy --agent cluade', 'There is no agent `cluade`.', 'Did you mean `claude`?', 2],
  ['nonsense', '`terok` has no command `nonsense`.', 'See `terok --help`.', 2],
  ['ls demo --nonsense', 'There is no flag `--nonsense`.', 'See `terok ls --help`.', 2],
  ['status dmo k3', 'There is no project `dmo`.', 'Did you mean `demo`? `terok project list` lists them all.', 1],
  ['status demo zzz', 'Invalid task ID prefix "zzz": expected 1-5 Crockford chars, such as `k3v8h`.', 'A task ID is a letter', 2],
  ['status demo i3', 'Invalid task ID prefix "i3": no task ID starts with I, L or O.', 'A task ID is a letter', 2],
  [`diff demo ${first}`, `Task ${first} of project demo has never been run.`, 'Start it with `terok task run demo', 1],
  [`fetch demo ${first}`, `Task ${first} of project demo has never been run.`, 'Start it with `terok task run demo', 1],
  [`logs demo ${first}`, `Task ${first} of project demo has never been run.`, 'Start it with `terok task run demo', 1],
  [`ls 'd\u001B[31mo'`, '"d\\u001b[31mo" is no project name.', 'Use lowercase letters', 2],
  ["status demo 'k\u001B]0;x\u0007'", 'Invalid task ID prefix "k\\u001b]0;x\\u0007"', 'A task ID is a letter', 2],
  ['status nope k3 --json', 'There is no project `nope`.', 'Known projects: demo.', 1],
  ['status demo k3', "Ambiguous task ID 'k3' — matches: k3v8h, k3zzz", 'Give more characters of the ID.', 1],
])('`terok %s`', async (typed, error, hint, exitCode) => {
  const shown = await session(typed, host);
  expect(shown).toContain(`error: ${error}`);
  expect(shown).toContain(`\nhint: ${hint}`);
  expect(shown.endsWith(`=> ${exitCode}\n`)).toBe(true);
  expect(shown.match(/^(?:error|hint): /gm)).toEqual(['error: ', 'hint: ']);
  expect(shown).not.toContain('--- stdout');
  expect(shown).not.toContain('\u001B');
});
