/** A plan of what can go, as one list. Pure. */
import { keepReasons, removeReasons, storeReasons, type ImageCleanupPlan } from '@terok/executor';

export type CleanupItem = {
  readonly kind: 'image' | 'package' | 'base' | 'half-made base' | 'killed build';
  /** For people. */
  readonly what: string;
  readonly id: string;
  /** Null where it is not known. */
  readonly sizeBytes: number | null;
  readonly action: 'keep' | 'remove';
  readonly reason: string;
};

export function cleanupItems({ images, stored, partials, remains }: ImageCleanupPlan): readonly CleanupItem[] {
  return [
    ...images.map(({ image, ...decision }) => ({
      kind: 'image' as const,
      what: image.references[0] ?? image.id.slice(0, 12),
      id: image.id,
      sizeBytes: image.sizeBytes,
      action: decision.action,
      reason: decision.action === 'keep' ? keepReasons[decision.reason] : removeReasons[decision.reason],
    })),
    ...stored.map(({ file, action, reason }) => ({
      ...{ kind: file.kind, what: file.path, id: file.path, sizeBytes: file.sizeBytes, action },
      reason: file.wantedBy === null || file.kind === 'base' ? storeReasons[reason] : `${file.wantedBy} needs it`,
    })),
    ...partials.map(({ path }) => ({
      ...{ kind: 'half-made base' as const, what: path, id: path, sizeBytes: null, action: 'remove' as const },
      reason: 'the making of it was cut short',
    })),
    ...remains.map(({ what, id }) => ({
      ...{ kind: 'killed build' as const, what, id, sizeBytes: null, action: 'remove' as const },
      reason: 'no build goes on, and this is of one that was killed',
    })),
  ];
}
