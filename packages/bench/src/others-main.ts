/**
 * terok beside other tools that give an agent a place of its own, each on the same storage and image. They are installed from npm into the
 * bench's place, and gone with it. A word on the command line is the base image; else `auto`.
 */
import { loadavg } from 'node:os';
import process from 'node:process';
import { ensureAgentImage } from '@terok/executor';
import { benchPlace } from './executor-place.ts';
import { devcontainerTool } from './others/devcontainer.ts';
import { openPrograms } from './others/programs.ts';
import { comparisonOf } from './others/report.ts';
import { sandcastleTool } from './others/sandcastle.ts';
import { srtNeeds, srtTool } from './others/srt.ts';
import { openStage } from './others/stage.ts';
import { terokTool } from './others/terok.ts';
import { inTurn } from './others/turns.ts';

const versionRounds = 20;
const lifeRounds = 7;

const tell = (text: string) => void process.stderr.write(`${text}\n`);
const [base = 'auto'] = process.argv.slice(2);
const made = await benchPlace(tell);
try {
  const onProgress = ({ kind, text }: { readonly kind: string; readonly text: string }) => (kind === 'stage' ? tell(text) : undefined);
  const { reference } = await ensureAgentImage(made.ctx, { agents: ['shell'], base, onProgress });
  const stage = await openStage(made, openPrograms(), reference);
  tell('setting up terok, and installing the others from npm');
  const terok = await terokTool(stage, made, base);
  const found = [await devcontainerTool(stage), await srtTool(stage), await sandcastleTool(stage)];
  const others = found.filter((tool) => 'life' in tool);
  const tools = [terok, ...others];

  const load = () => loadavg().map((value) => value.toFixed(1));
  const [before] = load();
  tell(`version, ${versionRounds} rounds`);
  const versions = await inTurn(tools, versionRounds, (tool, timed) => tool.version(timed));
  tell(`from nothing to nothing, ${lifeRounds} rounds`);
  const lives = await inTurn(tools, lifeRounds, (tool, timed) => tool.life(timed));
  const [after] = load();

  const measured = tools.map((tool) => ({ tool, taken: [versions, lives].flatMap((part) => part.get(tool) ?? []) }));
  const failed = measured[0]?.taken.find(({ kind }) => kind === 'failed');
  const absent = found.filter((tool) => 'said' in tool);
  process.stdout.write(
    `${comparisonOf(measured, absent)}\nmedians of ${versionRounds} rounds (version) and ${lifeRounds}, and ratios to terok\n`,
  );
  process.stdout.write(`load of the machine: ${before} before, ${after} after\n`);
  const needs = srtNeeds(stage);
  if (needs !== null) process.stdout.write(`What srt has not found here comes with \`${needs}\`.\n`);
  process.exitCode = failed === undefined ? 0 : 1;
} finally {
  await made.remove();
}
