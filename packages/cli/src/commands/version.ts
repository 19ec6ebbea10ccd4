import type { Invocation } from '../invocation.ts';
import type { VersionJson } from '../json/version-json.ts';
import { formatFacts } from '../output/facts.ts';
import { frontEndVersions } from '../versions/versions.ts';

export async function runVersion({ out }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const packages = frontEndVersions();
  if (json) return out.json({ version: packages['terok'] ?? null, packages } satisfies VersionJson);
  await out.text(formatFacts(Object.entries(packages), out.paint));
}
