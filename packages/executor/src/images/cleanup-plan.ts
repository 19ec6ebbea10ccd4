/** From the host as it is to a plan of what can go. Changes nothing. */
import { TerokError } from '@terok/sandbox';
import { loadRoster } from '../agents/roster.ts';
import type { ExecutorContext } from '../executor-context.ts';
import { bootstrapArchive } from './bootstrap.ts';
import { buildRemains, withBuildsLock, type BuildRemains } from './build-remains.ts';
import { imageFacts } from './ensure-image.ts';
import { partialArchives, planImageCleanup, type ImageCleanupPlan } from './image-cleanup.ts';
import { listImages } from './image-list.ts';
import { storedFiles, type StoredFile } from './package-store.ts';

export type NeededReferences = {
  /** The references of the images that would be launched now, and of what they stand on. */
  readonly freshReferences: readonly string[];
  /** There may be more: somebody's needs could not be read. */
  readonly unclear: boolean;
};

export async function readImageCleanup(ctx: ExecutorContext, needed: NeededReferences): Promise<ImageCleanupPlan> {
  const { quarantined } = await loadRoster(ctx);
  return planImageCleanup(await listImages(ctx), {
    installationId: ctx.installationId,
    ...needed,
    stored: await storedOnHost(ctx),
    unclearAgents: quarantined.size > 0,
    partials: await partialArchives(ctx),
    remains: await leftovers(ctx),
    now: ctx.clock.now(),
  });
}

/** The packages and archives that are kept for builds, each with whom it is for. */
export async function storedOnHost(ctx: ExecutorContext): Promise<readonly StoredFile[]> {
  const facts = await imageFacts(ctx);
  const roster = await loadRoster(ctx);
  return storedFiles(ctx, { roster, architecture: facts.architecture, baseArchive: bootstrapArchive(facts) });
}

/** Long enough to find out that whoever holds the lock is dead. */
const lookMs = 2_000;

/** Nothing while a build goes on: then it is not left, but in use. */
async function leftovers(ctx: ExecutorContext): Promise<BuildRemains> {
  try {
    return await withBuildsLock(ctx, { purpose: 'looking at what builds have left', waitMs: lookMs }, () => buildRemains(ctx));
  } catch (error) {
    if (error instanceof TerokError && error.code === 'LOCK_TIMEOUT') return [];
    throw error;
  }
}
