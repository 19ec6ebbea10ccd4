/** Tools in turn, round after round, so that what disturbs the machine disturbs all of them alike. */
import { performance } from 'node:perf_hooks';
import { ProgramFailed } from './programs.ts';
import type { Measure, Timed, Tool } from './tool.ts';

export type Taken =
  | { readonly kind: 'measured'; readonly ms: Readonly<Partial<Record<Measure, readonly number[]>>> }
  /** What it said, and what it was at. */
  | { readonly kind: 'failed'; readonly at: Measure; readonly said: string };

/** After one round to warm up. A tool that fails takes no further turns. */
export async function inTurn(
  tools: readonly Tool[],
  rounds: number,
  part: (tool: Tool, timed: Timed) => Promise<void>,
): Promise<ReadonlyMap<Tool, Taken>> {
  const taken = new Map<Tool, Taken>();
  for (let round = -1; round < rounds; round++)
    for (const tool of tools) {
      const before = taken.get(tool) ?? { kind: 'measured', ms: {} };
      if (before.kind === 'measured') taken.set(tool, await turn(before.ms, round >= 0, (timed) => part(tool, timed)));
    }
  return taken;
}

type Series = Partial<Record<Measure, readonly number[]>>;

async function turn(before: Series, counts: boolean, part: (timed: Timed) => Promise<void>): Promise<Taken> {
  const ms: Series = { ...before };
  let at: Measure = 'version';
  const timed: Timed = async (measure, work) => {
    at = measure;
    const start = performance.now();
    const result = await work();
    if (counts) ms[measure] = [...(ms[measure] ?? []), performance.now() - start];
    return result;
  };
  try {
    await part(timed);
    return { kind: 'measured', ms };
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    return { kind: 'failed', at, said: error.message };
  }
}
