/** The image everything stands on: pulled from a registry, or made from the distribution's own packages when none answers. */
import { executorErrors } from '../errors.ts';
import { lastLines, succeeded, textOf } from '../podman/podman.ts';
import { describeEnd } from '../processes.ts';
import { familyOf, knownFamily } from './base-family.ts';
import { bootstrapReference, importBootstrap, type BootstrapFacts, type BootstrapSettings } from './bootstrap.ts';
import { inspectedImage, type InspectedImage } from './build.ts';
import { knownBase } from './known-base.ts';
import type { LayerBase } from './layers.ts';
import type { PackageFamily } from './package-family.ts';

export type BaseImage = LayerBase & { readonly id: string };

export type BaseSettings = BootstrapSettings;

/** What it takes to say which base is there. */
export type BaseFacts = BootstrapFacts & Pick<BaseSettings, 'podman' | 'files'>;

/** What `base: auto` tries first. */
export const publicBase = 'docker.io/library/debian:13-slim';
const pullTimeoutMs = 10 * 60_000;
/** A registry that does not answer at all should not be waited for when there is another way. */
const firstAnswerTimeoutMs = 60_000;

/**
 * `base` is `auto`, `bootstrap` or a reference. `auto` stays with what it found the first time, as long as that image is there; with
 * `rebuild: 'all'` the registry or the mirror is asked anew.
 */
export async function ensureBase(base: string, settings: BaseSettings): Promise<BaseImage> {
  const found = settings.rebuild === 'all' ? null : await namedBase(base, settings);
  const { reference, id, content } = found ?? (await madeBase(base, settings));
  return { reference, id, content, family: plainFamily(reference, settings) ?? (await familyOf(settings, { reference, id })) };
}

/** The base as far as it is there; null where it, or what it is made of, is not known yet. Changes nothing. */
export async function findBase(base: string, facts: BaseFacts): Promise<BaseImage | null> {
  const found = await namedBase(base, facts);
  if (found === null) return null;
  const family = plainFamily(found.reference, facts) ?? (await knownFamily(facts, found));
  return family === null ? null : { ...found, family };
}

/** The base as it was when it was last asked for, to be compared with what is there now; null where nothing is known of it. */
export async function rememberedBase(base: string, facts: BaseFacts): Promise<LayerBase | null> {
  const known = await knownBase(facts, base);
  // Another suite or mirror in the configuration is another base by the same word.
  if (known === null || !referencesOf(base, facts).includes(known.reference)) return null;
  const family = plainFamily(known.reference, facts) ?? (await knownFamily(facts, { ...known, id: known.content }));
  return family === null ? null : { ...known, family };
}

type NamedBase = Omit<BaseImage, 'family'>;

async function namedBase(base: string, facts: BaseFacts): Promise<NamedBase | null> {
  for (const reference of referencesOf(base, facts)) {
    const found = await imageContent(facts, reference);
    if (found !== null) return found;
  }
  return null;
}

/** In the order in which they are taken. */
const referencesOf = (base: string, facts: BaseFacts): readonly string[] =>
  base === 'auto' ? [publicBase, bootstrapReference(facts)] : [base === 'bootstrap' ? bootstrapReference(facts) : base];

async function imageContent(facts: BaseFacts, reference: string): Promise<NamedBase | null> {
  const found = await inspectedImage(facts.podman, reference);
  return found === null ? null : { reference, id: found.id, content: contentOf(reference, found, facts) };
}

/** An image from a registry is known by its id. One made from packages is known by its files, so that it is the same one wherever it is imported. */
export const contentOf = (reference: string, { id, layers }: InspectedImage, facts: BootstrapFacts): string =>
  (reference === bootstrapReference(facts) ? layers.join(' ') : '') || id;

/** What needs no look inside. */
const plainFamily = (reference: string, facts: BaseFacts): PackageFamily | null =>
  reference === publicBase || reference === bootstrapReference(facts) ? 'deb' : null;

async function madeBase(base: string, settings: BaseSettings): Promise<NamedBase> {
  if (base === 'bootstrap') return bootstrapBase(settings);
  if (base !== 'auto') return pulledBase(base, pullTimeoutMs, settings);
  try {
    return await pulledBase(publicBase, firstAnswerTimeoutMs, settings);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'BASE_IMAGE_UNAVAILABLE')) throw error;
    settings.onProgress({
      kind: 'line',
      stage: 'base',
      text: `no registry answers for ${publicBase}: making a base from packages instead`,
    });
    return bootstrapBase(settings);
  }
}

async function bootstrapBase(settings: BaseSettings): Promise<NamedBase> {
  const reference = await importBootstrap(settings);
  const found = await imageContent(settings, reference);
  if (found === null) throw new Error(`the image ${reference} was imported and is not there`);
  return found;
}

async function pulledBase(reference: string, timeoutMs: number, settings: BaseSettings): Promise<NamedBase> {
  const { podman, onProgress, signal } = settings;
  onProgress({ kind: 'stage', stage: 'base', text: `pulling ${reference}` });
  const { end, stderr } = await podman.attempt(['pull', '--quiet', '--', reference], {
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  const found = succeeded(end) ? await imageContent(settings, reference) : null;
  if (found === null)
    throw executorErrors.BASE_IMAGE_UNAVAILABLE({ base: reference, reason: lastLines(textOf(stderr), 1) || describeEnd(end) });
  return found;
}
