/** The npm packages of agents: fetched once by the host's own npm, which brings its settings and its registry, and kept under their hash. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { withFileLock, type LockContext, type Paths } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import type { AgentPackage } from '../agents/agent.ts';
import { lastLines, textOf } from '../podman/podman.ts';
import { describeEnd, toolEnvironment, type Command, type Processes } from '../processes.ts';
import type { OnProgress } from '../progress.ts';
import type { Rebuild } from './build.ts';

export type PackageSettings = LockContext & {
  readonly paths: Pick<Paths, 'images'>;
  readonly processes: Processes;
  readonly env: Command['env'];
  /** `all`: what is in the store is fetched once more. */
  readonly rebuild?: Rebuild;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
};

const packageMaxBytes = 1024 * 1024 * 1024;
const fetchTimeoutMs = 20 * 60_000;

/** The archive of a package, from the store or fetched into it; its bytes are those that its integrity names. */
export async function packageArchive(wanted: AgentPackage, settings: PackageSettings): Promise<Uint8Array> {
  const anew = settings.rebuild === 'all';
  const stored = anew ? null : await storedArchive(wanted, settings);
  if (stored !== null) return stored;
  return withPackagesLock(settings, async () => {
    const meanwhile = anew ? null : await storedArchive(wanted, settings);
    return meanwhile ?? fetchArchive(wanted, settings);
  });
}

/** Whoever has this lock may change what is in the store. */
const withPackagesLock = <T>(ctx: LockContext & { readonly paths: Pick<Paths, 'images'> }, body: () => Promise<T>): Promise<T> =>
  withFileLock(ctx, join(ctx.paths.images, 'packages.lock'), { purpose: 'the packages of agents', waitMs: fetchTimeoutMs }, body);

/** The name of a package's archive in the store: its hash, in digits that any file system takes. */
export function archiveName(integrity: string): string {
  return `sha512-${Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex').slice(0, 64)}.tgz`;
}

export const packageStore = (paths: Pick<Paths, 'images'>): string => join(paths.images, 'packages');

/** A file that is not what its name says is removed. */
async function storedArchive({ integrity }: AgentPackage, { files, paths }: PackageSettings): Promise<Uint8Array | null> {
  const path = join(packageStore(paths), archiveName(integrity));
  const bytes = await files.read(path, { maxBytes: packageMaxBytes });
  if (bytes === null || integrityOf(bytes) === integrity) return bytes;
  await files.remove(path);
  return null;
}

const integrityOf = (bytes: Uint8Array): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

async function fetchArchive(wanted: AgentPackage, settings: PackageSettings): Promise<Uint8Array> {
  const { files, paths, processes, env, onProgress, signal } = settings;
  const spec = `${wanted.name}@${wanted.version}`;
  const incoming = join(packageStore(paths), 'incoming');
  onProgress({ kind: 'stage', stage: 'packages', text: `fetching ${spec}` });
  await files.removeTree(incoming);
  await files.ensureDirectory(incoming);
  try {
    const { end, stderr } = await processes.run({
      binary: 'npm',
      args: ['pack', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `--pack-destination=${incoming}`, '--', spec],
      env: npmEnvironment(env),
      cwd: incoming,
      timeoutMs: fetchTimeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const refuse = (reason: string) => executorErrors.AGENT_PACKAGE_UNAVAILABLE({ package: spec, reason });
    if (end.kind === 'missing') throw executorErrors.NPM_MISSING({});
    if (end.kind !== 'exited' || end.exitCode !== 0) throw refuse(`npm ${describeEnd(end)}.\n\n${lastLines(textOf(stderr), 5)}`.trimEnd());
    const [archive] = (await files.list(incoming)).filter(({ name, kind }) => kind === 'file' && name.endsWith('.tgz'));
    const bytes = archive === undefined ? null : await files.read(join(incoming, archive.name), { maxBytes: packageMaxBytes });
    if (archive === undefined || bytes === null) throw refuse('npm said that all is well and left no archive.');
    const found = integrityOf(bytes);
    if (found !== wanted.integrity) throw executorErrors.AGENT_PACKAGE_DIFFERS({ package: spec, wanted: wanted.integrity, found });
    await files.rename(join(incoming, archive.name), join(packageStore(paths), archiveName(wanted.integrity)));
    return bytes;
  } finally {
    await files.removeTree(incoming);
  }
}

/** npm's settings may come from variables; nothing else that is the person's goes along. */
function npmEnvironment(env: Command['env']): Command['env'] {
  const settings = Object.keys(env).filter((name) => /^npm_config_/i.test(name));
  return toolEnvironment(env, ['NODE_EXTRA_CA_CERTS', ...settings]);
}
