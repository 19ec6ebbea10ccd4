import { resolvePaths, type Files, type Paths } from '@terok/sandbox';
import { fakeClock, type FakeClock } from '@terok/sandbox/testing';

/** An installation at `/state` on whatever disk a test brings; the clock stands at noon, 2 May 2026. */
export function lifecycleContext<F extends Files>(files: F): { readonly paths: Paths; readonly files: F; readonly clock: FakeClock } {
  const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
  return { paths, files, clock: fakeClock('2026-05-02T12:00:00.000Z') };
}
