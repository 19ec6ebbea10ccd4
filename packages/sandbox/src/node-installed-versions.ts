/** Which of our packages are installed beside a front end, and in which version. No process is started and nothing of them is run. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Versions = Readonly<Record<string, string>>;

/** The public packages of terok. A setup is complete for the versions of these. */
export const TRACKED_PACKAGES = ['terok', '@terok/executor', '@terok/lifecycle-daemon', '@terok/orchestration', '@terok/sandbox'] as const;

export type InstalledVersionsOptions = {
  /** The front end's own file (`import.meta.url`) or directory: packages are looked up as its imports would be. This package's own file when left out. */
  readonly from?: string | URL;
  /** The versions that a bundled front end was built from; nothing is looked up then. */
  readonly recorded?: Versions;
};

/** Versions of the tracked packages that are installed; those that are missing, or whose `package.json` cannot be read, are left out. */
export function installedVersions({ from = import.meta.url, recorded }: InstalledVersionsOptions = {}): Versions {
  const found =
    recorded === undefined
      ? lookup(startingDirectory(from))
      : (name: string) => (Object.hasOwn(recorded, name) ? recorded[name] : undefined);
  const entries = TRACKED_PACKAGES.map((name) => [name, found(name)] as const).filter(
    (entry): entry is readonly [(typeof TRACKED_PACKAGES)[number], string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

/** Every directory upwards: the package itself, or one in its `node_modules`, the way imports are resolved. */
function lookup(start: string): (name: string) => string | undefined {
  const directories = upwards(start);
  return (name) => {
    for (const directory of directories) {
      const version =
        versionAt(directory, name) ??
        (basename(directory) === 'node_modules' ? undefined : versionAt(join(directory, 'node_modules', name), name));
      if (version !== undefined) return version;
    }
    return undefined;
  };
}

function versionAt(directory: string, name: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest) || !('version' in manifest)) return undefined;
    return manifest.name === name && typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined; // not installed here, or nothing that could be imported
  }
}

/** Links are resolved first: package managers and their global commands are made of them. */
function startingDirectory(from: string | URL): string {
  const path = from instanceof URL || from.startsWith('file:') ? fileURLToPath(from) : from;
  try {
    const real = realpathSync(path);
    return statSync(real).isDirectory() ? real : dirname(real);
  } catch {
    return dirname(path); // a file inside a bundle that does not exist on the disk
  }
}

function upwards(start: string): readonly string[] {
  const directories = [start];
  for (let directory = start; dirname(directory) !== directory; directory = dirname(directory)) directories.push(dirname(directory));
  return directories;
}
