/** From a base, a choice of agents and a project's own lines to an image that tasks run in; only what is not fresh is built. */
import { labelNames } from '../labels.ts';
import type { Agent, AgentPackage } from '../agents/agent.ts';
import type { TarMember } from '../tar.ts';
import { agentLayer } from './agent-layer.ts';
import { packageArchive, type PackageSettings } from './agent-packages.ts';
import { contentOf, ensureBase, findBase, rememberedBase, type BaseFacts, type BaseSettings } from './base.ts';
import { clearBuild, withBuildsLock } from './build-remains.ts';
import { buildLayer, imageId, inspectedImages, layerReference } from './build.ts';
import { rememberBase } from './known-base.ts';
import { baseLayer, type BuildContext, type LayerBase } from './layers.ts';
import { projectLayer } from './project-layer.ts';
import type { Snippet } from './snippet.ts';

/** What an image is to be. */
export type ImageWish = { readonly base: string; readonly agents: readonly Agent[]; readonly snippets: readonly Snippet[] };

export type AgentImage = { readonly reference: string; readonly id: string; readonly built: boolean };

/** The image that a wish comes to now, whether or not it is there. */
export type FoundImage = {
  readonly base: LayerBase;
  readonly reference: string;
  /** Null when it has to be built. */
  readonly id: string | null;
  /** Of the base and of every layer, the lowest first; the last one is the image's own. */
  readonly references: readonly string[];
};

export type ImageFacts = BaseFacts & { readonly architecture: string };

export type AgentImageSettings = BaseSettings & PackageSettings & ImageFacts;

/** One build takes its time, and others may be before it. */
const buildsWaitMs = 2 * 60 * 60_000;

/** Null when the base is not there, and it is not known what would stand on it. Changes nothing. */
export async function findAgentImage(wish: ImageWish, facts: ImageFacts): Promise<FoundImage | null> {
  const unchanged = await findUnchanged(wish, facts);
  if (unchanged !== null) return unchanged;
  const base = await findBase(wish.base, facts);
  if (base === null) return null;
  const references = referencesOn(base, wish, facts);
  const reference = references.at(-1)!;
  return { base, reference, id: await imageId(facts.podman, reference), references };
}

/** The base as it was the last time and the image upon it, asked for together; null unless both are there, and the base holds the same. */
async function findUnchanged(wish: ImageWish, facts: ImageFacts): Promise<FoundImage | null> {
  const base = await rememberedBase(wish.base, facts);
  if (base === null) return null;
  const references = referencesOn(base, wish, facts);
  const reference = references.at(-1)!;
  const [foundBase, image] = (await inspectedImages(facts.podman, [base.reference, reference])) ?? [];
  if (foundBase === undefined || image === undefined || contentOf(base.reference, foundBase, facts) !== base.content) return null;
  return { base, reference, id: image.id, references };
}

export async function buildAgentImage(wish: ImageWish, settings: AgentImageSettings): Promise<AgentImage> {
  const { rebuild, signal, files, paths } = settings;
  const fresh = async (): Promise<AgentImage | null> => {
    const found = rebuild === 'stale' ? await findAgentImage(wish, settings) : null;
    if (found === null || found.id === null) return null;
    await rememberBase(settings, wish.base, found.base);
    return { reference: found.reference, id: found.id, built: false };
  };
  const there = await fresh();
  if (there !== null) return there;

  await files.ensureDirectory(paths.images);
  const lock = { purpose: 'building images', waitMs: buildsWaitMs, ...(signal === undefined ? {} : { signal }) };
  return withBuildsLock(settings, lock, async () => {
    await clearBuild(settings);
    return (await fresh()) ?? (await buildLayers(wish, settings));
  });
}

async function buildLayers(wish: ImageWish, settings: AgentImageSettings): Promise<AgentImage> {
  const { podman, installationId, rebuild, signal } = settings;
  const base = await ensureBase(wish.base, settings);
  let from = base.reference;
  let built = false;
  for (const { context, archives, labels } of layersOn(base, wish, settings)) {
    signal?.throwIfAborted();
    const reference = layerReference(installationId, context);
    // What stands on a layer that was built anew is built anew as well.
    built ||= rebuild !== 'stale' || (await imageId(podman, reference)) === null;
    if (built) await buildLayer(context, { from, labels, members: packageMembers(archives, settings) }, settings);
    from = reference;
  }
  const id = await imageId(podman, from);
  if (id === null) throw new Error(`the image ${from} was built and is not there`);
  await rememberBase(settings, wish.base, base);
  return { reference: from, id, built };
}

type PlannedLayer = {
  readonly context: BuildContext;
  /** Name in the build context → the package whose archive is to stand there. */
  readonly archives: Readonly<Record<string, AgentPackage>>;
  readonly labels: Readonly<Record<string, string>>;
};

/** Pure: the layers over a base, the lowest first. Without a snippet there is no L2. */
function layersOn(
  base: LayerBase,
  { agents, snippets }: ImageWish,
  { installationId, architecture }: ImageFacts,
): readonly [PlannedLayer, ...PlannedLayer[]] {
  const over = (context: BuildContext) => ({ reference: layerReference(installationId, context), contentHash: context.contentHash });
  const l0 = baseLayer(base);
  const l1 = agentLayer(over(l0), agents, architecture);
  const names = agents.map(({ name }) => name).toSorted();
  return [
    { context: l0, archives: {}, labels: { [labelNames.base]: base.reference } },
    { context: l1, archives: l1.archives, labels: { [labelNames.agents]: names.join(',') } },
    ...(snippets.length === 0 ? [] : [{ context: projectLayer(over(l1), snippets), archives: {}, labels: {} }]),
  ];
}

const referencesOn = (base: LayerBase, wish: ImageWish, facts: ImageFacts): readonly string[] => [
  base.reference,
  ...layersOn(base, wish, facts).map(({ context }) => layerReference(facts.installationId, context)),
];

/** One at a time: an archive may be hundreds of megabytes. */
async function* packageMembers(archives: PlannedLayer['archives'], settings: AgentImageSettings): AsyncGenerator<TarMember> {
  for (const [name, wanted] of Object.entries(archives)) yield { name, content: await packageArchive(wanted, settings) };
}
