/** The figures of looking at many tasks. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { reportOf } from './figure.ts';
import { taskFigures } from './tasks-figures.ts';

const directory = await mkdtemp(join(tmpdir(), 'terok-bench-'));
try {
  const figures = await taskFigures(directory);
  process.stdout.write(`${reportOf(figures)}\n`);
  process.exitCode = figures.every(({ within }) => within) ? 0 : 1;
} finally {
  await rm(directory, { recursive: true });
}
