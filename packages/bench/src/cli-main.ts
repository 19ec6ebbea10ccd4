/** The figures of the command line, on an installation and a storage of its own. */
import { loadavg } from 'node:os';
import process from 'node:process';
import { commandEnvironment, listFigure, manyTasks, startFigures } from './cli-figures.ts';
import { benchPlace } from './executor-place.ts';
import { reportOf } from './figure.ts';

const made = await benchPlace((text) => void process.stderr.write(`${text}\n`));
try {
  const env = commandEnvironment(made.places);
  const taskId = await manyTasks(made);
  const [before = 0] = loadavg();
  const figures = [...startFigures(env, taskId, 40), await listFigure(made, env, 15)];
  const [after = 0] = loadavg();
  process.stdout.write(`${reportOf(figures)}\nload of the machine: ${before.toFixed(1)} before, ${after.toFixed(1)} after\n`);
  process.exitCode = figures.every(({ within }) => within) ? 0 : 1;
} finally {
  await made.remove();
}
