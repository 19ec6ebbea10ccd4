/** What a command is given: its two voices, the world, and the rooms below, opened on first use. */
import type { ExecutorContext } from '@terok/executor';
import type { SandboxContext } from '@terok/sandbox';
import { colourWanted, paintWith, type Paint } from './output/colour.ts';
import { noteTo, type Note } from './output/note.ts';
import { outTo, type Out } from './output/out.ts';
import { once } from './world/once.ts';
import { problemText } from './output/problem-text.ts';
import type { OutputStream, World } from './world/world.ts';

export type Invocation = {
  readonly out: Out;
  readonly note: Note;
  readonly world: World;
  /** Paths, configuration and disk. What is wrong in the configuration is said once. */
  readonly host: () => Promise<SandboxContext>;
  /** The host with podman. */
  readonly engine: () => Promise<ExecutorContext>;
};

/** Neither voice is opened before it speaks, nor any room before it is entered. */
export function invocationIn(world: World): Invocation {
  const voice = <T>(stream: OutputStream, make: (stream: OutputStream, paint: Paint) => T) =>
    make(stream, paintWith(colourWanted(world.environment, stream.isTerminal)));
  const out = once(() => voice(world.stdout, outTo));
  const note = once(() => voice(world.stderr, noteTo));
  const host = once(async () => {
    const opened = await world.openHost();
    for (const problem of opened.configProblems) {
      note().warn(problemText(problem));
      if (problem.hint !== undefined) note().hint(problem.hint);
    }
    return opened;
  });
  return {
    get out() {
      return out();
    },
    get note() {
      return note();
    },
    world,
    host,
    engine: once(async () => world.openEngine(await host())),
  };
}
