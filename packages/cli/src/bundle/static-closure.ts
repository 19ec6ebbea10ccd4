/** Which modules a build loads at once. */
import type { RolldownOutput } from 'rolldown';

/** The modules of all chunks that are loaded when those which hold the given sources are, before anything in them asks for more. */
export function staticClosure({ output }: Pick<RolldownOutput, 'output'>, sources: readonly string[]): ReadonlySet<string> {
  const chunks = new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file] as const] : [])));
  const holds = (source: string) => [...chunks.values()].find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(source)));
  const waiting = sources.map((source) => {
    const chunk = holds(source);
    if (chunk === undefined) throw new Error(`no chunk holds ${source}`);
    return chunk.fileName;
  });
  const loaded = new Set<string>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (loaded.has(name)) continue;
    loaded.add(name);
    waiting.push(...(chunks.get(name)?.imports ?? []));
  }
  return new Set([...loaded].flatMap((name) => chunks.get(name)?.moduleIds ?? []));
}
