/** Which images and half-made archives of this installation can go. The plan is a value with a reason for each decision; nothing is forced. */
import { join } from 'node:path';
import { TerokError, type Files, type Paths } from '@terok/sandbox';
import { lastLines, succeeded, textOf, type Podman } from '../podman/podman.ts';
import { describeEnd } from '../processes.ts';
import type { InstallationImage } from './image-list.ts';

export const keepReasons = {
  in_use: 'a container uses it',
  fresh: 'a project needs it',
  named_by_others: 'somebody gave it a name of their own',
  recent: 'it was made within the last hour, and may be about to be used',
  next_base: 'the next build stands on it',
} as const;
export const removeReasons = {
  probe: 'it was left by a trial of the engine',
  unnamed: 'a later build took its name',
  superseded: 'no project needs it any more',
} as const;

export type ImageDecision =
  | { readonly image: InstallationImage; readonly action: 'keep'; readonly reason: keyof typeof keepReasons }
  | { readonly image: InstallationImage; readonly action: 'remove'; readonly reason: keyof typeof removeReasons };

/** What is left of a base that was being made when terok was ended: an archive, or the folder that becomes one. */
export type PartialArchive = { readonly path: string; readonly kind: 'file' | 'directory'; readonly modifiedAt: Date };

export type ImageCleanupPlan = { readonly images: readonly ImageDecision[]; readonly partials: readonly PartialArchive[] };
export type ImageCleanupResult = { readonly removed: string; readonly error: null } | { readonly kept: string; readonly error: string };

export type CleanupFacts = {
  readonly installationId: string;
  /** The references of the images that projects would be launched with now. */
  readonly freshReferences: readonly string[];
  readonly partials: readonly PartialArchive[];
  readonly now: Date;
};

/** Longer than any trial, build or making of a base takes: whatever is younger may be somebody's work at this moment. */
const settledMs = 60 * 60_000;

export function planImageCleanup(images: readonly InstallationImage[], facts: CleanupFacts): ImageCleanupPlan {
  return {
    images: images.map((image) => decision(image, images, facts)),
    partials: facts.partials.filter(({ modifiedAt }) => isSettled(modifiedAt, facts.now)),
  };
}

function decision(image: InstallationImage, all: readonly InstallationImage[], facts: CleanupFacts): ImageDecision {
  const keep = (reason: keyof typeof keepReasons): ImageDecision => ({ image, action: 'keep', reason });
  const remove = (reason: keyof typeof removeReasons): ImageDecision => ({ image, action: 'remove', reason });
  const short = facts.installationId.slice(0, 8);
  const [built, probe] = [`localhost/terok/${short}/`, `localhost/terok-probe:${short}-`];

  if (image.containers.length > 0) return keep('in_use');
  if (image.references.some((reference) => facts.freshReferences.includes(reference))) return keep('fresh');
  if (!image.references.every((reference) => reference.startsWith(built) || reference.startsWith(probe))) return keep('named_by_others');
  if (!isSettled(image.createdAt, facts.now)) return keep('recent');
  if (image.references.some((reference) => reference.startsWith(probe))) return remove('probe');
  if (image.references.length === 0) return remove('unnamed');
  return isNextBase(image, all) ? keep('next_base') : remove('superseded');
}

/** Removing the newest base or L0 frees nothing while an image stands on it, and makes the next launch build everything again. */
function isNextBase(image: InstallationImage, all: readonly InstallationImage[]): boolean {
  if (image.layer !== 'bootstrap' && image.layer !== 'L0') return false;
  return !all.some(
    (other) =>
      other.layer === image.layer &&
      other.references.length > 0 &&
      other !== image &&
      other.createdAt.getTime() > image.createdAt.getTime(),
  );
}

const isSettled = (since: Date, now: Date): boolean => now.getTime() - since.getTime() >= settledMs;

/** The half-made archives in the state's images directory; links and everything else are not looked at. */
export async function partialArchives({
  files,
  paths,
}: {
  readonly files: Files;
  readonly paths: Pick<Paths, 'images'>;
}): Promise<readonly PartialArchive[]> {
  const found: PartialArchive[] = [];
  for (const { name } of await files.list(paths.images)) {
    const isPartial = /^bootstrap-[0-9a-f]+\.tar\.partial(\.d)?$/.test(name);
    const path = join(paths.images, name);
    const facts = isPartial ? await files.stat(path) : null;
    if (facts?.kind === 'file' || facts?.kind === 'directory') found.push({ path, kind: facts.kind, modifiedAt: facts.modifiedAt });
  }
  return found;
}

export type CleanupContext = { readonly podman: Podman; readonly files: Files };

/**
 * Removes what the plan says, whatever becomes of the others. By id, for a name may have passed to a later image meanwhile; and podman itself
 * refuses an image that a container has come to use.
 */
export async function applyImageCleanup({ podman, files }: CleanupContext, plan: ImageCleanupPlan): Promise<readonly ImageCleanupResult[]> {
  const results: ImageCleanupResult[] = [];
  const going = plan.images.filter(({ action }) => action === 'remove').map(({ image }) => image);
  // An image goes before the one that it stands on.
  for (const { id } of going.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())) {
    const { end, stderr } = await podman.attempt(['image', 'rm', '--', id]);
    const said = textOf(stderr);
    const gone = succeeded(end) || /no such image|image not known|unable to find/i.test(said);
    results.push(gone ? { removed: id, error: null } : { kept: id, error: lastLines(said, 3) || describeEnd(end) });
  }
  for (const { path, kind } of plan.partials) results.push(await removePartial(files, path, kind));
  return results;
}

async function removePartial(files: Files, path: string, kind: PartialArchive['kind']): Promise<ImageCleanupResult> {
  try {
    await (kind === 'directory' ? files.removeTree(path) : files.remove(path));
    return { removed: path, error: null };
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return { kept: path, error: error.message };
  }
}
