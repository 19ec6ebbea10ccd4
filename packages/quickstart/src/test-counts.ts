/** What a test runner reports, as three numbers. */
import { existsSync, readFileSync } from 'node:fs';

export type TestCounts = { readonly passed: number; readonly failed: number; readonly skipped: number };

export const nothingCounted: TestCounts = { passed: 0, failed: 0, skipped: 0 };

export function sum(a: TestCounts, b: TestCounts): TestCounts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** From vitest's JSON report. A runner that failed without naming a test (a file that does not load, a set-up that breaks, no report at all) counts as one that failed. */
export function countTests(report: string, exitCode: number): TestCounts {
  const counts = existsSync(report) ? readReport(JSON.parse(readFileSync(report, 'utf8'))) : nothingCounted;
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** Pure. A report of another shape is a bug of ours and says so. */
export function readReport(report: unknown): TestCounts {
  const number = (key: string): number => {
    const value: unknown = typeof report === 'object' && report !== null ? Reflect.get(report, key) : undefined;
    if (typeof value !== 'number') throw new TypeError(`The test report has no number \`${key}\`.`);
    return value;
  };
  return {
    passed: number('numPassedTests'),
    failed: number('numFailedTests'),
    skipped: number('numPendingTests') + number('numTodoTests'),
  };
}
