/** Which packages a base is made of, by what it says of itself. Pure. */
export type PackageFamily = 'deb' | 'rpm';

/** The keys of an `os-release` file; quotes are taken off. */
export function osRelease(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
      return match === null ? [] : [[match[1] ?? '', (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')] as const];
    }),
  );
}

/** By `ID`, then by `ID_LIKE`: a child of Debian counts as Debian. Null for every other family. */
export function packageFamily(release: ReadonlyMap<string, string>): PackageFamily | null {
  const names = [release.get('ID') ?? '', ...(release.get('ID_LIKE') ?? '').split(' ')].map((name) => name.toLowerCase());
  for (const name of names) {
    if (['debian', 'ubuntu'].includes(name)) return 'deb';
    if (['fedora', 'rhel', 'centos'].includes(name)) return 'rpm';
  }
  return null;
}
