/** The digest as a person reads it in the morning: what waits for them first, and what did not happen as plainly as what did. */
import type { Digest, DigestStep, DigestTask } from '@terok/lifecycle-daemon';
import { parseInstant, printable } from '@terok/sandbox';
import { formatBytes } from './byte-count.ts';
import type { Paint, Style } from './colour.ts';
import { formatDuration } from './duration.ts';
import { statusWord } from './status-cell.ts';

/** Every line ends with a line end. Whatever an agent or a project named is free of control characters. */
export function digestText(digest: Digest, { paint, now }: { readonly paint: Paint; readonly now: Date }): string {
  const { period, tasks, unmerged, steps, problems, bytes_reclaimed: bytes } = digest;
  const since = parseInstant(period.since);
  const ago = since === null ? '' : ` (${formatDuration((now.getTime() - since.getTime()) / 1000)})`;
  const lines = [
    paint('strong', `Since ${printable(period.since)}${ago}: ${counts(tasks.items, tasks.more)}`),
    ...tasks.items.map((task) => taskLine(task, paint)),
    ...more(tasks.more, 'tasks'),
    ...section(
      'Not fetched yet',
      unmerged.items.filter(({ branch }) => branch === null).map((work) => workLine(work, paint)),
    ),
    ...section(
      'Fetched, and not merged yet',
      unmerged.items.filter(({ branch }) => branch !== null).map((work) => workLine(work, paint)),
    ),
    ...more(unmerged.more, 'tasks'),
    ...section('Needs you', [...steps.flatMap(stepTrouble), ...problems.items.map(problemLine)].map(printable)),
    ...more(problems.more, 'findings'),
    ...(steps.length > 0 && steps.every(({ outcome }) => outcome === 'not_run')
      ? [`Nothing was tidied up: ${notRunWords.not_run}.`]
      : section('Did not run', notRun(steps))),
    ...(bytes > 0 ? [`Tidied up: ${formatBytes(bytes)} freed.`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function counts(tasks: readonly DigestTask[], hidden: number): string {
  const words = (['waiting', 'failed', 'finished', 'running'] as const).flatMap((outcome) => {
    const count = tasks.filter((task) => task.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  return words.length === 0 ? 'no task ran' : `${words.join(', ')}${hidden === 0 ? '' : `, ${hidden} more`}`;
}

const outcomeStyles: Readonly<Record<DigestTask['outcome'], Style>> = {
  waiting: 'attention',
  failed: 'bad',
  finished: 'good',
  running: 'active',
};

function taskLine(
  { project, task, name, outcome, status, exit_code: code, duration_sec: seconds, message }: DigestTask,
  paint: Paint,
): string {
  const how = [
    statusWord(status),
    ...(code === null || code === 0 ? [] : [`exit ${code}`]),
    ...(seconds === null ? [] : [formatDuration(seconds)]),
  ].join(', ');
  const said = message === null ? '' : `  ${paint('faint', printable(message))}`;
  return `  ${paint(outcomeStyles[outcome], outcome.padEnd(8))}  ${printable(`${project}/${task}  ${name}`)}  (${printable(how)})${said}`;
}

const workLine = ({ project, task, name, fix }: Digest['unmerged']['items'][number], paint: Paint): string =>
  `${printable(`${project}/${task}  ${name}`)}  ${paint('active', printable(fix))}`;

function stepTrouble({ step, outcome, error, until_ts: until, fix }: DigestStep): readonly string[] {
  if (outcome !== 'failed' && outcome !== 'quarantined') return [];
  const why = error === null ? '' : `: ${error}`;
  const held = outcome === 'quarantined' && until !== null ? `, not tried before ${until}` : '';
  return [`step ${step} failed${held}${why}${fix === null ? '' : `  ${fix}`}`];
}

const problemLine = ({ step, subject, problem, fix }: Digest['problems']['items'][number]): string =>
  `${subject}: ${problem}${fix === null ? '' : `  ${fix}`} (${step})`;

const notRunWords = {
  deferred: 'somebody came while it ran',
  not_registered: 'this daemon does not have it',
  not_run: 'nobody was away for long enough',
} as const;

function notRun(steps: readonly DigestStep[]): readonly string[] {
  return (['deferred', 'not_registered', 'not_run'] as const).flatMap((outcome) => {
    const names = steps.filter((step) => step.outcome === outcome).map(({ step }) => step);
    return names.length === 0 ? [] : [`${names.join(', ')}: ${notRunWords[outcome]}`];
  });
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${heading}:`, ...lines.map((line) => `  ${line}`)];
}

const more = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`  … and ${count} more ${what}`]);
