/**
 * What images take on the disk. `podman system df` prints no JSON with the detail, rounds, and in 4.3 says that nothing is shared; so the
 * layers are compared here: a layer is the same one when it stands on the same layers.
 */
import { z } from '@terok/sandbox';
import { bareId, listImages, readJson, type ImageContext, type InstallationImage } from './image-list.ts';

export type ImageUsage = {
  readonly image: InstallationImage;
  /** What removing it alone would free: layers that no other image on this storage has, whoever's it is. Null when podman does not tell. */
  readonly exclusiveBytes: number | null;
  readonly sharedBytes: number | null;
};

export type ImagesUsage = {
  readonly images: readonly ImageUsage[];
  /** All layers of this installation's images, each counted once; null when that of one image is not known. */
  readonly totalBytes: number | null;
};

/** A layer by the digests of all layers up to it. */
type Layer = { readonly chain: string; readonly bytes: number };

export async function imageUsage(ctx: ImageContext): Promise<ImagesUsage> {
  const images = await listImages(ctx);
  if (images.length === 0) return { images: [], totalBytes: 0 };

  const ids = (await ctx.podman.run(['images', '--all', '--no-trunc', '--quiet'])).split('\n').filter((line) => line !== '');
  const inspected = readJson('image inspect', Inspected, await ctx.podman.run(['image', 'inspect', '--', ...new Set(ids.map(bareId))]));
  const owners = Map.groupBy(
    inspected.flatMap((image) => chains(image).map((chain) => ({ chain, id: bareId(image.Id) }))),
    ({ chain }) => chain,
  );

  const usages: ImageUsage[] = [];
  const counted = new Map<string, number>();
  for (const image of images) {
    const facts = inspected.find(({ Id }) => bareId(Id) === image.id);
    const layers = facts === undefined ? null : layersOf(facts, await layerSizes(ctx, image.id));
    for (const { chain, bytes } of layers ?? []) counted.set(chain, bytes);
    const isShared = ({ chain }: Layer) => (owners.get(chain)?.length ?? 0) > 1;
    usages.push({
      image,
      exclusiveBytes: layers === null ? null : sum(layers.filter((layer) => !isShared(layer)).map(({ bytes }) => bytes)),
      sharedBytes: layers === null ? null : sum(layers.filter(isShared).map(({ bytes }) => bytes)),
    });
  }
  return { images: usages, totalBytes: usages.some(({ sharedBytes }) => sharedBytes === null) ? null : sum([...counted.values()]) };
}

const Inspected = z.array(
  z.looseObject({
    Id: z.string(),
    RootFS: z.looseObject({ Layers: z.nullish(z.array(z.string())) }),
    History: z.nullish(z.array(z.looseObject({ empty_layer: z.optional(z.boolean()) }))),
  }),
);
type InspectedImage = z.infer<typeof Inspected>[number];

const History = z.array(z.looseObject({ size: z.number() }));

/** The size that podman gives each step of the history, oldest first. */
async function layerSizes({ podman }: ImageContext, id: string): Promise<readonly number[]> {
  const steps = readJson('history', History, await podman.run(['history', '--no-trunc', '--format=json', '--', id]));
  return steps.map(({ size }) => size).toReversed();
}

const chains = ({ RootFS }: InspectedImage): readonly string[] =>
  (RootFS.Layers ?? []).map((_, index, layers) => layers.slice(0, index + 1).join(' '));

/** The steps that made a layer, in order, are the layers. Null where the two do not fit, as in an image without a whole history. */
function layersOf(image: InspectedImage, sizes: readonly number[]): readonly Layer[] | null {
  const history = image.History ?? [];
  const made = sizes.filter((_, index) => history[index]?.empty_layer !== true);
  const all = chains(image);
  if (history.length !== sizes.length || made.length !== all.length) return null;
  return all.map((chain, index) => ({ chain, bytes: made[index]! }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
