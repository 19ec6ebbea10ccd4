/** Which versions this front end is made of, for the setup stamp. */
import { installedVersions, type Versions } from '@terok/sandbox/setup-stamp';
import { cliErrors } from '../errors.ts';
import { recordedVersions } from './recorded-versions.ts';

/** Throws INSTALLATION_MIXED where packages beside the bundle are of other versions than it was made from. */
export function frontEndVersions(): Versions {
  const recorded = recordedVersions();
  const installed = installedVersions({ from: import.meta.url });
  if (recorded === undefined) return installed;
  const changes = mixedVersions(recorded, installed);
  if (changes.length > 0) throw cliErrors.INSTALLATION_MIXED({ changes: changes.join(', ') });
  return installedVersions({ recorded });
}

/** The release that this command line is. */
export function ownVersion(): string {
  return frontEndVersions()['terok'] ?? unreleased;
}

/** Run from its sources without a manifest beside them. */
const unreleased = '0.0.0';

/** Pure: each package that is installed in another version than the bundle holds; a package that is not installed is in the bundle alone. */
export function mixedVersions(recorded: Versions, installed: Versions): readonly string[] {
  return Object.entries(recorded).flatMap(([name, version]) => {
    const beside = installed[name];
    return beside === undefined || beside === version ? [] : [`${name} ${version} built in, ${beside} installed`];
  });
}
