/** Sizes as people write them in configuration: `512m`, `4 GiB`, `1024`. */

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes, by powers of 1024 as podman counts them. Null for a text that is no size. */
export function sizeBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text);
  return match === null ? null : Math.floor(Number(match[1]) * 1024 ** (powers[(match[2] ?? '').toLowerCase()] ?? 0));
}
