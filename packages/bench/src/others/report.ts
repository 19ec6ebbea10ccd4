/** What was measured, measure by measure, with every tool in it: a figure, or why there is none. */
import { aligned } from '../figure.ts';
import { quantile } from '../executor-series.ts';
import { measures, type AbsentTool, type Measure, type Tool } from './tool.ts';
import type { Taken } from './turns.ts';

/** A tool and what each of its parts took. */
export type Measured = { readonly tool: Tool; readonly taken: readonly Taken[] };

const saidMaxLength = 240;

/** Medians, and their ratios to those of the first tool. */
export function comparisonOf(measured: readonly Measured[], absent: readonly AbsentTool[]): string {
  const rows = (Object.keys(measures) as Measure[]).flatMap((measure) => {
    const base = measured[0] === undefined ? null : medianMs(measured[0], measure);
    return measured.map((one, index) => [index === 0 ? measures[measure] : '', one.tool.name, ...cells(one, measure, base)]);
  });
  return aligned([...rows, ...absent.map(({ name, said }) => ['', name, '—', '', shortened(said)])]);
}

/** How long, how much longer, and by what or why not. */
function cells(one: Measured, measure: Measure, base: number | null): readonly string[] {
  const way = one.tool.ways[measure];
  if ('none' in way) return ['—', '', way.none];
  const ms = medianMs(one, measure);
  if (ms !== null) return [`${ms.toFixed(1)} ms`, base === null ? '' : `${(ms / base).toFixed(2)} ×`, way.by];
  const failed = one.taken.find((taken) => taken.kind === 'failed');
  if (failed?.at === measure) return ['—', '', `${way.by}: ${shortened(failed.said)}`];
  return ['—', '', failed === undefined ? way.by : `not measured, for it failed at: ${measures[failed.at]}`];
}

function medianMs({ taken }: Measured, measure: Measure): number | null {
  const series = taken.flatMap((part) => (part.kind === 'measured' ? (part.ms[measure] ?? []) : []));
  return series.length === 0
    ? null
    : quantile(
        series.toSorted((a, b) => a - b),
        0.5,
      );
}

const shortened = (said: string): string => (said.length > saidMaxLength ? `${said.slice(0, saidMaxLength)}…` : said);
