/** Looking into JSON of unknown shape: an answer of the wanted kind, or null. */

/** The value at the keys; undefined where the way ends. Only own properties count. */
export function valueAt(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inside, key) => (isObject(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined), value);
}

export function textAt(value: unknown, ...keys: readonly string[]): string | null {
  const found = valueAt(value, ...keys);
  return typeof found === 'string' ? found : null;
}

export function numberAt(value: unknown, ...keys: readonly string[]): number | null {
  const found = valueAt(value, ...keys);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

/** Empty where there is no list. */
export function listAt(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...keys);
  return Array.isArray(found) ? found : [];
}

/** What a tool was given, value by value; text as it is, anything else as JSON. */
export function inputOf(value: unknown): readonly (readonly [string, string])[] {
  return isObject(value) ? Object.entries(value).map(([name, each]) => [name, shown(each)] as const) : [];
}

export function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
