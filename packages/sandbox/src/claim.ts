/** What a mark on the disk says: who left it, and what for. */
import type { Claim } from './host.ts';
import type { ProcessIdentity } from './temporary-name.ts';

const noteMaxCharacters = 200;

/** One line, short enough for the target of a link. */
export function claimText({ owner, id, note }: { readonly owner: ProcessIdentity; readonly id: string; readonly note: string }): string {
  return JSON.stringify({ id, ...owner, note: note.replaceAll('\0', '').slice(0, noteMaxCharacters) });
}

/** What is no mark of ours counts as alive: it is not ours to take away. */
export function readClaimText(text: string, mayBeAlive: (owner: ProcessIdentity) => boolean): Claim {
  const fields = parseObject(text);
  const { pid, start, boot, namespace, note } = fields;
  if (
    typeof pid !== 'number' ||
    typeof start !== 'string' ||
    typeof boot !== 'string' ||
    typeof namespace !== 'string' ||
    typeof note !== 'string'
  ) {
    return { text, note: '', pid: null, alive: true };
  }
  return { text, note, pid, alive: mayBeAlive({ pid, start, boot, namespace }) };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
