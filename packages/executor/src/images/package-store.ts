/** What is kept on the disk so that images can be built without a network: packages of agents, and archives of bases. */
import { basename, join } from 'node:path';
import type { Files, Paths } from '@terok/sandbox';
import type { Roster } from '../agents/roster.ts';
import { packagesFor } from './agent-layer.ts';
import { archiveName, packageStore } from './agent-packages.ts';

export type StoredFile = {
  readonly kind: 'package' | 'base';
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  /** Whom it is for: an agent with the version, `codex 1.2.3`; null when nobody needs it. */
  readonly wantedBy: string | null;
};

export type StoreContext = { readonly files: Files; readonly paths: Pick<Paths, 'images'> };
export type StoreNeeds = {
  readonly roster: Roster;
  readonly architecture: string;
  /** The archive that a bootstrap base is imported from now. */
  readonly baseArchive: string;
};

/** Archives that are whole; links and everything else are not looked at. The largest first. */
export async function storedFiles({ files, paths }: StoreContext, needs: StoreNeeds): Promise<readonly StoredFile[]> {
  const wanted = wantedPackages(needs);
  const found: StoredFile[] = [];
  const add = async (kind: StoredFile['kind'], path: string, wantedBy: string | null) => {
    const facts = await files.stat(path);
    if (facts?.kind === 'file') found.push({ kind, path, sizeBytes: facts.sizeBytes, modifiedAt: facts.modifiedAt, wantedBy });
  };
  for (const { name } of await files.list(packageStore(paths)))
    if (/^sha512-[0-9a-f]{64}\.tgz$/.test(name)) await add('package', join(packageStore(paths), name), wanted.get(name) ?? null);
  for (const { name } of await files.list(paths.images))
    if (/^bootstrap-[0-9a-f]{16}\.tar$/.test(name))
      await add('base', join(paths.images, name), name === basename(needs.baseArchive) ? 'bootstrap' : null);
  return found.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
}

/** Name in the store → the agent that it belongs to. */
function wantedPackages({ roster, architecture }: StoreNeeds): ReadonlyMap<string, string> {
  return new Map(
    [...roster.agents.values()].flatMap((agent) =>
      packagesFor(agent, architecture).map(({ integrity, version }) => [archiveName(integrity), `${agent.name} ${version}`] as const),
    ),
  );
}
