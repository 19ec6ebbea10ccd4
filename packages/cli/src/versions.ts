/** Which versions this front end is made of. The bundle carries the versions it was made from; run from its sources it has none. */
import { installedVersions, type Versions } from '@terok/sandbox/setup-stamp';
import { cliErrors } from './errors.ts';

/** Written in by the bundler. */
declare const TEROK_RECORDED_VERSIONS: Versions | undefined;

export function recordedVersions(): Versions | undefined {
  return typeof TEROK_RECORDED_VERSIONS === 'undefined' ? undefined : TEROK_RECORDED_VERSIONS;
}

/** The versions the setup stamp is about. Throws INSTALLATION_MIXED where packages beside the bundle are of other versions than it was made from. */
export function frontEndVersions(): Versions {
  const recorded = recordedVersions();
  const installed = installedVersions({ from: import.meta.url });
  if (recorded === undefined) return installed;
  const changes = mixedVersions(recorded, installed);
  if (changes.length > 0) throw cliErrors.INSTALLATION_MIXED({ changes: changes.join(', ') });
  return installedVersions({ from: import.meta.url, recorded });
}

/** Pure: each package that is installed in another version than the bundle holds; a package that is not installed is in the bundle alone. */
export function mixedVersions(recorded: Versions, installed: Versions): readonly string[] {
  return Object.entries(recorded).flatMap(([name, version]) => {
    const beside = installed[name];
    return beside === undefined || beside === version ? [] : [`${name} ${version} built in, ${beside} installed`];
  });
}

export function versionOfTerok(): string {
  return (recordedVersions() ?? installedVersions({ from: import.meta.url }))['terok'] ?? 'unknown';
}

/** One line, for the report of a bug; it must not fail itself. */
export function versionsForBugReport(): string {
  const versions = recordedVersions() ?? installedVersions({ from: import.meta.url });
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}
