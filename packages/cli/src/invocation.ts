/** What a command is given: its two voices, the world, and the rooms below, opened on first use. */
import type { ExecutorContext } from '@terok/executor';
import type { SandboxContext } from '@terok/sandbox';
import { colourWanted, paintWith } from './output/colour.ts';
import { noteTo, type Note } from './output/note.ts';
import { outTo, type Out } from './output/out.ts';
import { problemText } from './output/problem-text.ts';
import type { World } from './world.ts';

export type Invocation = {
  readonly out: Out;
  readonly note: Note;
  readonly world: World;
  /** Paths, configuration and disk. What is wrong in the configuration is said once. */
  readonly host: () => Promise<SandboxContext>;
  /** The host with podman. */
  readonly engine: () => Promise<ExecutorContext>;
};

export function invocationIn(world: World): Invocation {
  const { environment, stdout, stderr } = world;
  const note = noteTo(stderr, paintWith(colourWanted(environment, stderr.isTerminal)));
  const host = once(async () => {
    const opened = await world.openHost();
    for (const problem of opened.configProblems) {
      note.warn(problemText(problem));
      if (problem.hint !== undefined) note.hint(problem.hint);
    }
    return opened;
  });
  return {
    out: outTo(stdout, paintWith(colourWanted(environment, stdout.isTerminal))),
    note,
    world,
    host,
    engine: once(async () => world.openEngine(await host())),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
