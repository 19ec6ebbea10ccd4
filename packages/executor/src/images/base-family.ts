/** Which packages a base is made of. It is asked once, and nothing of it runs for that: a container is made, one file is read, and it goes. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readText, type Files, type Paths } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import { installationLabels } from '../labels.ts';
import { podmanFailure, succeeded, textOf, type Podman } from '../podman/podman.ts';
import { tarEntries } from '../tar-entries.ts';
import { hashOf } from './layers.ts';
import { osRelease, packageFamily, type PackageFamily } from './package-family.ts';

export type FamilyContext = {
  readonly podman: Podman;
  readonly files: Files;
  readonly paths: Pick<Paths, 'images'>;
  readonly installationId: string;
};

export type BaseName = { readonly reference: string; readonly id: string };

const releaseMaxBytes = 64 * 1024;

/** Null for a base that was never asked. */
export async function knownFamily({ files, paths }: Pick<FamilyContext, 'files' | 'paths'>, base: BaseName): Promise<PackageFamily | null> {
  const text = await readText(files, releasePath(paths, base), { maxBytes: releaseMaxBytes });
  return text === null ? null : packageFamily(osRelease(text));
}

/** Throws BASE_IMAGE_UNSUPPORTED for one that is of neither family. */
export async function familyOf(ctx: FamilyContext, base: BaseName): Promise<PackageFamily> {
  const known = await knownFamily(ctx, base);
  if (known !== null) return known;
  const text = await releaseIn(ctx, base);
  const release = osRelease(text ?? '');
  const family = packageFamily(release);
  if (text === null || family === null)
    throw executorErrors.BASE_IMAGE_UNSUPPORTED({ base: base.reference, id: release.get('ID') ?? null });
  await ctx.files.replace(releasePath(ctx.paths, base), text);
  return family;
}

const releasePath = (paths: Pick<Paths, 'images'>, { id }: BaseName): string => join(paths.images, 'os-release', hashOf([id]).slice(0, 32));

/** Null when it has no such file, or none that can be read. */
async function releaseIn({ podman, installationId }: FamilyContext, { id }: BaseName): Promise<string | null> {
  const name = `terok-look-${randomUUID()}`;
  const labels = Object.entries(installationLabels(installationId)).map(([key, value]) => `--label=${key}=${value}`);
  const create = ['create', `--name=${name}`, ...labels, '--pull=never', '--network=none', '--', id, '/nothing'];
  const created = await podman.attempt(create);
  if (!succeeded(created.end)) throw podmanFailure(create, created);
  try {
    for (const path of ['/usr/lib/os-release', '/etc/os-release']) {
      const copied = await podman.attempt(['cp', '--', `${name}:${path}`, '-'], { outputMaxBytes: 4 * releaseMaxBytes });
      const text = succeeded(copied.end) ? await firstFile(copied.stdout) : null;
      if (text !== null) return text;
    }
    return null;
  } finally {
    await podman.attempt(['rm', '--force', '--time=0', '--', name]);
  }
}

async function firstFile(archive: Uint8Array): Promise<string | null> {
  for await (const { kind, sizeBytes, content } of tarEntries(oneChunk(archive))) {
    if (kind !== 'file' || sizeBytes > releaseMaxBytes) return null;
    return textOf(new Uint8Array(Buffer.concat(await Array.fromAsync(content))));
  }
  return null;
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
