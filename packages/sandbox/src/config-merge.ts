/** One layer of configuration over another. Neither is changed. */

const inherit = '_inherit';
type Plain = Readonly<Record<string, unknown>>;

/**
 * Maps merge key by key; null deletes the key from below; scalars and lists replace. In a list, the word `_inherit` stands for the lower list's items; as a value
 * it keeps the lower value; a map that holds `_inherit: true` keeps the lower map and lays the rest over it, which maps do anyway.
 */
export function mergeLayers(lower: Plain, upper: Plain): Plain {
  const merged = new Map(Object.entries(settled(lower)));
  for (const [key, value] of Object.entries(upper)) {
    if (key === inherit && value === true) continue;
    const next = mergeValue(merged.get(key), value);
    if (next === undefined) merged.delete(key);
    else merged.set(key, next);
  }
  return Object.fromEntries(merged);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function mergeValue(lower: unknown, upper: unknown): unknown {
  if (upper === null || upper === undefined) return undefined;
  if (upper === inherit) return lower;
  if (isList(upper)) return upper.flatMap((item) => (item !== inherit ? [item] : isList(lower) ? lower : []));
  if (isPlain(upper)) return mergeLayers(isPlain(lower) ? lower : {}, upper);
  return upper;
}

/** A layer over nothing: its nulls and its `_inherit` words have nothing to act on. */
function settled(layer: Plain): Plain {
  const entries = Object.entries(layer)
    .filter(([key, value]) => key !== inherit || value !== true)
    .map(([key, value]) => [key, mergeValue(undefined, value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
