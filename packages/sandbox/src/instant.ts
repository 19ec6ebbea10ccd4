/** Moments in records. `Date.parse` is never used on them: it takes a missing offset for local time and rolls 30 February over. */

const grammar = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads `2026-05-02T15:00:00.123+02:00`: a date, `T` or one blank, hours, minutes and seconds, at most nine digits of a fraction (cut to milliseconds), and `Z`,
 * `±hh:mm`, `±hhmm` or nothing, which means UTC. Everything else, days that no calendar has and moments outside the years 1 to 9999 are null (timestamp decisions D-04, D-05, D-07).
 */
export function parseInstant(text: string): Date | null {
  const match = text.length <= 40 ? grammar.exec(text) : null;
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = [
    Number(match[1]),
    Number(match[2]),
    Number(match[3]),
    Number(match[4]),
    Number(match[5]),
    Number(match[6]),
  ];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) return null;
  const offset = offsetMinutes(match[8] ?? 'Z');
  if (offset === null) return null;

  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(hour, minute - offset, second, milliseconds);
  return instant.getTime() >= firstMs && instant.getTime() <= lastMs ? instant : null;
}

/** `2026-05-02T15:00:00.123+00:00`: always UTC, always three digits of a fraction, so that the texts sort as the moments do (decision D-06). */
export function formatInstant(instant: Date): string {
  const ms = instant.getTime();
  if (!(ms >= firstMs && ms <= lastMs)) throw new RangeError(`no moment of the years 1 to 9999: ${ms}`);
  return instant.toISOString().replace('Z', '+00:00');
}

const firstMs = -62_135_596_800_000; // 0001-01-01T00:00:00.000Z
const lastMs = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

function offsetMinutes(text: string): number | null {
  if (text === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > 23 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
