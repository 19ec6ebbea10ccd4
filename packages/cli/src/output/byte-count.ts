/** Bytes as people read them, by powers of 1024: `0 B`, `512 B`, `1.5 KiB`, `12 MiB`. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Three digits at most, and no more than are true. */
export function formatBytes(bytes: number): string {
  let amount = Math.max(0, bytes);
  let power = 0;
  while (amount >= 999.5 && power < units.length - 1) {
    amount /= 1024;
    power += 1;
  }
  const digits = power === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${Number(amount.toFixed(digits))} ${units[power] ?? 'B'}`;
}
