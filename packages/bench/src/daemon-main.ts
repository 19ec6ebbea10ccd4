/** The figures of the lifecycle daemon, on an installation and a storage of its own. A number on the command line is how many seconds it is watched while idle; else 60. */
import { loadavg } from 'node:os';
import process from 'node:process';
import { installedVersions, writeStamp } from '@terok/sandbox/setup-stamp';
import { commandEnvironment } from './cli-figures.ts';
import { terok } from './command.ts';
import { idleFigures, roundTripFigure, startDaemon, wakeFigure } from './daemon-figures.ts';
import { benchPlace } from './executor-place.ts';
import { reportOf } from './figure.ts';

const [seconds = '60'] = process.argv.slice(2);
const made = await benchPlace((text) => void process.stderr.write(`${text}\n`));
try {
  // The daemon runs where a setup was done, and nowhere else.
  writeStamp(made.sandbox, installedVersions({ from: terok }));
  const house = { sandbox: made.sandbox, env: commandEnvironment(made.places) };
  const [before = 0] = loadavg();
  const daemon = startDaemon(house);
  try {
    const figures = [...(await idleFigures(house, daemon.pid, 1000 * Number(seconds))), roundTripFigure(house, 20)];
    daemon.kill();
    await daemon.ended;
    figures.push(await wakeFigure(house, 7));
    const [after = 0] = loadavg();
    process.stdout.write(`${reportOf(figures)}\nload of the machine: ${before.toFixed(1)} before, ${after.toFixed(1)} after\n`);
    process.exitCode = figures.every(({ within }) => within) ? 0 : 1;
  } finally {
    daemon.kill();
  }
} finally {
  await made.remove();
}
