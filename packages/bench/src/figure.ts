/** One line of the report. */
export type Figure = {
  readonly name: string;
  readonly against: string;
  readonly ms: number;
  readonly againstMs: number;
  /** What has to hold, in words and as a check. */
  readonly limit: string;
  readonly within: boolean;
};

export function reportOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, against, ms, againstMs, limit, within }) => [
    name,
    `${ms.toFixed(3)} ms`,
    `${(ms / againstMs).toFixed(2)} × ${against} (${againstMs.toFixed(3)} ms)`,
    limit,
    within ? 'within' : 'BEYOND',
  ]);
  const widths = ['', '', '', '', ''].map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
