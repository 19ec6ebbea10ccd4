/** Which images and half-made archives of this installation can go. The plan is a value with a reason for each decision; nothing is forced. */
import { join } from 'node:path';
import { TerokError, type Files, type LockContext, type Paths } from '@terok/sandbox';
import { lastLines, succeeded, textOf } from '../podman/podman.ts';
import { describeEnd } from '../processes.ts';
import { buildRemains, removeRemains, withBuildsLock, type BuildRemains, type RemainsContext } from './build-remains.ts';
import type { InstallationImage } from './image-list.ts';
import type { StoredFile } from './package-store.ts';

export const keepReasons = {
  in_use: 'a container uses it',
  fresh: 'a project needs it',
  named_by_others: 'somebody gave it a name of their own',
  recent: 'it was made within the last hour, and may be about to be used',
  next_base: 'the next build stands on it',
  unclear: 'a project that cannot be read may need it',
} as const;
export const removeReasons = {
  probe: 'it was left by a trial of the engine',
  unnamed: 'a later build took its name',
  superseded: 'no project needs it any more',
} as const;
export const storeReasons = {
  wanted: 'an agent that can be run needs it',
  base: 'the base made from packages is imported from it',
  unclear: 'the file of an agent is wrong, and which packages it needs is not known',
  recent: 'it was fetched within the last hour',
  unused: 'no agent needs it any more',
  other_recipe: 'it was made for another release, mirror or list of packages',
} as const;

export type ImageDecision =
  | { readonly image: InstallationImage; readonly action: 'keep'; readonly reason: keyof typeof keepReasons }
  | { readonly image: InstallationImage; readonly action: 'remove'; readonly reason: keyof typeof removeReasons };

/** What is left of a base that was being made when terok was ended: an archive, or the folder that becomes one. */
export type PartialArchive = { readonly path: string; readonly kind: 'file' | 'directory'; readonly modifiedAt: Date };

/** A file of the store, and whether it goes. */
export type StoreDecision = {
  readonly file: StoredFile;
  readonly action: 'keep' | 'remove';
  readonly reason: keyof typeof storeReasons;
};

export type ImageCleanupPlan = {
  readonly images: readonly ImageDecision[];
  readonly stored: readonly StoreDecision[];
  readonly partials: readonly PartialArchive[];
  /** What killed builds have left; empty while a build goes on. */
  readonly remains: BuildRemains;
};
export type ImageCleanupResult = { readonly removed: string; readonly error: null } | { readonly kept: string; readonly error: string };

export type CleanupFacts = {
  readonly installationId: string;
  /** The references of the images that projects would be launched with now. */
  readonly freshReferences: readonly string[];
  /** There may be more of them: a project could not be read. */
  readonly unclear: boolean;
  readonly stored: readonly StoredFile[];
  /** There may be more packages that are wanted: the file of an agent is wrong. */
  readonly unclearAgents: boolean;
  readonly remains: BuildRemains;
  readonly partials: readonly PartialArchive[];
  readonly now: Date;
};

/** Longer than any trial, build or making of a base takes: whatever is younger may be somebody's work at this moment. */
const settledMs = 60 * 60_000;

export function planImageCleanup(images: readonly InstallationImage[], facts: CleanupFacts): ImageCleanupPlan {
  return {
    images: images.map((image) => decision(image, images, facts)),
    stored: facts.stored.map((file) => storeDecision(file, facts)),
    remains: facts.remains,
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
  if (isNextBase(image, all)) return keep('next_base');
  return facts.unclear ? keep('unclear') : remove('superseded');
}

function storeDecision(file: StoredFile, { unclearAgents, now }: CleanupFacts): StoreDecision {
  if (file.wantedBy !== null) return { file, action: 'keep', reason: file.kind === 'base' ? 'base' : 'wanted' };
  if (!isSettled(file.modifiedAt, now)) return { file, action: 'keep', reason: 'recent' };
  if (file.kind === 'base') return { file, action: 'remove', reason: 'other_recipe' };
  return unclearAgents ? { file, action: 'keep', reason: 'unclear' } : { file, action: 'remove', reason: 'unused' };
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

export type CleanupContext = RemainsContext & LockContext;

/** How long a cleanup waits for a build that has begun meanwhile. */
const buildsWaitMs = 10_000;

/**
 * Removes what the plan says, whatever becomes of the others. By id, for a name may have passed to a later image meanwhile; and podman itself
 * refuses an image that a container has come to use.
 */
export async function applyImageCleanup(ctx: CleanupContext, plan: ImageCleanupPlan): Promise<readonly ImageCleanupResult[]> {
  const results: ImageCleanupResult[] = [];
  // First: a working container that was left holds the image that it stands on.
  if (plan.remains.length > 0) results.push(...(await removeLeftovers(ctx, plan.remains)));
  const going = plan.images.filter(({ action }) => action === 'remove').map(({ image }) => image);
  // An image goes before the one that it stands on.
  for (const { id } of going.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())) {
    const { end, stderr } = await ctx.podman.attempt(['image', 'rm', '--', id]);
    const said = textOf(stderr);
    const gone = succeeded(end) || /no such image|image not known|unable to find/i.test(said);
    results.push(gone ? { removed: id, error: null } : { kept: id, error: lastLines(said, 3) || describeEnd(end) });
  }
  const stored = plan.stored.filter(({ action }) => action === 'remove');
  for (const { file } of stored) results.push(await removedOrKept(file.path, () => ctx.files.remove(file.path)));
  for (const { path, kind } of plan.partials)
    results.push(await removedOrKept(path, () => (kind === 'directory' ? ctx.files.removeTree(path) : ctx.files.remove(path))));
  return results;
}

/** What is left of builds is used again by the next one: only while none goes on, and only what is there still. */
async function removeLeftovers(ctx: CleanupContext, planned: BuildRemains): Promise<readonly ImageCleanupResult[]> {
  try {
    return await withBuildsLock(ctx, { purpose: 'clearing up after builds', waitMs: buildsWaitMs }, async () => {
      const there = await buildRemains(ctx);
      return removeRemains(
        ctx,
        there.filter(({ id, what }) => planned.some((one) => one.id === id && one.what === what)),
      );
    });
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return planned.map(({ what }) => ({ kept: what, error: error.message }));
  }
}

async function removedOrKept(path: string, remove: () => Promise<unknown>): Promise<ImageCleanupResult> {
  try {
    await remove();
    return { removed: path, error: null };
  } catch (error) {
    if (!(error instanceof TerokError)) throw error;
    return { kept: path, error: error.message };
  }
}
