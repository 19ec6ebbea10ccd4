import { taskStatus, type HookRun, type TaskRun, type TaskStatusReport } from '@terok/orchestration';
import { formatInstant, parseInstant, printable } from '@terok/sandbox';
import type { Invocation } from '../invocation.ts';
import { taskStatusJson } from '../json/task-json.ts';
import { formatAgo, formatDuration } from '../output/duration.ts';
import { endText } from '../output/end-text.ts';
import { formatFacts, type Fact } from '../output/facts.ts';
import { statusCell } from '../output/status-cell.ts';
import type { Cell } from '../output/table.ts';
import { resolveTask } from '../addresses/resolve-task.ts';

export async function runTaskStatus(
  invocation: Invocation,
  { json }: { readonly json?: boolean },
  first?: string,
  second?: string,
): Promise<void> {
  const { out, note } = invocation;
  const { ctx, projectId, taskId } = await resolveTask(invocation, first, second);
  const report = await taskStatus(ctx, projectId, taskId);
  if (json) return out.json(taskStatusJson(report));
  await out.text(formatFacts(taskFacts(report, ctx.clock.now()), out.paint));
  for (const remark of report.notes) note.warn(remark);
}

function taskFacts(report: TaskStatusReport, now: Date): readonly Fact[] {
  const { task } = report;
  return [
    ['task', `${task.projectId}/${task.taskId}`],
    ['name', printable(task.name)],
    ['status', statusCell(task.status)],
    ['ended', report.ended === null ? 'not yet' : endText({ ended: report.ended, exitCode: task.exitCode })],
    ['agent', printable(task.agent ?? '(none yet)')],
    ['created', momentText(parseInstant(task.createdAt ?? ''), now)],
    ['started', momentText(report.startedAt, now)],
    ['finished', momentText(report.finishedAt, now)],
    ...report.runs
      .slice(0, -1)
      .slice(-earlierRunsMax)
      .map((run): Fact => [`run ${run.number}`, runText(run, now)]),
    ['container', report.containerName === null ? '(none)' : `${printable(report.containerName)} (${report.containerState ?? 'gone'})`],
    ['time limit', report.timeLimitSeconds === null ? 'none' : formatDuration(report.timeLimitSeconds)],
    ['relaxations', report.relaxations.length === 0 ? 'none' : report.relaxations.map(printable).join(', ')],
    ...report.hooks.map((run): Fact => [`hook ${run.hook}`, hookText(run)]),
    ['branch', printable(report.branch ?? "(the repository's default)")],
    ['base commit', report.baseCommit ?? '(not known yet)'],
    ['fetched', report.fetchedBranch === null ? 'not yet' : `into ${report.fetchedBranch}`],
    ['merged', report.merged === true ? 'yes' : report.merged === null && report.fetchedBranch !== null ? 'unknown' : 'no'],
  ];
}

/** What is older stands in `--json`. */
const earlierRunsMax = 10;

function runText({ ended, exitCode, finishedAt }: TaskRun, now: Date): string {
  const end = ended === null ? 'how it ended is not known' : endText({ ended, exitCode });
  return finishedAt === null ? end : `${end} (${formatAgo(finishedAt, now)})`;
}

function hookText({ startedAt, finishedAt, problem }: HookRun): Cell {
  const [began, done] = [parseInstant(startedAt ?? ''), parseInstant(finishedAt ?? '')];
  if (done === null) return { text: 'did not come to its end yet', style: 'attention' };
  const took = began === null ? '' : ` in ${formatDuration((done.getTime() - began.getTime()) / 1000)}`;
  return problem === null ? { text: `succeeded${took}`, style: 'good' } : { text: `failed${took}: ${problem}`, style: 'bad' };
}

function momentText(moment: Date | null, now: Date): string {
  return moment === null ? 'not yet' : `${formatInstant(moment)} (${formatAgo(moment, now)})`;
}
