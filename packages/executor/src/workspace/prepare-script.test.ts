import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { inContainer, prepareFailedExitCode, prepareWorkspaceScript, readyLine, runTaskScript } from './prepare-script.ts';

const scripts = [
  { name: 'prepare-workspace', script: prepareWorkspaceScript },
  { name: 'run-task', script: runTaskScript },
];

test.each(scripts)('bash reads $name without a complaint', ({ script }) => {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each(scripts)('$name is a bash script in which nothing of ours was left unfilled', ({ script }) => {
  expect(script.startsWith('#!/bin/bash\n')).toBe(true);
  expect(script.endsWith('\n')).toBe(true);
  expect(script).not.toMatch(/undefined|\[object/);
});

test('the folder, the marker and the mirror of the script are those that are mounted', () => {
  expect(inContainer.marker).toBe(`${inContainer.workspace}/${inContainer.markerName}`);
  for (const line of [`cd ${inContainer.workspace}`, `marker=${inContainer.markerName}`, `mirror=${inContainer.mirror}`])
    expect(prepareWorkspaceScript.split('\n')).toContain(line);
});

test('the agent is announced after the workspace is ready and before it begins', () => {
  const lines = runTaskScript.split('\n');
  const at = (part: string) => lines.findIndex((line) => line.includes(part));
  expect(at('/prepare-workspace || exit $?')).toBeGreaterThan(0);
  expect(at(readyLine)).toBeGreaterThan(at('/prepare-workspace'));
  expect(at('exec "$@"')).toBeGreaterThan(at(readyLine));
});

test('a workspace that cannot be made ready has an exit code of its own', () => {
  expect(prepareFailedExitCode).toBe(128);
  expect(prepareWorkspaceScript).toContain(`exit ${prepareFailedExitCode}`);
});
