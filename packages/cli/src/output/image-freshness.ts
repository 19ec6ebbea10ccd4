/** Whether an image is what would be launched now, and for whom. Pure. */
import type { InstallationImage } from '@terok/executor';
import type { NeededImages } from '@terok/orchestration';

export type Freshness = 'fresh' | 'stale' | 'unknown';

/** `unknown`: nobody is known to need it, and not everybody's needs are known. */
export function freshnessOf(image: Pick<InstallationImage, 'references'>, needed: NeededImages): Freshness {
  if (usersOf(image, needed).length > 0) return 'fresh';
  return needed.unclear.length > 0 ? 'unknown' : 'stale';
}

export function usersOf({ references }: Pick<InstallationImage, 'references'>, { users }: NeededImages): readonly string[] {
  return [...new Set(references.flatMap((reference) => users.get(reference) ?? []))];
}
