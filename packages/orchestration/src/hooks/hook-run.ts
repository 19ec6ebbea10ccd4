/** What became of hooks, as the record keeps it: one entry for each hook of each start of a container. Pure. */
import { describeEnd, type ProcessEnd } from '@terok/executor';
import { isMapping } from '../tasks/mapping.ts';
import type { TaskRecord } from '../tasks/meta-record.ts';
import { hookNames, type HookName } from './hook-config.ts';

export type HookRun = {
  readonly hook: HookName;
  /** Which start of which container; null in a record that knows of none. */
  readonly generation: string | null;
  readonly startedAt: string | null;
  /** Null while it runs, and for one during which this program died. */
  readonly finishedAt: string | null;
  /** Null unless it ended by itself. */
  readonly exitCode: number | null;
  /** How it ended, in words, with the last of what it said; null when it went well or is not known to have ended. */
  readonly problem: string | null;
};

/** More than the hooks of the last few launches are of no use to anybody. */
const runsMax = 20;

/** A launch, and again each start of its container. */
export const generationOf = ({ launch_id: launchId, restarted_at: again }: TaskRecord): string | null =>
  typeof launchId === 'string' && typeof again === 'string' ? `${launchId}@${again}` : (launchId ?? null);

/** The runs in a record, oldest first. What is not shaped like one is left out. */
export function hookRuns(kept: unknown): readonly HookRun[] {
  if (!Array.isArray(kept)) return [];
  return kept.flatMap((entry: unknown) => {
    if (!isMapping(entry)) return [];
    const hook = hookNames.find((name) => name === entry['hook']);
    const text = (key: string) => (typeof entry[key] === 'string' ? entry[key] : null);
    const exitCode = typeof entry['exit_code'] === 'number' ? entry['exit_code'] : null;
    if (hook === undefined) return [];
    return [
      {
        hook,
        generation: text('generation'),
        startedAt: text('started_at'),
        finishedAt: text('finished_at'),
        exitCode,
        problem: text('problem'),
      },
    ];
  });
}

/** For the record, with `run` in the place of an earlier entry for the same hook of the same start, or at the end. */
export function withHookRun(kept: unknown, run: HookRun): readonly Readonly<Record<string, string | number | null>>[] {
  const others = hookRuns(kept).filter(({ hook, generation }) => hook !== run.hook || generation !== run.generation);
  return [...others, run].slice(-runsMax).map(({ hook, generation, startedAt, finishedAt, exitCode, problem }) => ({
    hook,
    generation,
    started_at: startedAt,
    finished_at: finishedAt,
    exit_code: exitCode,
    problem,
  }));
}

/** Null when it went well. */
export function hookProblem(end: ProcessEnd, said: string): string | null {
  if (end.kind === 'exited' && end.exitCode === 0) return null;
  return said === '' ? describeEnd(end) : `${describeEnd(end)}: ${said}`;
}
