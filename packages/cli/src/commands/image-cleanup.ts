import { applyImageCleanup, readImageCleanup, type ImageCleanupPlan } from '@terok/executor';
import { neededImages } from '@terok/orchestration';
import { exitStatus, printable } from '@terok/sandbox';
import { confirm } from '../dialog/confirmation.ts';
import type { Invocation } from '../invocation.ts';
import { imageCleanupJson } from '../json/image-json.ts';
import { formatBytes } from '../output/byte-count.ts';
import { cleanupItems } from '../output/cleanup-items.ts';
import type { Column } from '../output/table.ts';

export type ImageCleanupFlags = { readonly dryRun?: boolean; readonly yes?: boolean; readonly json?: boolean };

const columns: readonly Column[] = [
  { heading: 'ACTION' },
  { heading: 'KIND' },
  { heading: 'WHAT', shrinksTo: 20 },
  { heading: 'SIZE', align: 'right' },
  { heading: 'BECAUSE', shrinksTo: 20 },
];

/** The plan first; nothing goes before a yes. Ends with 1 when something could not be removed. */
export async function runImageCleanup(invocation: Invocation, { dryRun = false, yes = false, json }: ImageCleanupFlags): Promise<number> {
  const { engine, out, note, world } = invocation;
  const ctx = await engine();
  const { users, unclear } = await neededImages(ctx);
  const plan = await readImageCleanup(ctx, { freshReferences: [...users.keys()], unclear: unclear.length > 0 });
  const going = cleanupItems(plan).filter(({ action }) => action === 'remove');
  const canAsk = world.stdin.isTerminal && world.stderr.isTerminal;
  if (!json) await showPlan(invocation, plan, unclear);
  if (dryRun || going.length === 0 || (!yes && !canAsk)) {
    if (json) await out.json(imageCleanupJson(plan, null));
    if (going.length === 0) note.say('There is nothing to remove.');
    else if (!dryRun) note.hint('Nothing was removed: add `--yes`.');
    return exitStatus.ok;
  }
  const question = `Remove ${going.length === 1 ? 'this one' : `these ${going.length}`}?`;
  await confirm(invocation, { question, action: 'Removing images', yes, withoutTerminal: 'refuse' });

  const results = await applyImageCleanup(ctx, plan);
  if (json) await out.json(imageCleanupJson(plan, results));
  const failed = results.flatMap((result) => ('kept' in result ? [result] : []));
  for (const { kept, error } of failed) note.warn(`${printable(kept)} stays: ${printable(error)}`);
  note.say(`Removed ${results.length - failed.length} of ${results.length}.`);
  return failed.length === 0 ? exitStatus.ok : exitStatus.failure;
}

async function showPlan({ out, note }: Invocation, plan: ImageCleanupPlan, unclear: readonly string[]): Promise<void> {
  const items = cleanupItems(plan);
  const rows = items.map(({ action, kind, what, sizeBytes, reason }) => [
    { text: action, style: action === 'remove' ? ('attention' as const) : ('faint' as const) },
    kind,
    printable(what),
    sizeBytes === null ? '' : formatBytes(sizeBytes),
    printable(reason),
  ]);
  if (rows.length > 0) await out.table({ columns, rows });
  if (unclear.length > 0) note.warn(`What these projects need cannot be read: ${unclear.map(printable).join(', ')}.`);
}
