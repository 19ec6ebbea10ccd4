/** Medians of things done in turn, so that what disturbs the machine disturbs all of them alike. */
import { performance } from 'node:perf_hooks';

export type Subject = () => void | Promise<void>;

/** Milliseconds that each subject takes, as the median of so many rounds after a tenth as many to warm up. */
export async function mediansMs<K extends string>(
  rounds: number,
  subjects: Readonly<Record<K, Subject>>,
): Promise<Readonly<Record<K, number>>> {
  const names = Object.keys(subjects) as K[];
  const taken = new Map<K, number[]>(names.map((name) => [name, []]));
  const warmUp = Math.ceil(rounds / 10);
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      await subjects[name]();
      if (round >= 0) taken.get(name)?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(taken.get(name) ?? [])])) as Record<K, number>;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
