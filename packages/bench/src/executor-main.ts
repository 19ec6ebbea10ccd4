/** The figures of the executor, on an installation and a storage of its own. A word on the command line is the base image; else `auto`. */
import { loadavg } from 'node:os';
import process from 'node:process';
import { ensureAgentImage } from '@terok/executor';
import { batchFigure, launchFigures, stopFigure, togetherFigure, type Bench } from './executor-figures.ts';
import { benchPlace } from './executor-place.ts';
import { reportOf } from './figure.ts';

const tell = (text: string) => void process.stderr.write(`${text}\n`);
const [base = 'auto'] = process.argv.slice(2);
const { sandbox, ctx, remove } = await benchPlace(tell);
try {
  const onProgress = ({ kind, text }: { readonly kind: string; readonly text: string }) => (kind === 'stage' ? tell(text) : undefined);
  const { reference } = await ensureAgentImage(ctx, { agents: ['shell'], base, onProgress });
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
} finally {
  await remove();
}
