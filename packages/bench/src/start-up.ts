/** What importing the stamp adds to the start of a program. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Figure } from './figure.ts';
import { mediansMs } from './measure.ts';

export async function startUpFigure(): Promise<Figure> {
  const entry = fileURLToPath(import.meta.resolve('@terok/sandbox/setup-stamp'));
  const taken = await mediansMs(60, { stamp: () => run([entry]), nothing: () => run(['-e', '0']) });
  const moreMs = taken.stamp - taken.nothing;
  return {
    name: 'importing the stamp',
    against: '`node -e 0`',
    ms: taken.stamp,
    againstMs: taken.nothing,
    limit: `at most 10 ms more: ${moreMs.toFixed(1)} ms`,
    within: moreMs <= 10,
  };
}

/** Nothing of this environment: certificates to load would cost more than what is measured. */
function run(args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { env: {}, stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ended with ${status}`);
}
