/** One line of the report. */
export type Figure = {
  readonly name: string;
  readonly against: string;
  readonly ms: number;
  readonly againstMs: number;
  /** Of both, where it is not milliseconds. */
  readonly unit?: string;
  /** What has to hold, in words and as a check. */
  readonly limit: string;
  readonly within: boolean;
};

export function reportOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, against, ms, againstMs, unit = 'ms', limit, within }) => [
    name,
    `${ms.toFixed(3)} ${unit}`,
    `${(ms / againstMs).toFixed(2)} × ${against} (${againstMs.toFixed(3)} ${unit})`,
    limit,
    within ? 'within' : 'BEYOND',
  ]);
  return aligned(rows);
}

/** Columns of their own width, whatever is in them. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
