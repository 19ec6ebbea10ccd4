/** A small real repository with a failing test, and the script that mends it: what the story is about. */
import type { Steps } from './steps.mjs';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The branch people work on, and one that stays at the failing test whatever happens to the first. */
const mainBranch = 'main';
export const startBranch = 'start';

const greeting = `# Sourced by test.sh.

# Prints a greeting: greet NAME
greet() {
  printf 'Hello, %s!\\n' "$2"
}
`;

const test = `#!/bin/sh
# Fails as long as greet does not use the name it is given.
cd "$(dirname "$0")" || exit 1
. ./greet.sh

expected='Hello, Ada!'
actual=$(greet Ada)
if [ "$actual" = "$expected" ]; then
  echo "pass: greet Ada prints '$actual'"
else
  echo "FAIL: greet Ada prints '$actual', not '$expected'"
  exit 1
fi
`;

const readme = `# Demo

\`greet.sh\` has a mistake, and \`./test.sh\` finds it. Made by \`npm run quickstart\`.
`;

/** What the \`shell\` agent is given to do: a bash script, run inside the container in the task's workspace. */
export const mendingScript = `set -euo pipefail

echo '--- the test, before'
if ./test.sh; then
  echo 'The test passes already: there is nothing to mend.'
  exit 1
fi

echo '--- the mistake'
grep -n '"$2"' greet.sh
sed -i 's/"$2"/"$1"/' greet.sh

echo '--- the test, after'
./test.sh

git commit --quiet --all --message 'greet: use the name it is given'
git log --oneline
`;

const identity = ['-c', 'user.name=terok quickstart', '-c', 'user.email=quickstart@localhost'];

/** Makes the repository, or leaves the one that is there as it is. Answers whether its main branch still has the failing test. */
export async function demoRepository(steps: Steps, path: string): Promise<{ readonly untouched: boolean }> {
  const git = (...args: readonly string[]) =>
    steps.read({ title: 'The demo repository', command: 'git', args: ['-C', path, ...identity, ...args] });
  if (!existsSync(join(path, '.git/refs/heads', startBranch))) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'README.md'), readme);
    writeFileSync(join(path, 'greet.sh'), greeting);
    writeFileSync(join(path, 'test.sh'), test, { mode: 0o755 });
    await git('init', '--quiet', `--initial-branch=${mainBranch}`);
    await git('add', 'README.md', 'greet.sh', 'test.sh');
    await git('commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message=A greeting, and a test that it fails');
    await git('branch', startBranch);
  }
  return { untouched: (await git('rev-parse', mainBranch)) === (await git('rev-parse', startBranch)) };
}
