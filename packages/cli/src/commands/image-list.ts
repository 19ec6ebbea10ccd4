import { listImages, type InstallationImage } from '@terok/executor';
import { neededImages, type NeededImages } from '@terok/orchestration';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { imageListJson } from '../json/image-json.ts';
import { formatBytes } from '../output/byte-count.ts';
import { formatAgo } from '../output/duration.ts';
import { freshnessOf, usersOf, type Freshness } from '../output/image-freshness.ts';
import type { Cell, Column } from '../output/table.ts';
import type { Style } from '../output/colour.ts';

const columns: readonly Column[] = [
  { heading: 'IMAGE' },
  { heading: 'LAYER' },
  { heading: 'AGENTS', shrinksTo: 8 },
  { heading: 'BASE', shrinksTo: 8 },
  { heading: 'SIZE', align: 'right' },
  { heading: 'CREATED' },
  { heading: 'STATE' },
  { heading: 'USED BY', shrinksTo: 8 },
];

const styles: Readonly<Record<Freshness, Style>> = { fresh: 'good', stale: 'faint', unknown: 'attention' };

export async function runImageList({ engine, out, note }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const ctx = await engine();
  const images = await listImages(ctx);
  const needed = await neededImages(ctx);
  if (json) return out.json(imageListJson(images, needed));
  if (images.length === 0) return note.hint('There are no images yet; `terok setup` makes the first one.');
  const now = ctx.clock.now();
  await out.table({ columns, rows: images.map((image) => imageRow(image, needed, now)) });
  if (needed.unclear.length > 0) note.warn(`What these projects need cannot be read: ${needed.unclear.map(printable).join(', ')}.`);
}

function imageRow(image: InstallationImage, needed: NeededImages, now: Date): readonly Cell[] {
  const freshness = freshnessOf(image, needed);
  const users = [...usersOf(image, needed), ...image.containers];
  return [
    { text: image.id.slice(0, 12), style: 'strong' },
    printable(image.layer ?? 'trial'),
    image.agents.map(printable).join(', '),
    printable(shortReference(image.base ?? '')),
    formatBytes(image.sizeBytes),
    formatAgo(image.createdAt, now),
    { text: freshness, style: styles[freshness] },
    users.map(printable).join(', '),
  ];
}

/** Of our own bases the end says it all. */
const shortReference = (reference: string): string => reference.replace(/^localhost\/terok\/[0-9a-f]{8}\//, '');
