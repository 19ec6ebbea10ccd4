/** The images of this installation, as podman lists them by label, and who uses them. */
import { z } from '@terok/sandbox';
import { executorErrors } from '../errors.ts';
import { installationLabels, labelNames } from '../labels.ts';
import type { Podman } from '../podman/podman.ts';
import type { Runtime } from '../runtime.ts';

export type ImageContext = { readonly podman: Podman; readonly runtime: Pick<Runtime, 'containers'>; readonly installationId: string };

export type InstallationImage = {
  readonly id: string;
  /** Its names; a rebuild takes the name away from the image before. */
  readonly references: readonly string[];
  /** `bootstrap`, `L0`, `L1`, `L2`; null on an image that setup made to try the engine. */
  readonly layer: string | null;
  readonly contentHash: string | null;
  /** The reference of the base that it stands on; null on a base itself. */
  readonly base: string | null;
  /** The names of the agents in it. */
  readonly agents: readonly string[];
  readonly createdAt: Date;
  /** All of its layers, also those that other images have. */
  readonly sizeBytes: number;
  /** The names of this installation's containers made from it, in any state. */
  readonly containers: readonly string[];
};

/** One query for the images, one for the containers; an error when either fails, which is not "none". Newest first. */
export async function listImages({ podman, runtime, installationId }: ImageContext): Promise<readonly InstallationImage[]> {
  const own = installationLabels(installationId);
  const rows = imageRows(
    await podman.run([
      'images',
      '--all',
      '--no-trunc',
      ...Object.entries(own).map(([key, value]) => `--filter=label=${key}=${value}`),
      '--format=json',
    ]),
  );
  const containers = await runtime.containers(own);
  if (containers === null) throw executorErrors.PODMAN_UNREADABLE({ verb: 'ps', reason: 'which containers there are is not known' });
  return onePerImage(rows)
    .filter(({ Labels }) => Labels?.[labelNames.root] === installationId)
    .map((row) => ({
      id: bareId(row.Id),
      references: row.Names ?? [],
      layer: row.Labels?.[labelNames.layer] ?? null,
      contentHash: row.Labels?.[labelNames.content] ?? null,
      base: row.Labels?.[labelNames.base] ?? null,
      agents: (row.Labels?.[labelNames.agents] ?? '').split(',').filter((name) => name !== ''),
      createdAt: new Date(row.Created * 1000),
      sizeBytes: row.Size,
      containers: containers.filter(({ imageId }) => bareId(imageId) === bareId(row.Id)).map(({ name }) => name),
    }))
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
}

/** Seconds since 1970 is what podman 4 and 5 write as `Created`; an image without a name has none or null as `Names`. */
const Row = z.looseObject({
  Id: z.string(),
  Names: z.nullish(z.array(z.string())),
  Labels: z.nullish(z.record(z.string(), z.string())),
  Created: z.number(),
  Size: z.number(),
});
type Row = z.infer<typeof Row>;

/** podman prints an image with several names once for each, every time with all of them. */
const onePerImage = (rows: readonly Row[]): readonly Row[] => [...new Map(rows.map((row) => [row.Id, row])).values()];

function imageRows(text: string): readonly Row[] {
  return readJson('images', z.nullable(z.array(Row)), text) ?? [];
}

/** What podman printed as JSON, checked; an empty answer is `null`. */
export function readJson<T>(verb: string, schema: z.ZodMiniType<T>, text: string): T {
  let raw: unknown;
  try {
    raw = JSON.parse(text.trim() === '' ? 'null' : text);
  } catch {
    throw executorErrors.PODMAN_UNREADABLE({ verb, reason: 'it is not JSON' });
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw executorErrors.PODMAN_UNREADABLE({ verb, reason: z.prettifyError(parsed.error) });
  return parsed.data;
}

/** Some versions write the algorithm before the digits. */
export const bareId = (id: string): string => id.replace(/^sha256:/, '');
