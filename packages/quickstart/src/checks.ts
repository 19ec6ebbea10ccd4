/** Every check there is, one after the other: a table of how long each took, and one line that counts the tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { checkout } from './prepare.mjs';
import { seconds, StepFailed, Steps, type Step } from './steps.mjs';
import { countTests, nothingCounted, sum, type TestCounts } from './test-counts.ts';

type Check = { readonly name: string; readonly step: Omit<Step, 'title'>; readonly report?: string };
type Outcome = { readonly name: string; readonly passed: boolean; readonly tookMs: number; readonly counts: TestCounts | null };

const steps = new Steps({ cwd: checkout, env: process.env });
steps.listen();
const reports = await mkdtemp(join(tmpdir(), 'terok-test-'));
try {
  process.exitCode = await runChecks(reports);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\nerror: ${error.message}\n`);
  process.exitCode = error.exitCode;
} finally {
  await rm(reports, { recursive: true, force: true });
}

async function runChecks(directory: string): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const check of [...staticChecks(), ...testChecks(directory), ...releaseChecks()]) outcomes.push(await outcomeOf(check));

  const counts = outcomes.reduce((total, { counts: own }) => (own === null ? total : sum(total, own)), nothingCounted);
  const failed = outcomes.filter(({ passed }) => !passed).map(({ name }) => name);
  steps.say(`\n${table(outcomes)}\n`);
  if (failed.length > 0) steps.say(`failed: ${failed.join(', ')}`);
  if (counts.passed === 0) steps.say('no test ran');
  steps.say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return failed.length === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

function staticChecks(): readonly Check[] {
  const script = (name: string): Check => ({ name, step: { command: 'pnpm', args: ['run', name] } });
  return ['format:check', 'lint', 'types', 'manifests', 'unused', 'docs:check', 'docs:site'].map(script);
}

/** Every package that has tests; those on real podman come last, for they take longest. */
function testChecks(directory: string): readonly Check[] {
  return readdirSync(join(checkout, 'packages'))
    .filter((name) => hasTests(join(checkout, 'packages', name)))
    .toSorted((a, b) => Number(a === 'e2e') - Number(b === 'e2e') || a.localeCompare(b))
    .map((name) => {
      const report = join(directory, `${name}.json`);
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      // A runner gives up on a test that hangs, not on a machine that is slow or busy.
      const patience = ['--testTimeout=120000', '--hookTimeout=600000'];
      return {
        name: `tests of ${name}`,
        step: { command: 'pnpm', args: ['--dir', join('packages', name), 'run', 'test', ...reporters, ...patience] },
        report,
      };
    });
}

function hasTests(directory: string): boolean {
  const manifest = join(directory, 'package.json');
  return existsSync(manifest) && /^ +"test":/m.test(readFileSync(manifest, 'utf8'));
}

function releaseChecks(): readonly Check[] {
  return [{ name: 'release:rehearsal', step: { command: 'pnpm', args: ['run', 'release:rehearsal'] } }];
}

async function outcomeOf({ name, step, report }: Check): Promise<Outcome> {
  const started = performance.now();
  // A snapshot that is not there yet is a failure, and a test that cannot run here is one too.
  const { exitCode, output } = await steps.attempt({ title: name, ...step, env: { CI: '1' } });
  if (exitCode !== 0) steps.say(`\n${output}\n`);
  const counts = report === undefined ? null : countTests(report, exitCode);
  return { name, passed: exitCode === 0 && (counts === null || counts.passed > 0), tookMs: performance.now() - started, counts };
}

function table(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length));
  return outcomes
    .map(({ name, passed, tookMs, counts }) => {
      const tests = counts === null ? '' : `  ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
      return `  ${passed ? 'ok    ' : 'failed'}  ${name.padEnd(width)}  ${seconds(tookMs).padStart(12)}${tests}`;
    })
    .join('\n');
}
