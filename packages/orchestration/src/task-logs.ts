/** What a task's container printed, for as long as podman has it; and a capture of it, which is what an archive keeps. */
import { join } from 'node:path';
import { followedLog, labelNames, logFormats, type LogFormat, type LogOptions, type OutputChunk } from '@terok/executor';
import type { TaskContext } from './task-context.ts';
import { readableProject } from './projects/projects.ts';
import { rowOfLaunch, taskContainers } from './containers/live-containers.ts';
import { taskDirectory } from './containers/task-directory.ts';
import { redactedChunks, redactedTimedLines } from './secrets/redaction.ts';
import { knownSecrets } from './secrets/secrets.ts';
import { launchedContainer } from './tasks/launched-container.ts';
import { loadTaskMeta } from './tasks/meta.ts';

export type TaskLogOptions = Pick<LogOptions, 'follow' | 'tail' | 'signal'>;

/** Both streams as bytes, without secrets; followed through whatever breaks on the way. Throws TASK_NEVER_RUN, TASK_NO_CONTAINER, CONTAINERS_UNKNOWN. */
export async function* taskLogs(
  ctx: TaskContext,
  projectId: string,
  taskId: string,
  options: TaskLogOptions = {},
): AsyncGenerator<OutputChunk> {
  const row = await launchedContainer(ctx, projectId, taskId);
  const { follow = false, ...others } = options;
  const log = follow ? followedLog(ctx, row.name, others) : ctx.runtime.logs(row.name, others);
  yield* redactedChunks(log, await projectSecretValues(ctx, projectId));
}

/** What kind of stream the task's agent prints; `plain` for a task that is older than the question. */
export async function taskLogFormat(ctx: TaskContext, projectId: string, taskId: string): Promise<LogFormat> {
  const { record } = await loadTaskMeta(ctx, projectId, taskId);
  return logFormats.find((known) => known === record.log_format) ?? 'plain';
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
  const path = join(taskDirectory(ctx, projectId, taskId).logs, 'container.log');
  const values = await projectSecretValues(ctx, projectId);
  await ctx.files.replace(
    path,
    redactedTimedLines(bytesOf(ctx.runtime.logs(container, { timestamps: true, timeoutMs: logReadMaxMs })), values),
  );
  return path;
}

/** The values that a log of this project is rid of: all that can be had now, whichever agents they are for; of one that cannot be read, those of config.yml. */
export async function projectSecretValues(ctx: TaskContext, projectId: string): Promise<readonly string[]> {
  const secrets = (await readableProject(ctx, projectId))?.secrets ?? ctx.config.secrets;
  return knownSecrets(ctx, secrets);
}

async function* bytesOf(chunks: AsyncIterable<OutputChunk>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of chunks) yield bytes;
}
