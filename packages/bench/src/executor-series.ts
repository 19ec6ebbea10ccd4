/** Times of things done in turn, where only a part of each is timed: what a subject cleans up afterwards does not count. */
import { performance } from 'node:perf_hooks';

/** Does its thing inside `timed` and tidies up after it. */
export type TimedSubject = (timed: (work: () => Promise<void>) => Promise<void>) => Promise<void>;

/** Milliseconds of each subject, smallest first, after one round to warm up. */
export async function timesMs<K extends string>(
  rounds: number,
  subjects: Readonly<Record<K, TimedSubject>>,
): Promise<Readonly<Record<K, readonly number[]>>> {
  const names = Object.keys(subjects) as K[];
  const taken = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      await subjects[name](async (work) => {
        const start = performance.now();
        await work();
        if (round >= 0) taken.get(name)?.push(performance.now() - start);
      });
    }
  }
  return Object.fromEntries(names.map((name) => [name, (taken.get(name) ?? []).toSorted((a, b) => a - b)])) as Record<K, number[]>;
}

/** The value that this part of a sorted series does not exceed. */
export const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
