/** What a task's runs printed: the last as podman has it, earlier ones as they were captured when their container went. */
import { join } from 'node:path';
import { followedLog, labelNames, type ContainerRow, type LogFormat, type LogOptions, type OutputChunk } from '@terok/executor';
import type { TaskContext } from './task-context.ts';
import { projectErrors } from './errors.ts';
import { readableProject } from './projects/projects.ts';
import { rowOfLaunch, taskContainers } from './containers/live-containers.ts';
import { taskDirectory } from './containers/task-directory.ts';
import { redactedChunks, redactedTimedLines } from './secrets/redaction.ts';
import { knownSecrets } from './secrets/secrets.ts';
import { keptLog, keptLogBytes, lastLogName } from './tasks/kept-logs.ts';
import { isMapping } from './tasks/mapping.ts';
import { loadTaskMeta } from './tasks/meta.ts';
import { taskRuns, type TaskRun } from './tasks/runs.ts';

export type TaskLogOptions = Pick<LogOptions, 'follow' | 'tail' | 'signal'> & {
  /** Which of the task's runs, from 1 (see `TaskStatusReport.runs`); the last when left out. */
  readonly run?: number;
};

/**
 * Both streams as bytes, without secrets; of the last run followed through whatever breaks on the way. What was captured of a container
 * that is gone comes as one stream, `stdout`, and ends where it ends. Throws TASK_NEVER_RUN, TASK_RUN_UNKNOWN, LOG_GONE,
 * CONTAINERS_UNKNOWN.
 */
export async function* taskLogs(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { run, ...options }: TaskLogOptions = {},
): AsyncGenerator<OutputChunk> {
  const log = await logOf(ctx, { projectId, taskId }, run);
  const chunks = log.kind === 'container' ? containerLog(ctx, log.name, options) : keptChunks(ctx, log.path, options);
  yield* redactedChunks(chunks, await projectSecretValues(ctx, projectId));
}

function containerLog(ctx: TaskContext, name: string, { follow = false, ...options }: LogOptions): AsyncIterable<OutputChunk> {
  return follow ? followedLog(ctx, name, options) : ctx.runtime.logs(name, options);
}

async function* keptChunks(ctx: TaskContext, path: string, { tail, signal }: LogOptions): AsyncGenerator<OutputChunk> {
  for await (const bytes of keptLogBytes(ctx, path, tail === undefined ? {} : { tail })) {
    if (signal?.aborted === true) return;
    yield { stream: 'stdout', bytes };
  }
}

type Place = { readonly projectId: string; readonly taskId: string };
type Log = { readonly kind: 'container'; readonly name: string } | { readonly kind: 'kept'; readonly path: string };

async function logOf(ctx: TaskContext, { projectId, taskId }: Place, number: number | undefined): Promise<Log> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  const runs = taskRuns(record);
  const last = runs.at(-1);
  if (last === undefined) throw projectErrors.TASK_NEVER_RUN({ project: projectId, task: taskId });
  const run = wantedRun(runs, number);
  if (run === undefined) throw projectErrors.TASK_RUN_UNKNOWN({ project: projectId, task: taskId, run: number ?? 0, last: last.number });
  const rows = await taskContainers(ctx, projectId, taskId);
  if (rows === null && run === last) throw projectErrors.CONTAINERS_UNKNOWN({});
  const row = run === last ? rowOfLaunch(rows ?? [], record.launch_id) : containerOfRun(rows ?? [], run);
  if (row !== undefined) return { kind: 'container', name: row.name };

  const { logs } = taskDirectory(ctx, projectId, taskId);
  // What was captured last is that of the run before as long as a launch is under way.
  const captured = isMapping(record.before_launch) ? runs.at(-2) : last;
  const kept = new Map<number, string>();
  for (const each of runs) {
    const path = await keptLog(ctx, logs, each, { last: each === captured });
    if (path !== null) kept.set(each.number, path);
  }
  const path = kept.get(run.number);
  if (path === undefined) throw projectErrors.LOG_GONE({ project: projectId, task: taskId, run: run.number, kept: [...kept.keys()] });
  return { kind: 'kept', path };
}

/** One that could not be removed when the next was made. */
const containerOfRun = (rows: readonly ContainerRow[], { launchId }: TaskRun): ContainerRow | undefined =>
  launchId === null ? undefined : rowOfLaunch(rows, launchId);

const wantedRun = (runs: readonly TaskRun[], number: number | undefined): TaskRun | undefined =>
  number === undefined ? runs.at(-1) : runs.find((run) => run.number === number);

/** What kind of stream the agent of a run prints; `plain` for a task that is older than the question, and for a run that never was. */
export async function taskLogFormat(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  { run }: Pick<TaskLogOptions, 'run'> = {},
): Promise<LogFormat> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  return wantedRun(taskRuns(record), run)?.logFormat ?? 'plain';
}

/**
 * Writes what the task's container of this mode printed so far, with times and without secrets, to `logs/container.log` in the task's
 * folder and returns the path; null when there is no such container. An older capture is replaced only by a whole new one.
 */
export async function captureTaskLogs(
  ctx: TaskContext,
  project: { readonly id: string } | string,
  taskId: string,
  mode: string,
): Promise<string | null> {
  const projectId = typeof project === 'string' ? project : project.id;
  const rows = (await taskContainers(ctx, projectId, taskId)) ?? [];
  const row = rowOfLaunch(
    rows.filter(({ labels }) => labels[labelNames.mode] === mode),
    null,
  );
  return row === undefined ? null : captureLogsOf(ctx, projectId, taskId, row.name);
}

/** How long a whole log may take to be read by terok itself. */
export const logReadMaxMs = 10 * 60_000;

/** As `captureTaskLogs`, for the container of that name. */
export async function captureLogsOf(ctx: TaskContext, projectId: string, taskId: string, container: string): Promise<string> {
  const path = join(taskDirectory(ctx, projectId, taskId).logs, lastLogName);
  const values = await projectSecretValues(ctx, projectId);
  await ctx.files.replace(path, redactedTimedLines(ctx.runtime.logs(container, { timestamps: true, timeoutMs: logReadMaxMs }), values));
  return path;
}

/** The values that a log of this project is rid of: all that can be had now, whichever agents they are for; of one that cannot be read, those of config.yml. */
export async function projectSecretValues(ctx: TaskContext, projectId: string): Promise<readonly string[]> {
  const secrets = (await readableProject(ctx, projectId))?.secrets ?? ctx.config.secrets;
  return knownSecrets(ctx, secrets);
}
