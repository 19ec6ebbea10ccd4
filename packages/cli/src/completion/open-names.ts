/** Names of this host: the disk comes with them, configuration and schemas do not. */
import { hostPlaces } from '@terok/sandbox';
import { liveNames, type LiveNames } from './live-names.ts';

export async function openNames(): Promise<LiveNames> {
  return liveNames(await hostPlaces());
}
