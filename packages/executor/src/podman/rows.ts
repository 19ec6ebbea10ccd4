/** Reads what `podman ps --format json` prints, in the shapes of podman 4 and 5. Pure. */
import { z } from '@terok/sandbox';
import type { ContainerRow, ContainerState } from '../runtime.ts';

/** podman says `configured` of a container that was only created, and `stopped` of one whose cleanup is still to come. */
const states: Readonly<Record<string, ContainerState>> = {
  configured: 'created',
  created: 'created',
  initialized: 'initialized',
  running: 'running',
  paused: 'paused',
  stopping: 'stopping',
  stopped: 'exited',
  exited: 'exited',
  dead: 'dead',
  removing: 'removing',
};

const Row = z.looseObject({
  Id: z.string(),
  Names: z.array(z.string()).check(z.minLength(1)),
  State: z.string(),
  ImageID: z.string(),
  Labels: z.nullish(z.record(z.string(), z.string())),
  StartedAt: z.nullish(z.number()),
  ExitCode: z.nullish(z.number()),
  ExitedAt: z.nullish(z.number()),
  /** Only there when it was asked for. */
  Size: z.nullish(z.looseObject({ rwSize: z.number() })),
});

/** Null when the text is not a list of containers. */
export const containerRows = (text: string): readonly ContainerRow[] | null => parsedRows(text)?.map(containerRow) ?? null;

/** Bytes in each container's own layer, by name, of what `ps --size` prints; null when the text is not such a list. */
export function containerSizes(text: string): ReadonlyMap<string, number> | null {
  const rows = parsedRows(text);
  if (rows === null || rows.some(({ Size }) => !Size)) return null;
  return new Map(rows.map(({ Names, Size }) => [Names[0]!, Size?.rwSize ?? 0]));
}

function parsedRows(text: string): readonly z.infer<typeof Row>[] | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text === '' ? '[]' : text);
  } catch {
    return null;
  }
  const rows = z.array(Row).safeParse(raw ?? []);
  return rows.success ? rows.data : null;
}

function containerRow(row: z.infer<typeof Row>): ContainerRow {
  const state = states[row.State.toLowerCase()] ?? 'dead';
  const ended = state === 'exited' || state === 'dead' || state === 'removing';
  return {
    id: row.Id,
    name: row.Names[0]!,
    state,
    imageId: row.ImageID,
    labels: row.Labels ?? {},
    startedAt: instantOf(row.StartedAt),
    exitCode: ended ? (row.ExitCode ?? null) : null,
    finishedAt: ended ? instantOf(row.ExitedAt) : null,
  };
}

/** Seconds since 1970; podman writes the year 1, a negative number, for "never". */
function instantOf(seconds: number | null | undefined): Date | null {
  return typeof seconds === 'number' && seconds > 0 ? new Date(seconds * 1000) : null;
}
