/** The figures of the executor on the installation that the environment names; `terok setup` comes before. */
import { loadavg } from 'node:os';
import process from 'node:process';
import { ensureAgentImage, executorContext } from '@terok/executor';
import { hostContext } from '@terok/sandbox';
import { batchFigure, launchFigures, stopFigure, togetherFigure, type Bench } from './executor-figures.ts';
import { reportOf } from './figure.ts';

const sandbox = await hostContext({ env: process.env });
const ctx = await executorContext(sandbox);
if (ctx.engine.kind !== 'current') throw new Error(`the engine profile is ${ctx.engine.kind}: run \`terok setup\``);
const { reference } = await ensureAgentImage(ctx, { agents: ['shell'], base: sandbox.config.image.base, onProgress: () => {} });
const bench: Bench = { sandbox, ctx, engine: ctx.engine.profile, image: reference };

const load = () => loadavg().map((value) => value.toFixed(1));
const [before] = load();
const figures = [
  ...(await launchFigures(bench, 8)),
  await stopFigure(bench, 20),
  await togetherFigure(bench, 20, 2),
  await batchFigure(bench, 200),
];
process.stdout.write(`${reportOf(figures)}\nload of the machine: ${before} before, ${load()[0]} after\n`);
process.exitCode = figures.every(({ within }) => within) ? 0 : 1;
