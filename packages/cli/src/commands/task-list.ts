import { agentNamed, loadRoster } from '@terok/executor';
import { nearestName, parseInstant, printable } from '@terok/sandbox';
import { taskList, taskStatuses, type EffectiveStatus, type TaskContext, type TaskMeta } from '@terok/orchestration';
import { cliErrors } from '../errors.ts';
import { chosenProject } from '../dialog/choose-address.ts';
import type { Invocation } from '../invocation.ts';
import { taskListJson } from '../json/task-json.ts';
import { formatAgo } from '../output/duration.ts';
import { statusCell, statusWord } from '../output/status-cell.ts';
import type { Cell, Column } from '../output/table.ts';
import { withNearestProject } from '../addresses/nearest.ts';

export type TaskListFlags = {
  readonly status?: string;
  readonly mode?: 'cli' | 'run' | 'web' | 'toad';
  readonly agent?: string;
  readonly json?: boolean;
};

const columns: readonly Column[] = [
  { heading: 'TASK' },
  { heading: 'NAME', shrinksTo: 12 },
  { heading: 'STATUS' },
  { heading: 'EXIT', align: 'right' },
  { heading: 'AGENT', shrinksTo: 6 },
  { heading: 'CREATED' },
];

export async function runTaskList(invocation: Invocation, { json, status, ...others }: TaskListFlags, project?: string): Promise<void> {
  const { engine, out, note } = invocation;
  const filter = { ...others, ...(status === undefined ? {} : { status: knownStatus(status) }) };
  const projectId = await chosenProject(invocation, project);
  const ctx = await engine();
  const tasks = await withNearestProject(ctx, projectId, () => taskList(ctx, projectId, filter));
  if (tasks.length === 0 && others.agent !== undefined) await requireAgent(ctx, others.agent);
  if (json) return out.json(taskListJson(projectId, tasks));
  if (tasks.length === 0 && Object.values(filter).some((value) => value !== undefined)) return note.say('No task matches.');
  if (tasks.length === 0) return note.hint(`No tasks to show; start one with \`terok task run ${projectId} --prompt TEXT\`.`);

  const now = ctx.clock.now();
  await out.table({ columns, rows: tasks.map((task) => taskRow(task, now)) });
}

/** Tasks outlive the file of their agent, so that only a name that finds none is looked up. AGENT_UNKNOWN names the nearest. */
async function requireAgent(ctx: TaskContext, name: string): Promise<void> {
  const roster = await loadRoster(ctx);
  if (!roster.sources.has(name)) agentNamed(roster, name);
}

/** As `--json` or the table writes it. */
function knownStatus(typed: string): EffectiveStatus {
  const status = taskStatuses.find((known) => statusWord(known) === statusWord(typed));
  if (status === undefined)
    throw cliErrors.STATUS_UNKNOWN({ status: printable(typed), nearest: nearestName(typed, taskStatuses), known: taskStatuses });
  return status;
}

function taskRow(task: TaskMeta, now: Date): readonly Cell[] {
  const createdAt = parseInstant(task.createdAt ?? '');
  return [
    { text: task.taskId, style: 'strong' },
    printable(task.name),
    statusCell(task.status),
    task.exitCode === null ? '' : String(task.exitCode),
    printable(task.agent ?? ''),
    createdAt === null ? '' : formatAgo(createdAt, now),
  ];
}
