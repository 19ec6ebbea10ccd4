/** Which of our packages are installed beside a front end, and in which version. No process is started and nothing of them is run. */
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fs } from './node-fs.ts';

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

/** Upwards from the front end, the way its imports are resolved: a directory may be the package itself, or have it in its `node_modules`. */
function lookup(start: string): (name: string) => string | undefined {
  const places = upwards(start)
    .filter((directory) => basename(directory) !== 'node_modules')
    .map((directory) => ({ own: readManifest(directory), modules: join(directory, 'node_modules') }));
  return (name) => {
    for (const { own, modules } of places) {
      const manifest = own?.name === name ? own : readManifest(join(modules, name));
      if (manifest?.name === name) return manifest.version;
    }
    return undefined;
  };
}

function readManifest(directory: string): { readonly name: string; readonly version: string } | undefined {
  const path = join(directory, 'package.json');
  try {
    if (fs.statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    const manifest: unknown = JSON.parse(fs.readFileSync(path, 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest) || !('version' in manifest)) return undefined;
    const { name, version } = manifest;
    return typeof name === 'string' && typeof version === 'string' ? { name, version } : undefined;
  } catch {
    return undefined; // whatever is there could not be imported either
  }
}

/** Links are resolved first: package managers and their global commands are made of them. */
function startingDirectory(from: string | URL): string {
  const path = from instanceof URL || from.startsWith('file:') ? fileURLToPath(from) : from;
  try {
    const real = fs.realpathSync(path);
    return fs.statSync(real).isDirectory() ? real : dirname(real);
  } catch {
    return dirname(path); // a file inside a bundle that does not exist on the disk
  }
}

function upwards(start: string): readonly string[] {
  const directories = [start];
  for (let directory = start; dirname(directory) !== directory; directory = dirname(directory)) directories.push(dirname(directory));
  return directories;
}
