/** What an agent's last line tells about the whole of its work, in words. */

type Totals = {
  readonly turns?: number | null;
  readonly costUsd?: number | null;
  readonly durationMs?: number | null;
  readonly inputTokens?: number | null;
  readonly outputTokens?: number | null;
};

/** Only what is known. */
export function endFacts({
  turns = null,
  costUsd = null,
  durationMs = null,
  inputTokens = null,
  outputTokens = null,
}: Totals): readonly string[] {
  return [
    ...(turns === null ? [] : [turns === 1 ? '1 turn' : `${turns} turns`]),
    ...(durationMs === null ? [] : [`${(durationMs / 1000).toFixed(1)} s`]),
    ...(inputTokens === null || outputTokens === null ? [] : [`${inputTokens} tokens in, ${outputTokens} out`]),
    ...(costUsd === null ? [] : [`$${costUsd.toFixed(4)}`]),
  ];
}
