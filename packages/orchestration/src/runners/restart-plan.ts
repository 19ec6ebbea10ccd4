/**
 * What a restart does: the resume-or-recreate ladder. Pure; it looks at a task's mode and at its container, and at nothing else. The
 * workspace stays whatever happens, and a prompt is never replayed in a container that is made anew.
 */
import type { ContainerState } from '@terok/executor';

export type RestartFacts = {
  /** As recorded; null for a task that was never launched. */
  readonly mode: string | null;
  /** Null: there is no container; `unknown`: podman could not be asked. */
  readonly state: ContainerState | 'unknown' | null;
  /** Somebody is launching it right now. */
  readonly launching: boolean;
};

export type RestartWish = {
  /** A new container, from the image as it is now. */
  readonly recreate?: boolean;
  /** Only if it does not run already. */
  readonly ensure?: boolean;
};

export type RestartRefusal = 'never_run' | 'legacy_mode' | 'unknown' | 'under_way' | 'replays_prompt';

export type RestartPlan =
  | { readonly kind: 'refuse'; readonly why: RestartRefusal }
  | { readonly kind: 'leave' }
  | {
      readonly kind: 'resume';
      readonly stopFirst: boolean;
      /** What follows when the container does not start: a new one, or an error that leaves it as it is. */
      readonly otherwise: 'recreate' | 'fail';
    }
  | { readonly kind: 'recreate'; readonly stopFirst: boolean; readonly remove: boolean; readonly reason: RecreateReason };

export type RecreateReason = 'asked' | 'gone' | 'dead';

const launchable: readonly string[] = ['cli', 'run'];

export function planRestart({ mode, state, launching }: RestartFacts, { recreate = false, ensure = false }: RestartWish): RestartPlan {
  if (mode === null) return refuse('never_run');
  if (!launchable.includes(mode)) return refuse('legacy_mode');
  if (state === 'unknown') return refuse('unknown');
  if (state === 'removing') return refuse('under_way');
  const alive = state === 'running' || state === 'paused' || state === 'stopping';
  if (launching && !alive) return refuse('under_way');
  if (ensure && state === 'running' && !recreate) return { kind: 'leave' };

  const reason = recreate ? 'asked' : state === null ? 'gone' : state === 'dead' ? 'dead' : null;
  if (reason === null) return { kind: 'resume', stopFirst: alive, otherwise: mode === 'cli' ? 'recreate' : 'fail' };
  if (mode === 'run') return refuse('replays_prompt');
  return { kind: 'recreate', stopFirst: alive, remove: state !== null, reason };
}

const refuse = (why: RestartRefusal): RestartPlan => ({ kind: 'refuse', why });
