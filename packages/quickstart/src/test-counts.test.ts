import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countTests, readReport, sum } from './test-counts.ts';

const report = (passed: number, failed: number, pending: number, todo: number) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: todo,
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'terok-counts-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a test that is still to be written counts as skipped', () => {
  expect(readReport(report(5, 1, 2, 3))).toEqual({ passed: 5, failed: 1, skipped: 5 });
});

test('a report of another shape is refused', () => {
  expect(() => readReport({ numPassedTests: '5' })).toThrow('no number `numPassedTests`');
  expect(() => readReport(null)).toThrow(TypeError);
});

test.each([
  ['all passed', report(3, 0, 0, 0), 0, { passed: 3, failed: 0, skipped: 0 }],
  ['one failed', report(3, 1, 0, 0), 1, { passed: 3, failed: 1, skipped: 0 }],
  ['a file did not load', report(3, 0, 0, 0), 1, { passed: 3, failed: 1, skipped: 0 }],
])('counts what the runner ended with: %s', (_, written, exitCode, counts) => {
  const path = join(directory, 'report.json');
  writeFileSync(path, JSON.stringify(written));
  expect(countTests(path, exitCode)).toEqual(counts);
});

test('a runner that left no report failed', () => {
  expect(countTests(join(directory, 'absent.json'), 137)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('sums each number', () => {
  expect(sum({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
    passed: 11,
    failed: 22,
    skipped: 33,
  });
});
