/** The versions a bundle was made from; run from its sources there are none. */
import type { Versions } from '@terok/sandbox/setup-stamp';

/** Written in by the bundler. */
declare const TEROK_RECORDED_VERSIONS: Versions | undefined;

export function recordedVersions(): Versions | undefined {
  return typeof TEROK_RECORDED_VERSIONS === 'undefined' ? undefined : TEROK_RECORDED_VERSIONS;
}

/** Those of every package there is, for telling people; nothing is loaded in a bundle. */
export async function shownVersions(): Promise<Versions> {
  return recordedVersions() ?? (await import('@terok/sandbox/setup-stamp')).installedVersions({ from: import.meta.url });
}
