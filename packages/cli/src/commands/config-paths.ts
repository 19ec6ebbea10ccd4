import { printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { configPathsJson } from '../json/config-paths-json.ts';
import { formatFacts } from '../output/facts.ts';

export async function runConfigPaths({ host, out }: Invocation, { json }: { readonly json?: boolean }): Promise<void> {
  const paths = configPathsJson((await host()).paths);
  if (json) return out.json(paths);
  await out.text(
    formatFacts(
      Object.entries(paths).map(([name, path]) => [name.replaceAll('_', ' '), path === null ? '(not set)' : printable(path)] as const),
      out.paint,
    ),
  );
}
