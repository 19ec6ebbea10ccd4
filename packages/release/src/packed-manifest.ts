/** What a tarball must be before it may be published. Pure. */

type Dependencies = Readonly<Record<string, string>>;
type Export = string | { readonly [condition: string]: Export };

export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: Dependencies;
  readonly bin?: Dependencies;
  readonly exports?: Readonly<Record<string, Export>>;
  readonly dependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
};

export type Packed = {
  readonly manifest: Manifest;
  /** Paths in the tarball, with its leading `package/`. */
  readonly files: readonly string[];
  /** The versions that are released together. */
  readonly released: ReadonlyMap<string, string>;
};

export function packedProblems({ manifest, files, released }: Packed): readonly string[] {
  const inside = new Set(files);
  const lacks = (path: string): boolean => !inside.has(`package/${path.replace(/^\.\//, '')}`);
  return [
    ...(['description', 'license', 'engines', 'exports'] as const).flatMap((key) =>
      manifest[key] === undefined ? [`package.json has no ${key}`] : [],
    ),
    ...(manifest.version === released.get(manifest.name) ? [] : [`its version is ${manifest.version}, not ${released.get(manifest.name)}`]),
    ...['README.md', 'LICENSE', ...targets(manifest)].flatMap((path) => (lacks(path) ? [`${path} is not in it`] : [])),
    ...files.flatMap((path) => (isOwnOnly(path) ? [`${path} is in it`] : [])),
    ...ranges(manifest).flatMap(([name, range]) => rangeProblems({ name, range, exact: manifest.bin !== undefined, released })),
  ];
}

function targets({ bin = {}, exports = {} }: Manifest): readonly string[] {
  const of = (target: Export): readonly string[] => (typeof target === 'string' ? [target] : Object.values(target).flatMap(of));
  return [...Object.values(bin), ...Object.values(exports).flatMap(of)];
}

/** Tests, sources and what compilers keep for themselves. */
function isOwnOnly(path: string): boolean {
  return /\.test\.|\.tsbuildinfo$|^package\/src\/|(?<!\.d)\.ts$|\.snap$/.test(path);
}

function ranges({ dependencies = {}, optionalDependencies = {}, peerDependencies = {} }: Manifest): readonly (readonly [string, string])[] {
  return [dependencies, optionalDependencies, peerDependencies].flatMap((each) => Object.entries(each));
}

type Asked = {
  readonly name: string;
  readonly range: string;
  /** Whether a package of ours must be the very one: a command has them built in, and refuses to run beside others. */
  readonly exact: boolean;
  readonly released: ReadonlyMap<string, string>;
};

/** The protocols of a workspace mean nothing outside of it; a package of ours is asked for as it is released now. */
function rangeProblems({ name, range, exact, released }: Asked): readonly string[] {
  if (/^(?:workspace|catalog|link|file):/.test(range)) return [`it asks for ${name} as ${range}`];
  const version = released.get(name);
  if (version === undefined) return [];
  const wanted = exact ? version : `^${version}`;
  return range === wanted ? [] : [`it asks for ${name} ${range}, and ${wanted} is released`];
}
