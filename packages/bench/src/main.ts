import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { durableWriteFigures } from './durable-write.ts';
import { reportOf } from './figure.ts';
import { setupCheckFigure } from './setup-check.ts';
import { startUpFigure } from './start-up.ts';

// Beside the code and not in /tmp, which may be memory: an fsync there costs nothing.
const directory = await mkdtemp(join(import.meta.dirname, '../.bench-'));
try {
  const figures = [await setupCheckFigure(directory), await startUpFigure(), ...(await durableWriteFigures(directory))];
  process.stdout.write(`${reportOf(figures)}\n`);
  process.exitCode = figures.every(({ within }) => within) ? 0 : 1;
} finally {
  await rm(directory, { recursive: true });
}
