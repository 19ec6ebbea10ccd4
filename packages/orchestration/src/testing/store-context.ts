/** A task store to test against: the paths of one installation, and whatever disk a test brings. */
import { resolvePaths, type Files } from '@terok/sandbox';
import { fakeClock } from '@terok/sandbox/testing';
import type { TaskStoreContext } from '../tasks/meta.ts';

export const metaDir = '/state/core/projects/demo/tasks';

export function storeContext(files: Files): TaskStoreContext {
  const paths = resolvePaths({ env: { TEROK_ROOT: '/state' }, uid: 1000, initialUserNamespace: true, home: '/home/user' });
  return { paths, files, clock: fakeClock() };
}
