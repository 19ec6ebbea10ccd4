/** Reads what `podman events --format json` prints, one event a line, in the spellings of podman 4 and 5. Pure. */
import { z } from '@terok/sandbox';
import { containerEventStatuses, type ContainerEvent } from '../runtime.ts';

const text = z.optional(z.string());
const Line = z.looseObject({
  ...{ Type: text, type: text, Name: text, name: text, Status: text, status: text },
  Attributes: z.nullish(z.record(z.string(), z.string())),
  attributes: z.nullish(z.record(z.string(), z.string())),
});

/** Null for a line that is no event of a container's life. */
export function containerEvent(line: string): ContainerEvent | null {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = Line.safeParse(raw);
  if (!parsed.success) return null;
  const { data } = parsed;
  const name = data.Name ?? data.name;
  const word = (data.Status ?? data.status ?? '').toLowerCase();
  const status = containerEventStatuses.find((known) => known === word);
  if ((data.Type ?? data.type ?? 'container') !== 'container' || name === undefined || status === undefined) return null;
  return { name, status, labels: data.Attributes ?? data.attributes ?? {} };
}
