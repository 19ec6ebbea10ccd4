/**
 * What a base was when an image was last looked for. With it a launch asks podman one question, about the base and about the image that stands on
 * it; podman's answer decides, so that a memory which is wrong or lost costs another question and nothing else.
 */
import { join } from 'node:path';
import type { Files, Paths } from '@terok/sandbox';
import { textOf } from '../podman/podman.ts';
import { hashOf } from './layers.ts';

/** By its name, and by the address of what it holds. */
export type KnownBase = { readonly reference: string; readonly content: string };
export type KnownBaseContext = { readonly files: Files; readonly paths: Pick<Paths, 'images'> };

/** A name, and a digest for each of its layers. */
const textMaxBytes = 64 * 1024;

/** `base` as it was asked for: a reference, `bootstrap` or `auto`. Null where nothing is known of it. */
export async function knownBase({ files, paths }: KnownBaseContext, base: string): Promise<KnownBase | null> {
  const bytes = await files.read(knownPath(paths, base), { maxBytes: textMaxBytes });
  const [reference = '', content = ''] = textOf(bytes ?? new Uint8Array()).split('\n');
  return reference === '' || content === '' ? null : { reference, content };
}

/** Writes only what is not known yet. */
export async function rememberBase(ctx: KnownBaseContext, base: string, { reference, content }: KnownBase): Promise<void> {
  const known = await knownBase(ctx, base);
  if (known?.reference === reference && known.content === content) return;
  await ctx.files.replace(knownPath(ctx.paths, base), `${reference}\n${content}\n`);
}

const knownPath = (paths: Pick<Paths, 'images'>, base: string): string => join(paths.images, 'known-bases', hashOf([base]).slice(0, 32));
