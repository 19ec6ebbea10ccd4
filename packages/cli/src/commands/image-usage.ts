import { imageUsage, storedOnHost } from '@terok/executor';
import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { imageUsageJson } from '../json/image-json.ts';
import { formatBytes } from '../output/byte-count.ts';
import type { Column } from '../output/table.ts';

const columns: readonly Column[] = [
  { heading: 'WHAT' },
  { heading: 'KIND' },
  { heading: 'HOLDS', shrinksTo: 12 },
  { heading: 'ITS OWN', align: 'right' },
  { heading: 'SHARED', align: 'right' },
];

/** `ITS OWN` is what removing that one alone would free. */
export async function runImageUsage({ engine, out, note }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const ctx = await engine();
  const usage = await imageUsage(ctx);
  const stored = await storedOnHost(ctx);
  if (json) return out.json(imageUsageJson(usage, stored));

  const bytes = (count: number | null) => (count === null ? 'unknown' : formatBytes(count));
  const rows = [
    ...usage.images.map(({ image, exclusiveBytes, sharedBytes }) => [
      { text: image.id.slice(0, 12), style: 'strong' as const },
      printable(image.layer ?? 'trial'),
      image.agents.map(printable).join(', '),
      bytes(exclusiveBytes),
      bytes(sharedBytes),
    ]),
    ...stored.map(({ kind, path, sizeBytes, wantedBy }) => [
      { text: printable(path.slice(path.lastIndexOf('/') + 1)).slice(0, 19), style: 'strong' as const },
      kind === 'base' ? 'stored base' : 'stored package',
      printable(wantedBy ?? 'nothing that is needed'),
      bytes(sizeBytes),
      '',
    ]),
  ];
  if (rows.length > 0) await out.table({ columns, rows });
  else note.hint('There are no images yet; `terok setup` makes the first one.');
  const storedBytes = stored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  await out.line(`Images ${bytes(usage.totalBytes)}, each layer counted once; stored ${bytes(storedBytes)}.`);
}
