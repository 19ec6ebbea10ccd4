/** Spans of time as people write and read them: `45s`, `30m`, `1h30m`. */

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** Seconds from `90`, `45s`, `30m`, `1h30m` or `2d`; at least one second, at most a year; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(?:(\d{1,9})|(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?)$/.exec(text);
  if (match === null) return null;
  const [, plain, ...counts] = match;
  const seconds =
    plain === undefined ? units.reduce((total, [, unit], index) => total + Number(counts[index] ?? 0) * unit, 0) : Number(plain);
  return seconds >= 1 && seconds <= 365 * 86_400 ? seconds : null;
}

/** The two largest units that are not zero: `3d 4h`, `5m 12s`, `0s`. */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts = units.flatMap(([name, unit]) => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return [{ name, count }];
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first === -1) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count}${name}`)
    .join(' ');
}

/** `5m ago` to one unit; a moment ahead of the clock counts as now. */
export function formatAgo(then: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - then.getTime()) / 1000);
  if (seconds < 1) return 'now';
  return `${formatDuration(seconds).split(' ', 1)[0] ?? '0s'} ago`;
}
