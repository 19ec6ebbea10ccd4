/** What `terok image … --json` prints. */
import { formatInstant, z } from '@terok/sandbox';
import type { ImageCleanupPlan, ImageCleanupResult, ImagesUsage, InstallationImage, StoredFile } from '@terok/executor';
import type { NeededImages } from '@terok/orchestration';
import { cleanupItems } from '../output/cleanup-items.ts';
import { freshnessOf, usersOf } from '../output/image-freshness.ts';

export const ImageBuildJson = z.strictObject({
  project_id: z.nullable(z.string()),
  agent: z.string(),
  image: z.string(),
  image_id: z.string(),
  /** False: it was there and fresh. */
  built: z.boolean(),
});
export type ImageBuildJson = z.infer<typeof ImageBuildJson>;

const Image = z.strictObject({
  image_id: z.string(),
  names: z.readonly(z.array(z.string())),
  /** `bootstrap`, `L0`, `L1`, `L2`; null on one that setup made to try the engine. */
  layer: z.nullable(z.string()),
  agents: z.readonly(z.array(z.string())),
  base: z.nullable(z.string()),
  created_at: z.string(),
  /** With the layers that it shares. */
  size_bytes: z.number(),
});

export const ImageListJson = z.strictObject({
  images: z.array(
    z.strictObject({
      ...Image.shape,
      /** `unknown`: a project that cannot be read may need it. */
      freshness: z.enum(['fresh', 'stale', 'unknown']),
      /** Projects; `terok` itself keeps the image that setup makes. */
      needed_by: z.readonly(z.array(z.string())),
      containers: z.readonly(z.array(z.string())),
    }),
  ),
  unclear_projects: z.readonly(z.array(z.string())),
});
export type ImageListJson = z.infer<typeof ImageListJson>;

export const ImageUsageJson = z.strictObject({
  images: z.array(
    z.strictObject({
      ...Image.shape,
      /** What removing it alone would free; null where podman does not tell. */
      exclusive_bytes: z.nullable(z.number()),
      shared_bytes: z.nullable(z.number()),
    }),
  ),
  /** All images, each layer counted once. */
  total_bytes: z.nullable(z.number()),
  stored: z.array(
    z.strictObject({ kind: z.enum(['package', 'base']), path: z.string(), size_bytes: z.number(), wanted_by: z.nullable(z.string()) }),
  ),
});
export type ImageUsageJson = z.infer<typeof ImageUsageJson>;

export const ImageCleanupJson = z.strictObject({
  /** False: this is only the plan. */
  applied: z.boolean(),
  decisions: z.array(
    z.strictObject({
      kind: z.enum(['image', 'package', 'base', 'half-made base', 'killed build']),
      what: z.string(),
      id: z.string(),
      size_bytes: z.nullable(z.number()),
      action: z.enum(['keep', 'remove']),
      reason: z.string(),
      /** Why it is still there; null unless its removal failed. */
      error: z.nullable(z.string()),
    }),
  ),
});
export type ImageCleanupJson = z.infer<typeof ImageCleanupJson>;

const imageJson = ({ id, references, layer, agents, base, createdAt, sizeBytes }: InstallationImage): z.infer<typeof Image> => ({
  image_id: id,
  names: references,
  layer,
  agents,
  base,
  created_at: formatInstant(createdAt),
  size_bytes: sizeBytes,
});

export function imageListJson(images: readonly InstallationImage[], needed: NeededImages): ImageListJson {
  return {
    images: images.map((image) => ({
      ...imageJson(image),
      freshness: freshnessOf(image, needed),
      needed_by: usersOf(image, needed),
      containers: image.containers,
    })),
    unclear_projects: needed.unclear,
  };
}

export function imageUsageJson({ images, totalBytes }: ImagesUsage, stored: readonly StoredFile[]): ImageUsageJson {
  return {
    images: images.map(({ image, exclusiveBytes, sharedBytes }) => ({
      ...imageJson(image),
      exclusive_bytes: exclusiveBytes,
      shared_bytes: sharedBytes,
    })),
    total_bytes: totalBytes,
    stored: stored.map(({ kind, path, sizeBytes, wantedBy }) => ({ kind, path, size_bytes: sizeBytes, wanted_by: wantedBy })),
  };
}

/** `results` is null for a plan that is not carried out. */
export function imageCleanupJson(plan: ImageCleanupPlan, results: readonly ImageCleanupResult[] | null): ImageCleanupJson {
  const errors = new Map((results ?? []).flatMap((result) => ('kept' in result ? [[result.kept, result.error] as const] : [])));
  return {
    applied: results !== null,
    decisions: cleanupItems(plan).map(({ kind, what, id, sizeBytes, action, reason }) => ({
      ...{ kind, what, id, size_bytes: sizeBytes, action, reason },
      error: errors.get(id) ?? errors.get(what) ?? null,
    })),
  };
}
