/** What became of hooks, as the record keeps it: one entry for each hook of each start of a container. Pure. */
import { describeEnd, type ProcessEnd } from '@terok/executor';
import { isMapping } from '../tasks/mapping.ts';
import type { TaskRecord } from '../tasks/meta-record.ts';
import { hookNames, type HookName } from './hook-config.ts';

export type HookRun = {
  readonly hook: HookName;
  /** Which start of which container; null in a record that knows of none. */
  readonly generation: string | null;
  /** Null for one that is still to be run. */
  readonly startedAt: string | null;
  /** Null while it runs, and for one during which this program died. */
  readonly finishedAt: string | null;
  /** Null unless it ended by itself. */
  readonly exitCode: number | null;
  /** How it ended, in words, with the last of what it said; null when it went well or is not known to have ended. */
  readonly problem: string | null;
  /** How often it was begun. */
  readonly tries: number;
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
    const startedAt = text('started_at');
    const tries = Number.isSafeInteger(entry['tries']) ? Number(entry['tries']) : startedAt === null ? 0 : 1;
    if (hook === undefined) return [];
    return [
      {
        hook,
        generation: text('generation'),
        startedAt,
        finishedAt: text('finished_at'),
        exitCode,
        problem: text('problem'),
        tries,
      },
    ];
  });
}

/** For the record, with `run` in the place of an earlier entry for the same hook of the same start, or at the end. */
export function withHookRun(kept: unknown, run: HookRun): readonly Readonly<Record<string, string | number | null>>[] {
  const others = hookRuns(kept).filter(({ hook, generation }) => hook !== run.hook || generation !== run.generation);
  return [...others, run].slice(-runsMax).map(({ hook, generation, startedAt, finishedAt, exitCode, problem, tries }) => ({
    hook,
    generation,
    started_at: startedAt,
    finished_at: finishedAt,
    exit_code: exitCode,
    problem,
    tries,
  }));
}

/** For the record, from the moment on in which a hook is known to be due: whoever looks next can run it too. */
export function withOwedHook(hook: HookName, record: TaskRecord): unknown {
  return runOf(hook, record) === undefined ? withHookRun(record.hooks, unbegunRun(hook, record)) : record.hooks;
}

/** For the record when it is begun for the last start, at this moment. */
export function begunRun(hook: HookName, record: TaskRecord, startedAt: string): HookRun {
  const run = runOf(hook, record) ?? unbegunRun(hook, record);
  return { ...run, startedAt, tries: run.tries + 1 };
}

/** Whether it was begun for the last start, whatever became of it. */
export const wasBegun = (hook: HookName, record: TaskRecord): boolean => runOf(hook, record) !== undefined;

/** A hook that ends terok, or the machine, would otherwise do so at each look. */
const triesMax = 2;

/** Whether a hook that was to be run for the last start did not come to its end, and may be begun once more. */
export function isOwed(hook: HookName, record: TaskRecord): boolean {
  const run = runOf(hook, record);
  return run !== undefined && run.finishedAt === null && run.tries < triesMax;
}

const runOf = (hook: HookName, record: TaskRecord): HookRun | undefined =>
  hookRuns(record.hooks).find((run) => run.hook === hook && run.generation === generationOf(record));

const unbegunRun = (hook: HookName, record: TaskRecord): HookRun => ({
  hook,
  generation: generationOf(record),
  startedAt: null,
  finishedAt: null,
  exitCode: null,
  problem: null,
  tries: 0,
});

/** Null when it went well. */
export function hookProblem(end: ProcessEnd, said: string): string | null {
  if (end.kind === 'exited' && end.exitCode === 0) return null;
  return said === '' ? describeEnd(end) : `${describeEnd(end)}: ${said}`;
}
