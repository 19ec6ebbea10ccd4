import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bundleScript, diffScript, restoreScript, salvageScript, scriptExit } from './workspace-scripts.ts';

/** What they do is tried in containers, by the end-to-end tests. */
test.each(Object.entries({ bundleScript, diffScript, restoreScript, salvageScript }))('%s is a script that bash can read', (_, script) => {
  expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('each way to refuse has a code of its own, none of which git or bash uses', () => {
  const codes = Object.values(scriptExit);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.filter((code) => code <= 2 || code >= 124)).toEqual([]);
});
