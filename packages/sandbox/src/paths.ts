/** Where everything is. With `durablePaths`, the one reader of the variables that move it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { durablePaths, placesOf, type DurablePaths, type Locations } from './durable-paths.ts';

/** Every place of one installation, all absolute. */
export type Paths = DurablePaths & {
  /** Sockets and nothing durable; different for every state root. */
  readonly runtime: string;
};

/** Works every place out, and looks at none of them. PATH_NOT_ABSOLUTE when one would not be absolute. The order of what decides is that of the namespace resolvers. */
export function resolvePaths(from: Locations): Paths {
  const durable = durablePaths(from);
  const { root, given, xdg, home } = placesOf(from);
  const runtimeRoot =
    given('TEROK_RUNTIME_DIR') ??
    (root ? '/run/terok' : join(xdg('XDG_RUNTIME_DIR') ?? xdg('XDG_STATE_HOME') ?? home('.local/state'), 'terok'));
  const runtime = join(runtimeRoot, createHash('sha256').update(durable.stateRoot).digest('hex').slice(0, 8));
  return Object.freeze({ ...durable, runtime });
}
