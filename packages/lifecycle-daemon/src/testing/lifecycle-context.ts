import { resolvePaths, type Files } from '@terok/sandbox';
import { fakeClock } from '@terok/sandbox/testing';
import type { LifecycleContext } from '../lifecycle-state.ts';

/** An installation at `/state` on whatever disk a test brings; the clock stands at noon, 2 May 2026. */
export function lifecycleContext(files: Files): LifecycleContext {
  const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
  return { paths, files, clock: fakeClock('2026-05-02T12:00:00.000Z') };
}
