/**
 * What runs outside of the daemon and keeps it from sleeping: task containers, image builds, restores. The daemon knows none of them; each
 * is looked at through a probe that whoever starts it hands in. A probe that cannot tell keeps the house awake: "unknown" is not "nothing".
 */
import { printable, type Clock } from '@terok/sandbox';

export type ProbeChange = {
  readonly kind: 'started' | 'ended';
  /** What did, for a person: `task demo/k3v8h`. */
  readonly subject: string;
};

export interface Probe {
  readonly id: string;
  /** What runs now, one line each; empty when nothing does. */
  look(signal: AbortSignal): Promise<readonly string[]>;
  /** Calls back for each change until the signal aborts. Its end, or its failure, is followed by another try. */
  watch?(onChange: (change: ProbeChange) => void, signal: AbortSignal): Promise<void>;
}

export interface Probes {
  /** What runs, looked at now unless that was done a short while ago and nothing has changed since. */
  vetoes(): Promise<readonly string[]>;
  /** What the last look found; null when there was none since the last change. */
  lastVetoes(): readonly string[] | null;
  forget(): void;
  /** Ends when the signal aborts. */
  watch(onChange: (change: ProbeChange) => void, signal: AbortSignal): Promise<void>;
}

export type ProbesOptions = {
  readonly probes: readonly Probe[];
  /** Once for each row of failures. */
  readonly onFailure: (probe: string, problem: string) => void;
};

/** How long what a look found is taken to hold while nothing changes. */
const lookAgainMs = 5 * 60_000;
const lookLimitMs = 30_000;
/** One is enough to stay awake; the others are for whoever asks why. */
const vetoesTold = 100;
const retryMs = { first: 5000, last: 10 * 60_000 } as const;

export function probesOf(clock: Clock, { probes, onFailure }: ProbesOptions): Probes {
  const failing = new Set<string>();
  let found: { readonly vetoes: readonly string[]; readonly atMs: number } | null = null;

  const failed = (id: string, error: unknown): string => {
    const problem = printable(error instanceof Error ? error.message : String(error)).slice(0, 300);
    if (!failing.has(id)) onFailure(id, problem);
    failing.add(id);
    return problem;
  };
  const look = async (probe: Probe): Promise<readonly string[]> => {
    try {
      const vetoes = await withinLimit(clock, (signal) => probe.look(signal));
      failing.delete(probe.id);
      return vetoes;
    } catch (error) {
      return [`unknown whether anything runs (${probe.id}: ${failed(probe.id, error)})`];
    }
  };
  const watchOne = async (probe: Probe, onChange: (change: ProbeChange) => void, signal: AbortSignal): Promise<void> => {
    let pauseMs: number = retryMs.first;
    while (!signal.aborted) {
      const begunMs = clock.monotonicMs();
      try {
        await probe.watch?.(onChange, signal);
      } catch (error) {
        if (!signal.aborted) failed(`${probe.id} events`, error);
      }
      found = null; // what happened in between was not seen
      const lasted = clock.monotonicMs() - begunMs > retryMs.last;
      if (lasted) {
        pauseMs = retryMs.first;
        failing.delete(`${probe.id} events`);
      }
      await clock.sleep(pauseMs, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      pauseMs = Math.min(2 * pauseMs, retryMs.last);
    }
  };

  return {
    vetoes: async () => {
      if (found !== null && clock.monotonicMs() - found.atMs < lookAgainMs) return found.vetoes;
      const looked = { vetoes: (await Promise.all(probes.map(look))).flat().slice(0, vetoesTold), atMs: clock.monotonicMs() };
      found = looked;
      return looked.vetoes;
    },
    lastVetoes: () => found?.vetoes ?? null,
    forget: () => {
      found = null;
    },
    watch: async (onChange, signal) => {
      const changed = (change: ProbeChange): void => {
        found = null;
        onChange(change);
      };
      await Promise.all(probes.filter((probe) => 'watch' in probe).map((probe) => watchOne(probe, changed, signal)));
    },
  };
}

/** A look that does not end is a look that failed; it is told to end, and not waited for. */
async function withinLimit<T>(clock: Clock, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const acting = new AbortController();
  const over = new AbortController();
  const tooLong = clock.sleep(lookLimitMs, over.signal).then(
    () => {
      throw new Error(`no answer after ${lookLimitMs / 1000} s`);
    },
    () => new Promise<never>(() => undefined), // the act was quicker
  );
  try {
    return await Promise.race([act(acting.signal), tooLong]);
  } finally {
    over.abort();
    acting.abort();
  }
}
