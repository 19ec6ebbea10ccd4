/** What the daemon does beside its ticks and is waited for by nobody. What goes wrong there is told until it goes well again. */
import { TerokError } from '@terok/sandbox';

export interface Chores {
  /** Begins at once. */
  begin(name: string, chore: () => Promise<void>): void;
  /** How the chore of this name last ended, told from elsewhere; null: well. */
  note(name: string, failure: { readonly error: unknown } | null): void;
  troubles(): readonly string[];
  /** Throws what was no failure but a mistake of ours. */
  rethrowMistake(): void;
  /** When all that was begun has ended. */
  settled(): Promise<void>;
}

/** `onMistake` is called once there is something to rethrow. */
export function choresOf({ onMistake }: { readonly onMistake: () => void }): Chores {
  const running = new Set<Promise<void>>();
  const troubles = new Map<string, string>();
  let mistake: { readonly error: unknown } | null = null;

  const note: Chores['note'] = (name, failure) => {
    if (failure === null) {
      troubles.delete(name);
    } else if (failure.error instanceof TerokError) {
      troubles.set(name, failure.error.message);
    } else {
      mistake ??= failure;
      onMistake();
    }
  };
  return {
    begin: (name, chore) => {
      const ending = chore()
        .then(
          () => note(name, null),
          (error: unknown) => note(name, { error }),
        )
        .finally(() => running.delete(ending));
      running.add(ending);
    },
    note,
    troubles: () => [...troubles.values()],
    rethrowMistake: () => {
      if (mistake !== null) throw mistake.error;
    },
    settled: async () => {
      await Promise.all(running);
    },
  };
}
